"""A reader who goes away in the middle (``gameday run ... | head``) changes neither work nor exit code."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path

import pytest

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


class FullDisk(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_message_that_cannot_be_written_changes_no_exit_code(tmp_path: Path) -> None:
    context = CommandContext(err=FullDisk(), env={}, cwd=tmp_path)
    assert main(["validate", "nothing.yaml"], context) == ExitCode.BAD_INPUT


def test_a_result_that_cannot_be_written_is_no_pass_and_no_failed_check(tmp_path: Path) -> None:
    err = io.StringIO()
    assert main(["kinds"], CommandContext(out=FullDisk(), err=err, env={}, cwd=tmp_path)) == ExitCode.HARNESS
    assert err.getvalue().startswith("gameday: standard output cannot be written: No space left on device\n")


def test_letters_that_a_terminal_lacks_are_escaped(tmp_path: Path) -> None:
    kept = io.BytesIO()
    with io.TextIOWrapper(kept, encoding="ascii") as out:
        CommandContext(out=out, env={}, cwd=tmp_path).say("5 s ± 1 s")
        assert kept.getvalue() == b"5 s \\xb1 1 s\n"


def test_a_working_folder_that_was_removed_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert main(["kinds"]) == ExitCode.HARNESS
    said = capsys.readouterr().err
    assert said.startswith("gameday: the working folder cannot be used: No such file or directory\n  fix: ")
