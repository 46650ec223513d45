"""Starts the process that undoes a run if gameday is killed.

The watchdog holds the read end of a pipe. The kernel closes the other end when gameday's process ends, in any
way: that is the signal. gameday writes to the pipe what there is to undo, and at the end that nothing is.
"""

from __future__ import annotations

import os
import subprocess
import sys
import weakref
from contextlib import suppress
from pathlib import Path
from select import select
from types import TracebackType

import chaos
from chaos.adapters.stack.owner import process_start
from chaos.engine import EngineAddress
from chaos.errors import EnvironmentProblem, ToolProblem

_MODULE = "chaos.adapters.stack.watchdog_process"
_READY_SECONDS = 20.0
_END_SECONDS = 5.0


# A child that this process forks would keep the pipe open when this process is killed, and nothing would be
# undone until the child ends too.
_OF_THIS_PROCESS: weakref.WeakSet[Watchdog] = weakref.WeakSet()


def _close_in_child() -> None:
    for watchdog in tuple(_OF_THIS_PROCESS):
        watchdog.leave()


os.register_at_fork(after_in_child=_close_in_child)


class Watchdog:
    """Guards one gameday process. Start it before any part of a run. Blocks only briefly."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        _OF_THIS_PROCESS.add(self)

    @classmethod
    def start(cls, folder: Path, engine: EngineAddress, module: str = _MODULE) -> Watchdog:
        """Returns when it ignores SIGINT and SIGTERM. ``folder``: where its log goes if it has to act.

        ``engine``: where it then removes the runs that it guards. ``module``: its program, if that is to undo
        more than that.
        """
        home = str(
            Path(chaos.__file__).resolve().parents[1]
        )  # the same code, whatever is in the working folder
        environment = engine.environment(os.environ) | {
            "PYTHONPATH": os.pathsep.join([home, os.environ.get("PYTHONPATH", "")]).strip(":")
        }
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", module, str(folder.resolve())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=environment,
                start_new_session=True,  # a Ctrl-C of the terminal goes to our group, not to its
            )
        except OSError as error:
            raise EnvironmentProblem(f"the watchdog cannot be started: {error}") from error
        watchdog = cls(process)
        assert process.stdout is not None
        ready, _, _ = select([process.stdout], [], [], _READY_SECONDS)
        if not ready or process.stdout.readline() != b"ready\n":
            process.kill()
            process.wait()
            raise EnvironmentProblem("the watchdog did not start, and gameday injects no fault without it")
        return watchdog

    def guard_run(self, run_id: str) -> None:
        """From now on everything with this run's label is removed if this process is killed.

        Raises ``ToolProblem`` if the watchdog does not run.
        """
        self._say(f"run {run_id}")

    def forget_run(self, run_id: str) -> None:
        """Tells it that nothing of this run is left to remove."""
        self._say(f"forget {run_id}")

    def guard_process(self, pid: int) -> None:
        """From now on this process and its session are killed if gameday's process ends."""
        started = process_start(pid)
        if started is not None:
            self._say(f"process {pid} {started}")

    def guard_folder(self, folder: Path) -> None:
        """From now on this temporary folder of gameday is removed, after the runs, if this process is killed.
        ``folder``: absolute.
        """
        self._say(f"folder {folder}")

    def forget_folder(self, folder: Path) -> None:
        """Tells it that the folder was removed; a later folder with this name is not gameday's."""
        self._say(f"removed {folder}")

    def guard_undo(self, key: str, text: str) -> None:
        """From now on ``text`` describes what to undo if this process is killed. ``key``: one word."""
        self._say(f"undo {key} {text}")

    def forget_undo(self, key: str) -> None:
        """Tells it that this was undone."""
        self._say(f"undone {key}")

    def leave(self) -> None:
        """For a forked child: the watchdog is not its own, and it lets go of the pipe without a word."""
        pipe = self._process.stdin
        if pipe is not None and not pipe.closed:
            nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
            os.dup2(nowhere, pipe.fileno(), inheritable=False)  # whatever the child still says goes there
            os.close(nowhere)

    def done(self) -> None:
        """Everything is undone: the watchdog ends without a trace. Idempotent."""
        pipe = self._process.stdin
        if pipe is not None and not pipe.closed:
            with suppress(OSError):
                pipe.write(b"done\n")
                pipe.flush()
            with suppress(OSError):
                pipe.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Watchdog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.done()

    def _say(self, line: str) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        try:
            pipe.write(f"{line}\n".encode(errors="surrogateescape"))  # names of files may be no UTF-8
            pipe.flush()
        except (OSError, ValueError) as error:
            raise ToolProblem(
                "the watchdog does not run: if gameday were killed now, nothing would be undone"
            ) from error
