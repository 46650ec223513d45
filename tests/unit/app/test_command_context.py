"""A reader who goes away in the middle (``gameday run ... | head``) changes neither work nor exit code."""

from __future__ import annotations

import io
import os
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.cli import main
from chaos.errors import ExitCode


class ClosedPipe(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_a_closed_pipe_is_no_error() -> None:
    context = CommandContext(out=ClosedPipe(), err=ClosedPipe())
    context.say("a line")
    context.complain("another")


def test_a_closed_pipe_is_silenced_for_good(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", encoding="utf-8") as out:
        context = CommandContext(out=out)
        context.say("lost")
        context.say("lost as well")  # and closing the stream flushes without an error


def test_the_exit_code_is_that_of_the_work(tmp_path: Path) -> None:
    bad = tmp_path / "toy.yaml"
    bad.write_text("scenario: toy\n", encoding="utf-8")
    context = CommandContext(out=ClosedPipe(), err=ClosedPipe(), env={}, cwd=tmp_path)
    assert main(["validate", str(bad)], context) == ExitCode.BAD_INPUT
    assert main(["kinds"], context) == ExitCode.PASS
