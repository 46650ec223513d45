"""Every error that gameday shows to the user, and the exit code of each.

    GamedayError                      shown to the user in one line, never as a traceback
    +-- BadInput               (4)    a file or an argument is wrong; carries every problem found
    +-- EnvironmentProblem     (3)    engine, disk, port, memory: the machine is not ready
    +-- StackProblem           (3)    the system under test did not start, or went away
    +-- ToolProblem            (3)    Docker, Toxiproxy, Prometheus, Locust answered with an error
    +-- RecordingProblem       (3)    a run folder is not what this gameday wrote
    |   +-- DamagedRecording   (4)    a stored folder that the user named cannot be read
    +-- UndoFailed             (5)    a fault is still in place, or something was left behind
    +-- Interrupted          (130)    the user or the system asked to stop

chaos/adapters, chaos/setup and chaos/scenario translate the exceptions of libraries into these. Where a
library does not document everything that it raises, they use ``foreign_errors``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of the process; ``gameday --help`` prints them."""

    PASS = 0
    FAIL = 1
    INCONCLUSIVE = 2  # also a run that a guardrail aborted
    HARNESS = 3  # harness, machine or stack error: the run says nothing about the system
    BAD_INPUT = 4
    LEFT_DIRTY = 5
    INTERRUPTED = 130


# Something left behind counts most, then what stopped the run, then the verdict.
_WORST_FIRST = (
    ExitCode.LEFT_DIRTY,
    ExitCode.INTERRUPTED,
    ExitCode.BAD_INPUT,
    ExitCode.HARNESS,
    ExitCode.FAIL,
    ExitCode.INCONCLUSIVE,
    ExitCode.PASS,
)


def worst_exit(codes: Iterable[ExitCode]) -> ExitCode:
    """The exit code of several results together. Without a result ``HARNESS``: nothing was tested."""
    return min(codes, key=_WORST_FIRST.index, default=ExitCode.HARNESS)


EXIT_CODE_MEANING: dict[ExitCode, str] = {
    ExitCode.PASS: "every check passed",
    ExitCode.FAIL: "at least one check failed",
    ExitCode.INCONCLUSIVE: "inconclusive: data is missing, or the run was aborted",
    ExitCode.HARNESS: "the harness, the machine or the stack broke",
    ExitCode.BAD_INPUT: "a scenario or an argument is wrong; nothing was started",
    ExitCode.LEFT_DIRTY: "an undo failed: something was left behind (gameday clean)",
    ExitCode.INTERRUPTED: "interrupted; everything was undone",
}


_NO_PLACE = 0  # sorts before every line of the same file
A_DEFECT = "this is a defect of gameday itself, not of your stack or scenario"


class GamedayError(Exception):
    """Base of all errors that are shown to the user as they are."""

    exit_code: ExitCode = ExitCode.HARNESS


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong at one place of a file. Lines and columns count from 1.

    Use ``about`` for a problem without a line and a column.
    """

    file: str
    line: int
    column: int
    message: str  # what is wrong, what was expected
    fix: str = ""  # what to do about it

    @classmethod
    def about(cls, subject: str, message: str, fix: str = "") -> Problem:
        """A problem of a whole file, of an argument, or of something else that ``subject`` names."""
        return cls(subject, _NO_PLACE, _NO_PLACE, message, fix)

    @classmethod
    def existing_file(cls, path: str) -> Problem:
        """The problem of a command that was to write ``path``, where a file already exists."""
        fix = "gameday never overwrites a file: move it, or choose another name"
        return cls.about(path, "this file already exists", fix)

    @property
    def placed(self) -> bool:
        """Whether it has a line and a column."""
        return self.line != _NO_PLACE

    def __str__(self) -> str:
        place = self.file if not self.placed else f"{self.file}:{self.line}:{self.column}"
        return f"{place}: {self.message}" + (f" ({self.fix})" if self.fix else "")


class BadInput(GamedayError):
    """A file or an argument is wrong. ``problems`` holds every problem, sorted by file, line and column."""

    exit_code = ExitCode.BAD_INPUT

    def __init__(self, problems: Iterable[Problem] | str) -> None:
        if isinstance(problems, str):
            problems = [Problem.about("gameday", problems)]
        self.problems: tuple[Problem, ...] = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class EnvironmentProblem(GamedayError):
    """The machine is not ready; ``fix`` is one line that says what to do."""

    def __init__(self, message: str, fix: str = "") -> None:
        self.fix = fix
        super().__init__(message + (f"\n  fix: {fix}" if fix else ""))


class StackProblem(GamedayError):
    """The system under test did not start or went away, and gameday did not cause that."""


class ToolProblem(GamedayError):
    """A tool that gameday drives answered with an error, or did not answer."""


class RecordingProblem(GamedayError):
    """A run folder is missing, damaged or of an unknown schema version."""


class DamagedRecording(RecordingProblem):
    """A stored folder that the user named is damaged or of an unknown schema version.

    If this process wrote the folder itself, use ``RecordingProblem`` (exit code 3): the input was not wrong.
    """

    exit_code = ExitCode.BAD_INPUT


class UndoFailed(GamedayError):
    """A fault could not be removed, or a container, network, volume or process is still there."""

    exit_code = ExitCode.LEFT_DIRTY


class Interrupted(GamedayError):
    """SIGINT or SIGTERM; everything was undone before this was raised."""

    exit_code = ExitCode.INTERRUPTED


@contextmanager
def foreign_errors(doing: str, passing: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Turns what a library raises inside into ``ToolProblem``. gameday's own errors and cancellation pass.

    Use it around calls into libraries only. None of them documents everything that it raises (the Docker SDK
    raised ``ValueError`` and ``KeyError`` for an unexpected answer), and a traceback must not end a run.
    ``doing`` begins the message: "the engine could not list the containers". ``passing``: exceptions that the
    caller translates itself.
    """
    kept: tuple[type[Exception], ...] = (GamedayError, *passing)
    try:
        yield
    except kept:
        raise
    except Exception as error:
        raise ToolProblem(f"{doing}: {describe_error(error)}") from error


def describe_error(error: BaseException) -> str:
    """The text of an exception, with its type if the text alone would not make sense."""
    explanation = getattr(error, "explanation", None)  # of the Docker SDK: the engine's own words
    text = str(explanation or error).strip()
    bare = not text or isinstance(error, (LookupError, TypeError, AttributeError, ValueError))
    return f"{type(error).__name__}: {text}".rstrip(": ") if bare else text
