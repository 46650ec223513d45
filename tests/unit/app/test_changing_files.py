"""Files and folders that somebody else removes or replaces while a command reads them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos.app.stored_runs.proof import proof_of
from chaos.errors import ExitCode, RecordingProblem
from chaos.evidence import Reason, Seal, SealState, seal, verify
from chaos.evidence.manifest import MANIFEST
from chaos.files import open_file
from tests.command_desk import Desk
from tests.corpus.archive import unpack

COUNTER = Path(__file__).parents[3] / "examples" / "counter"
NO_REPORTS = shutil.ignore_patterns("reports")  # of runs of the example in this checkout


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path)


def become_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def once_listed(monkeypatch: pytest.MonkeyPatch, name: str, happens: Callable[[], None]) -> None:
    """``happens`` when somebody looks into the folder ``name``, before its entries are read."""
    sound = os.scandir

    def scandir(path: str | int = ".") -> object:
        if not isinstance(path, int) and Path(path).name == name:
            happens()
        return sound(path)

    monkeypatch.setattr(os, "scandir", scandir)


@pytest.mark.parametrize("becomes", ["nothing", "a file", "a link to itself"])
def test_a_folder_of_scenarios_that_goes_while_it_is_listed_has_none(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, becomes: str
) -> None:
    shutil.copytree(COUNTER, desk.folder, ignore=NO_REPORTS, dirs_exist_ok=True)
    place = desk.folder / "scenarios"

    def go() -> None:
        if place.is_dir():
            place.rename(desk.folder / "elsewhere")
            if becomes == "a file":
                place.touch()
            elif becomes == "a link to itself":
                place.symlink_to(place.name)

    once_listed(monkeypatch, "scenarios", go)
    assert desk.type("validate", "scenarios") == ExitCode.BAD_INPUT
    assert "Traceback" not in desk.said


def test_a_file_that_becomes_a_fifo_while_its_seal_is_verified_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = unpack("guardrail", tmp_path)
    seal(run, Seal("0.1.0", 0.0, None), Reason.RUN)
    sound = open_file

    def swapped(path: Path) -> object:
        if path.name == "metrics.json":
            become_fifo(path)
        return sound(path)

    monkeypatch.setattr("chaos.evidence.manifest.open_file", swapped)
    found = verify(run)
    assert found.state is not SealState.INTACT
    assert "metrics.json: not a regular file" in [finding.detail for finding in found.findings]


def test_a_manifest_that_becomes_a_fifo_after_a_run_is_not_waited_for(tmp_path: Path) -> None:
    run = unpack("guardrail", tmp_path)
    proof = proof_of(run, seal(run, Seal("0.1.0", 0.0, None), Reason.RUN), ["plan.json"])
    become_fifo(run / MANIFEST)
    with pytest.raises(RecordingProblem, match="not a regular file"):
        proof.check()
