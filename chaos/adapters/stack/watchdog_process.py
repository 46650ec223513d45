"""The watchdog itself: ``python -m chaos.adapters.stack.watchdog_process FOLDER`` (see ``watchdog``).

Reads lines from standard input: ``run ID``, ``forget ID``, ``process PID START``, ``folder PATH``,
``removed PATH``, ``undo KEY TEXT``, ``undone KEY``, ``done``. At the end of the input without ``done`` the
gameday was killed: it ends the named processes, removes everything with the label of the named runs, and then
the named folders. What ``undo`` means is known to a program that passes ``main`` how it is done.
"""

from __future__ import annotations

import io
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from chaos.adapters.stack.owner import process_start
from chaos.engine import resolve_engine
from chaos.errors import GamedayError

# Removing fault and stack takes a few seconds (promised: 20). An engine that hangs gets more time, because
# nothing else would try again.
PATIENCE_SECONDS = 120.0


@dataclass
class WatchdogState:
    """What gameday has reported so far. ``processes``: id -> what distinguishes it from a later process.
    ``folders``: temporary folders of its own. ``undos``: what else is to be undone, in the order in which it
    was announced.
    """

    runs: list[str] = field(default_factory=list)
    processes: dict[int, str] = field(default_factory=dict)
    folders: list[Path] = field(default_factory=list)
    undos: dict[str, str] = field(default_factory=dict)
    done: bool = False

    def hear(self, line: str) -> None:
        """Take in one line; an unreadable one, or half of one (the harness died in the middle of it), says
        nothing: half of a path may name another folder.
        """
        if not line.endswith("\n"):
            return
        match line.split(maxsplit=2):
            case ["undo", key, text]:
                self.undos[key] = text.rstrip("\n")
            case ["undone", key]:
                self.undos.pop(key, None)
        match line.split(maxsplit=1):
            case ["folder", path]:
                self.folders.append(Path(path.rstrip("\n")))
            case ["removed", path] if (folder := Path(path.rstrip("\n"))) in self.folders:
                self.folders.remove(folder)
        match line.split():
            case ["run", run_id] if run_id not in self.runs:
                self.runs.append(run_id)
            case ["forget", run_id] if run_id in self.runs:
                self.runs.remove(run_id)
            case ["process", pid, started] if pid.isdigit():
                self.processes[int(pid)] = started
            case ["done"]:
                self.done = True


def listen(lines: Iterable[str]) -> WatchdogState:
    """Everything that was reported until ``done`` or the end."""
    guarded = WatchdogState()
    for line in lines:
        guarded.hear(line)
        if guarded.done:
            break
    return guarded


def members_of(leader: int, started: str) -> list[int]:
    """The living processes of the session that ``leader`` founded, it included.

    Empty if another process has that id by now. If the leader is gone the session's remaining members still
    carry its id, and the kernel gives that id to no other process while they do.
    """
    now = process_start(leader)
    if now is not None and now != started:
        return []
    members = []
    for pid in psutil.pids():
        with suppress(OSError):
            if os.getsid(pid) == leader:
                members.append(pid)
    return members


def kill_processes(processes: dict[int, str]) -> list[int]:
    """Kill the sessions of these leaders; returns the killed ids. Never kills its own process."""
    killed = []
    for leader, started in processes.items():
        for pid in members_of(leader, started):
            if pid != os.getpid():
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
    return killed


AlsoUndo = Callable[[Mapping[str, str]], list[str]]
"""Undoes what ``undo`` lines announced; returns what is left."""


def undo(guarded: WatchdogState, also: AlsoUndo | None = None) -> tuple[bool, str]:
    """End the processes and remove the runs. Returns whether nothing is left, and a line on what was done."""
    killed = kill_processes(guarded.processes)
    left: list[str] = []
    if also is not None and guarded.undos:
        left += _tried(lambda: also(guarded.undos))
    if guarded.runs:
        left += _tried(lambda: _remove(guarded.runs, time.monotonic() + PATIENCE_SECONDS))
    left += remove_folders(guarded.folders)  # after the containers that mount their files
    done = f"processes killed: {killed or 'none'}; runs removed: {guarded.runs or 'none'}"
    return not left, f"{done}; left: {left or 'nothing'}"


def _tried(step: Callable[[], list[str]]) -> list[str]:
    """What is left after it. Whatever breaks it must not keep the other steps from being done and noted."""
    try:
        return step()
    except GamedayError as error:
        return [f"unknown: {error}"]
    except Exception as error:
        return [f"unknown: {type(error).__name__}: {error}"]


def remove_folders(folders: Iterable[Path]) -> list[str]:
    """Names of what is left of them. It does not remove a name that is now a symbolic link."""
    left = []
    for folder in folders:
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)
            if folder.exists():
                left.append(str(folder))
    return left


def _remove(runs: Iterable[str], deadline: float) -> list[str]:
    """Names of what is left. Retries an engine that does not answer until the deadline."""
    from chaos.adapters.engine_connection import connect  # heavy: the start of a run must not wait for it
    from chaos.adapters.stack.sweep import UNSETTLED_PAUSE, UNSETTLED_ROUNDS, remove_run

    def once() -> list[str]:
        client = connect(resolve_engine(os.environ), timeout=10)  # the parent process set and checked it
        left: list[str] = []
        for run_id in runs:
            within = max(0.0, deadline - time.monotonic())
            left += remove_run(client, run_id, within, UNSETTLED_ROUNDS, UNSETTLED_PAUSE).names()
        return left

    patient = Retrying(
        retry=retry_if_exception_type(GamedayError),
        stop=stop_after_delay(PATIENCE_SECONDS),
        wait=wait_fixed(0.5),
        reraise=True,
    )
    return patient(once)


def _note(folder: Path, line: str) -> None:
    with suppress(OSError), (folder / "watchdog.log").open("a", encoding="utf-8") as log:
        log.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {line}\n")


def main(arguments: list[str], also: AlsoUndo | None = None) -> int:
    """Read until the end, then undo what is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    # As ``Watchdog`` writes it, whatever the locale is.
    guarded = listen(io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="surrogateescape"))
    if guarded.done:
        return 0
    folder = Path(arguments[0])
    _note(folder, "gameday was killed: undoing what it left")
    clean, outcome = undo(guarded, also)
    _note(folder, outcome)
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
