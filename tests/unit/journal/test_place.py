"""A run folder or a journal that is deleted, moved, replaced or changed while gameday writes to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from chaos.errors import EnvironmentProblem
from chaos.journal import JournalWriter, RunFolder, RunPlace, create_run_folder
from chaos.timeline.events import RunStarted

STARTED = RunStarted(at=100.0, mono=1.0, run_id="abc123")


def deleted(run: Path) -> None:
    shutil.rmtree(run)


def made_anew(run: Path) -> None:
    shutil.rmtree(run)
    run.mkdir()
    (run / "journal.jsonl").touch()


def replaced_by_a_copy(run: Path) -> None:
    shutil.copytree(run, run.with_name("copy"))
    shutil.rmtree(run)
    run.with_name("copy").rename(run)


def replaced_by_a_file(run: Path) -> None:
    shutil.rmtree(run)
    run.write_text("")


def moved_behind_a_link(run: Path) -> None:
    run.rename(run.with_name("moved"))
    run.symlink_to(run.with_name("moved"))


def reports_deleted(run: Path) -> None:
    shutil.rmtree(run.parent)


def reports_moved_behind_a_link(run: Path) -> None:
    run.parent.rename(run.parent.with_name("moved"))
    run.parent.symlink_to(run.parent.with_name("moved"))


FOLDER_IS_GONE = (
    deleted,
    made_anew,
    replaced_by_a_copy,
    replaced_by_a_file,
    moved_behind_a_link,
    reports_deleted,
    reports_moved_behind_a_link,
)


def journal_deleted(run: Path) -> None:
    (run / "journal.jsonl").unlink()


def journal_replaced_by_a_copy(run: Path) -> None:
    shutil.copy(run / "journal.jsonl", run / "copy")
    (run / "copy").rename(run / "journal.jsonl")


def journal_behind_a_link(run: Path) -> None:
    (run / "journal.jsonl").rename(run / "moved")
    (run / "journal.jsonl").symlink_to(run / "moved")


def journal_emptied(run: Path) -> None:
    (run / "journal.jsonl").write_bytes(b"")


def journal_written_by_somebody_else(run: Path) -> None:
    with (run / "journal.jsonl").open("ab") as stream:
        stream.write(b"{}\n")


JOURNAL_IS_WRONG = (
    journal_deleted,
    journal_replaced_by_a_copy,
    journal_behind_a_link,
    journal_emptied,
    journal_written_by_somebody_else,
)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return create_run_folder(tmp_path / "reports", "toy", needed=0)


@pytest.mark.parametrize("happens", [*FOLDER_IS_GONE, *JOURNAL_IS_WRONG])
def test_the_next_line_of_the_journal_is_an_error(run: RunFolder, happens: Callable[[Path], None]) -> None:
    with closing(JournalWriter(run.journal)) as journal:
        journal.write(STARTED)
        happens(run.path)
        with pytest.raises(EnvironmentProblem, match="during a run"):
            journal.write(STARTED)


@pytest.mark.parametrize("happens", FOLDER_IS_GONE)
def test_a_run_folder_is_known_not_to_be_the_one_that_was_made(
    run: RunFolder, happens: Callable[[Path], None]
) -> None:
    with RunPlace(run.path) as place:
        place.check()
        happens(run.path)
        with pytest.raises(EnvironmentProblem, match="is no longer reliable"):
            place.check()


def test_reports_behind_a_link_from_the_start_are_fine(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "reports").symlink_to(tmp_path / "disk")
    run = create_run_folder(tmp_path / "reports", "toy", needed=0)
    with closing(JournalWriter(run.journal)) as journal:
        journal.write(STARTED)
        journal.check()
        (tmp_path / "reports").unlink()
        (tmp_path / "other").mkdir()
        (tmp_path / "reports").symlink_to(tmp_path / "other")
        with pytest.raises(EnvironmentProblem, match="something else replaced it"):
            journal.check()


@pytest.mark.parametrize("happens", [*FOLDER_IS_GONE, *JOURNAL_IS_WRONG])
def test_what_happens_after_the_last_line_is_an_error_too(
    run: RunFolder, happens: Callable[[Path], None]
) -> None:
    def written() -> None:
        with JournalWriter(run.journal) as journal:
            journal.write(STARTED)
            happens(run.path)

    with pytest.raises(EnvironmentProblem, match="during a run"):
        written()
