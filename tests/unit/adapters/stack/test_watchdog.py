"""The watchdog as a real process, without an engine: it outlives signals, kills what was named, and leaves
on command.
"""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from chaos.adapters.stack.owner import process_start
from chaos.adapters.stack.watchdog import Watchdog
from chaos.adapters.stack.watchdog_process import (
    kill_processes,
    listen,
    members_of,
    remove_folders,
    undo,
)
from chaos.engine import EngineAddress
from chaos.errors import EnvironmentProblem, ToolProblem


def until(condition: Callable[[], bool]) -> None:
    for attempt in Retrying(
        retry=retry_if_exception_type(AssertionError),
        stop=stop_after_delay(15),
        wait=wait_fixed(0.02),
        reraise=True,
    ):
        with attempt:
            assert condition()


@pytest.fixture
def leader() -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own with one child in it."""
    code = (
        "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'input()'], stdin=0);"
        "print(1, flush=True); input()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"1\n"
    yield process
    for pid in members_of(process.pid, process_start(process.pid) or ""):
        os.kill(pid, signal.SIGKILL)
    process.communicate()


def die(watchdog: Watchdog) -> None:
    """What the kernel does when the harness is killed: our end of the pipe closes, without a word."""
    assert watchdog._process.stdin is not None
    watchdog._process.stdin.close()


def alive(watchdog: Watchdog) -> bool:
    return watchdog._process.poll() is None


def test_where_all_is_undone_it_leaves_without_a_trace(tmp_path: Path) -> None:
    watchdog = Watchdog.start(tmp_path, EngineAddress())
    watchdog.guard_run("abc123")
    watchdog.done()
    watchdog.done()
    assert not alive(watchdog)
    assert not (tmp_path / "watchdog.log").exists()


def test_it_is_deaf_to_what_a_terminal_sends(tmp_path: Path) -> None:
    with Watchdog.start(tmp_path, EngineAddress()) as watchdog:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(watchdog._process.pid, number)
        assert alive(watchdog)
        assert os.getsid(watchdog._process.pid) == watchdog._process.pid
        watchdog.guard_run("still-listening")


def test_when_we_die_the_named_processes_die_with_all_their_children(
    tmp_path: Path, leader: subprocess.Popen[bytes]
) -> None:
    watchdog = Watchdog.start(tmp_path, EngineAddress())
    watchdog.guard_process(leader.pid)
    members = members_of(leader.pid, process_start(leader.pid) or "")
    assert len(members) == 2
    die(watchdog)
    until(lambda: all(process_start(pid) is None for pid in members))
    until(lambda: not alive(watchdog))
    watchdog.done()
    assert "left: nothing" in (tmp_path / "watchdog.log").read_text()


def test_when_we_die_our_temporary_folder_goes_and_no_other(tmp_path: Path) -> None:
    ours, removed, owners = (tmp_path / name for name in ("gameday warm-1", "gameday-warm-2", "data"))
    for folder in (ours, removed, owners):
        (folder / "generated").mkdir(parents=True)
    said = [f"folder {ours}\n", f"folder {removed}\n", f"removed {removed}\n"]
    assert undo(listen(said)) == (True, "processes killed: none; runs removed: none; left: nothing")
    assert (ours.exists(), removed.exists(), owners.exists()) == (False, True, True), (
        "somebody else has a folder of the removed one's name by now"
    )


def test_half_a_path_and_a_link_remove_nothing(tmp_path: Path) -> None:
    folder, link = tmp_path / "data", tmp_path / "link"
    folder.mkdir()
    link.symlink_to(folder)
    assert listen([f"folder {folder}"]).folders == []
    assert remove_folders([link, tmp_path / "gone"]) == []
    assert folder.is_dir()


def test_children_die_even_if_their_leader_is_gone_already(leader: subprocess.Popen[bytes]) -> None:
    started = process_start(leader.pid) or ""
    (child,) = (pid for pid in members_of(leader.pid, started) if pid != leader.pid)
    os.kill(leader.pid, signal.SIGKILL)
    leader.wait()
    assert kill_processes({leader.pid: started}) == [child]


def test_another_process_that_got_the_same_id_is_spared(leader: subprocess.Popen[bytes]) -> None:
    assert kill_processes({leader.pid: "1"}) == []
    assert leader.poll() is None


def test_a_process_that_is_gone_needs_no_guard(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    with Watchdog.start(tmp_path, EngineAddress()) as watchdog:
        watchdog.guard_process(process.pid)


def test_without_a_watchdog_nothing_is_guarded_in_silence(tmp_path: Path) -> None:
    watchdog = Watchdog.start(tmp_path, EngineAddress())
    os.kill(watchdog._process.pid, signal.SIGKILL)
    watchdog._process.wait()
    with pytest.raises(ToolProblem, match="watchdog does not run"):
        watchdog.guard_run("abc123")
    watchdog.done()


def test_one_that_cannot_start_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(EnvironmentProblem, match="watchdog did not start"):
        Watchdog.start(tmp_path, EngineAddress())
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    with pytest.raises(EnvironmentProblem, match="cannot be started"):
        Watchdog.start(tmp_path, EngineAddress())


def test_what_it_hears() -> None:
    heard = listen(["run a\n", "run b\n", "run a\n", "process 12 345\n", "forget a\n", "proce"])
    assert (heard.runs, heard.processes, heard.done) == (["b"], {12: "345"}, False)
    assert listen(["run a\n", "done\n", "run b\n"]).runs == ["a"]


def test_what_it_says_is_what_the_process_hears(tmp_path: Path) -> None:
    pipe = io.BytesIO()
    watchdog = Watchdog(cast(Any, SimpleNamespace(stdin=pipe)))
    folder = tmp_path / "gameday warm"
    watchdog.guard_run("abc123")
    watchdog.guard_folder(folder)
    watchdog.guard_undo("fault-0", '{"kind": "lever"}')
    lines = pipe.getvalue().decode().splitlines(keepends=True)
    heard = listen(lines)
    assert (heard.runs, heard.folders, heard.undos) == (
        ["abc123"],
        [folder],
        {"fault-0": '{"kind": "lever"}'},
    )
    watchdog.forget_run("abc123")
    watchdog.forget_folder(folder)
    watchdog.forget_undo("fault-0")
    heard = listen(pipe.getvalue().decode().splitlines(keepends=True))
    assert (heard.runs, heard.folders, heard.undos) == ([], [], {})


def test_it_removes_on_the_engine_of_the_run_whatever_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "far")
    monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.1:2375")
    with Watchdog.start(tmp_path, EngineAddress("unix:///run/near.sock")) as watchdog:
        given = Path(f"/proc/{watchdog._process.pid}/environ").read_bytes().decode().split("\0")
    settings = [line for line in given if line.startswith("DOCKER_")]
    assert settings == ["DOCKER_HOST=unix:///run/near.sock"]


def test_further_undos_are_kept_until_they_are_done() -> None:
    heard = listen(['undo a {"x": "1 2"}\n', "undo b text\n", "undone b\n", "undone c\n", "undo d half"])
    assert heard.undos == {"a": '{"x": "1 2"}'}


def test_what_a_program_of_its_own_could_not_undo_is_left() -> None:
    guarded = listen(["undo a text\n"])
    assert undo(guarded, lambda undos: [f"{key}: {text}" for key, text in undos.items()]) == (
        False,
        "processes killed: none; runs removed: none; left: ['a: text']",
    )


def test_an_unexpected_error_of_such_a_program_is_noted_and_the_rest_is_done(tmp_path: Path) -> None:
    folder = tmp_path / "gameday-warm"
    folder.mkdir()
    guarded = listen(["undo a text\n", f"folder {folder}\n"])
    clean, outcome = undo(guarded, lambda undos: [undos["b"]])
    assert (clean, folder.exists()) == (False, False)
    assert "left: [\"unknown: KeyError: 'b'\"]" in outcome


@pytest.mark.parametrize("name", [b"gameday-\xc3\xbc", b"gameday-\xff"])
def test_it_understands_the_names_of_folders_in_any_locale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: bytes
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    folder = tmp_path / os.fsdecode(name)
    folder.mkdir()
    watchdog = Watchdog.start(tmp_path, EngineAddress())
    watchdog.guard_folder(folder)
    die(watchdog)
    watchdog._process.wait(15)
    assert not folder.exists()
    watchdog.done()


FORKS = """
import os, sys
from pathlib import Path
from chaos.adapters.stack.watchdog import Watchdog
from chaos.engine import EngineAddress

watchdog = Watchdog.start(Path(sys.argv[1]), EngineAddress())
watchdog.guard_folder(Path(sys.argv[2]))
if os.fork() == 0:
    sys.stdin.read()  # as a server that a test forks: it outlives its parent
    os._exit(0)
os._exit(9)
"""


def test_a_forked_child_that_outlives_us_does_not_keep_the_watchdog_waiting(tmp_path: Path) -> None:
    folder = tmp_path / "gameday-warm"
    folder.mkdir()
    words = [sys.executable, "-c", FORKS, str(tmp_path), str(folder)]
    with subprocess.Popen(words, stdin=subprocess.PIPE) as process:  # at its end the child ends
        process.wait(30)
        until(lambda: not folder.exists())
    until(lambda: "left: nothing" in (tmp_path / "watchdog.log").read_text())
