"""Files and folders that this user may not use: one clear error, no traceback, nothing half written."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chaos.app import verbs
from chaos.errors import ExitCode
from chaos.evidence import Reason, Seal, seal, started_as
from chaos.history import FILE_NAME, open_history
from tests.command_desk import Desk
from tests.corpus.archive import unpack
from tests.ordinary_user import closed, ordinary_user
from tests.past_runs import a_run
from tests.stored_days import NAME, keep_day, played

COUNTER = Path(__file__).parents[3] / "examples" / "counter"
NO_REPORTS = shutil.ignore_patterns("reports")  # of runs of the example in this checkout


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    yield Desk(tmp_path)
    for path in (tmp_path, *tmp_path.rglob("*")):
        if path.is_dir():
            closed(path, 0o755)  # so that pytest can remove it


def refused(desk: Desk, *words: str) -> int:
    """The exit code for an ordinary user, after one error without a traceback, and nothing else."""
    before = desk.names()
    with ordinary_user():
        code = desk.type(*words)
    for path in desk.folder.rglob("*"):
        if path.is_dir():
            closed(path, 0o755)
    assert "Traceback" not in desk.said
    assert "Permission denied" in desk.said
    assert "Errno" not in desk.said
    assert len([line for line in desk.said.splitlines() if not line.startswith("  ")]) <= 2
    after = [name for name in desk.names() if name in before or "/." not in name]
    assert after == before
    return code


@pytest.mark.parametrize("verb", ["judge", "report", "post-mortem", "export"])
def test_a_run_in_a_folder_that_may_not_be_searched_is_not_judged(desk: Desk, verb: str) -> None:
    run = unpack("guardrail", desk.folder / "reports")
    more = ("--format", "csv") if verb == "export" else ()
    closed(run.parent)
    assert refused(desk, verb, "reports/guardrail", *more) in (ExitCode.INCONCLUSIVE, ExitCode.HARNESS)


def test_a_seal_that_may_not_be_looked_at_is_unknown(desk: Desk) -> None:
    unpack("guardrail", desk.folder / "reports")
    closed(desk.folder / "reports")
    with ordinary_user():
        assert desk.type("verify", "reports/guardrail") == ExitCode.INCONCLUSIVE
    assert "unreadable: manifest.json: Permission denied" in desk.out.getvalue()


@pytest.mark.parametrize(
    "words",
    [
        ("history",),
        ("gate",),
        ("findings",),
        ("programme",),
        ("review",),
        ("incidents",),
        ("on-call", "on-call.yaml", "--hand-over"),
        ("coverage", "scenarios"),
    ],
)
def test_what_was_kept_where_this_user_may_not_look_is_not_nothing(
    desk: Desk, words: tuple[str, ...]
) -> None:
    with open_history(desk.folder / "reports" / FILE_NAME) as history:
        history.keep([a_run(0)])
    shutil.copytree(COUNTER, desk.folder, ignore=NO_REPORTS, dirs_exist_ok=True)
    shutil.copy(COUNTER.parents[1] / "fixtures" / "on-call.yaml", desk.folder)
    closed(desk.folder / "reports")
    assert refused(desk, *words) in (ExitCode.HARNESS, ExitCode.BAD_INPUT)


@pytest.mark.parametrize("part", ["reports/gamedays", f"reports/gamedays/{NAME}"])
def test_a_game_day_that_may_not_be_read_is_named(desk: Desk, part: str) -> None:
    keep_day(desk.folder / "reports", played())
    closed(desk.folder / part)
    with ordinary_user():
        desk.type("programme")
    assert f"{NAME}" in desk.said or "reports/gamedays: cannot be listed: Permission denied" in desk.said
    assert "Permission denied" in desk.said


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("review", "--post-mortems", "books"), "books"),
        (("post-mortem", "guardrail", "--into", "books"), "books"),
        (("validate", "scenarios"), "scenarios"),
        (("validate", "scenarios/redis-down.yaml"), "scenarios"),
        (("init", "docker-compose.yml", "--into", "new"), "docker-compose.yml"),
    ],
)
def test_an_input_that_may_not_be_read_is_four_and_says_so(
    desk: Desk, words: tuple[str, ...], part: str
) -> None:
    shutil.copytree(COUNTER, desk.folder, ignore=NO_REPORTS, dirs_exist_ok=True)
    unpack("guardrail", desk.folder)
    (desk.folder / "books").mkdir()
    (desk.folder / "reports").mkdir()
    closed(desk.folder / part)
    assert refused(desk, *words) == ExitCode.BAD_INPUT


def test_one_run_that_may_not_be_read_does_not_stop_the_others_of_a_history(desk: Desk) -> None:
    for name in ("guardrail", "no-effect"):
        run = unpack(name, desk.folder / "reports")
        desk.type("judge", str(run))
        run_id = started_as(run)
        run = run.rename(run.with_name(f"{name}-{run_id}"))
        seal(run, Seal("0.1.0", 0.0, None), Reason.RUN)
        if name == "guardrail":
            closed(run)
    with ordinary_user():
        desk.type("history", "--rebuild")
    assert "history rebuilt: 1 runs" in desk.out.getvalue()
    assert "left out: guardrail" in desk.out.getvalue()


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As on a disk that is full: a longer file cannot be written."""
    had = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, had[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, had)
        signal.signal(signal.SIGXFSZ, heard)


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (("pack", "scenarios/redis-down.yaml", "--into", "new"), []),
        (("pack", "gameday.yaml", "--into", "new"), ["new"]),
        (("init", "docker-compose.yml", "--all", "--into", "new"), ["new", "new/scenarios"]),
    ],
)
def test_a_disk_that_fills_up_leaves_no_file_in_the_way_of_the_next_attempt(
    desk: Desk, words: tuple[str, ...], left: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(COUNTER, desk.folder, ignore=NO_REPORTS, dirs_exist_ok=True)
    before = desk.names()
    sound = os.fsync
    files = iter(range(10))

    def full(handle: int) -> None:
        if stat.S_ISREG(os.fstat(handle).st_mode) and next(files) == 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sound(handle)

    monkeypatch.setattr(os, "fsync", full)
    assert desk.type(*words) == ExitCode.HARNESS
    assert "No space left on device" in desk.said
    assert [name for name in desk.names() if name not in before] == left
    assert desk.type(*words) == ExitCode.PASS


def test_a_folder_that_may_not_be_written_gets_no_half_of_a_draft(desk: Desk) -> None:
    shutil.copytree(COUNTER, desk.folder, ignore=NO_REPORTS, dirs_exist_ok=True)
    (desk.folder / "new" / "scenarios").mkdir(parents=True)
    closed(desk.folder / "new" / "scenarios", 0o555)
    assert refused(desk, "init", "docker-compose.yml", "--into", "new") == ExitCode.HARNESS


def test_a_disk_without_space_is_named_as_what_stopped_a_finding(desk: Desk) -> None:
    assert desk.type("findings", "--add", "one", "--scenario", "redis-down") == ExitCode.PASS
    with files_of_at_most(100):
        assert desk.type("findings", "--add", "two", "--scenario", "redis-down") == ExitCode.HARNESS
    assert "disk I/O error" in desk.said
    assert "fix: check that its folder is writable and has space\n" in desk.said
    assert desk.type("findings", "--add", "three", "--scenario", "redis-down") == ExitCode.PASS
    assert desk.type("findings", "--json") == ExitCode.PASS
    assert "two" not in desk.out.getvalue()


def test_what_the_machine_refuses_anywhere_is_no_defect_of_gameday(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "some/file")

    monkeypatch.setattr(verbs, "kinds", refuse)
    assert desk.type("kinds") == ExitCode.HARNESS
    assert desk.said.startswith("gameday: some/file: Permission denied\n  fix: ")
    assert "Traceback" not in desk.said
