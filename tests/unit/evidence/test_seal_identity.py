"""A seal is valid for one folder and one run. Texts in it cannot imitate the output of verify."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chaos.evidence import MANIFEST, Reason, Seal, SealState, seal, verify

PLAIN = Seal("0.1.0", 1_795_000_000.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "20261121T173000Z-web-down-a1b2c3"
    path.mkdir()
    (path / "journal.jsonl").write_text("a line\n")
    return path


def _edit(folder: Path, **values: object) -> None:
    path = folder / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_folder_under_the_name_of_another_run_is_reported(folder: Path) -> None:
    seal(folder, PLAIN, Reason.RUN)
    other = folder.rename(folder.with_name("20260101T000000Z-other-abcdef"))
    assert [finding.kind for finding in verify(other).findings] == ["name"]


def test_a_journal_of_another_run_is_reported(folder: Path) -> None:
    (folder / "journal.jsonl").write_text('{"event":"run_started","run_id":"0ther0"}\n')
    seal(folder, PLAIN, Reason.RUN)
    assert ["the journal is of run 0ther0" in finding.detail for finding in verify(folder).findings] == [True]


def test_a_manifest_that_is_a_link_is_reported(folder: Path, tmp_path: Path) -> None:
    seal(folder, PLAIN, Reason.RUN)
    (folder / MANIFEST).rename(tmp_path / "elsewhere.json")
    (folder / MANIFEST).symlink_to(tmp_path / "elsewhere.json")
    assert "manifest" in {finding.kind for finding in verify(folder).findings}


@pytest.mark.parametrize("field", ["gameday", "sealed_at"])
def test_a_manifest_cannot_put_lines_of_its_own_into_what_verify_says(folder: Path, field: str) -> None:
    seal(folder, PLAIN, Reason.RUN)
    _edit(folder, **{field: "0.1\n./run: intact"})
    assert verify(folder).state is SealState.CHANGED
