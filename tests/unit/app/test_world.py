"""A reader who goes away in the middle (``gameday run ... | head``) changes neither work nor exit code."""

from __future__ import annotations

import io
import os
from pathlib import Path

from chaos.app.world import World
from chaos.cli import main
from chaos.errors import ExitCode


class NobodyReads(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_saying_goes_on_without_a_listener() -> None:
    world = World(out=NobodyReads(), err=NobodyReads())
    world.say("a line")
    world.complain("another")


def test_a_closed_pipe_is_silenced_for_good(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", encoding="utf-8") as out:
        world = World(out=out)
        world.say("nobody hears it")
        world.say("nor that")  # and closing the stream flushes without an error


def test_the_exit_code_is_that_of_the_work(tmp_path: Path) -> None:
    bad = tmp_path / "toy.yaml"
    bad.write_text("scenario: toy\n", encoding="utf-8")
    world = World(out=NobodyReads(), err=NobodyReads(), env={}, cwd=tmp_path)
    assert main(["validate", str(bad)], world) == ExitCode.BAD_INPUT
    assert main(["kinds"], world) == ExitCode.PASS
