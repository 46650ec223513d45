"""The expectations are data: what the shipped file holds, and what a broken one is answered with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from examiner import specimens
from examiner.expectations import expected, read_expectations
from examiner.model import CouldNotTellError

SHIPPED = Path(__file__).resolve().parents[2] / "expected"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "expected"))


def change(folder: Path, old: str, new: str) -> None:
    path = folder / "expectations.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_another_file_is_another_expectation(folder: Path) -> None:
    change(folder, "reservations = 1", "orders = 7")
    change(folder, 'table = "reservations"', 'table = "orders"')
    wanted = read_expectations(folder)
    assert wanted.least_rows == {"orders": 7, "payments": 1}
    assert wanted.counts["orders"] == "SELECT count(*) FROM orders"
    assert "FROM orders" in wanted.newest_row


def test_the_folder_is_named_by_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(folder, 'stanza = "agente"', 'stanza = "shop"')
    monkeypatch.setenv("EXPECTED", str(folder))
    expected.cache_clear()
    try:
        assert expected().stanza == "shop"
    finally:
        expected.cache_clear()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('stanza = "agente"', "", "stanza must be a text"),
        ("reservations = 1", "reservations = 0", "least_rows.reservations must be"),
        (
            "reservations = 1",
            '"reservations; DROP TABLE x" = 1',
            "DROP TABLE x must be a table's name",
        ),
        ('table = "reservations"', 'table = "a b"', "newest_row.table must be a name"),
        ("within_seconds = 604800", "within_seconds = true", "newest_row.within_seconds must be a number"),
        ("[invariants]", "[rules]", "invariants must be a table"),
        ("no_rows = [", "no_rows = []\nother = [", "specimens.statements.no_rows must be a list"),
        ("[least_rows]", "[least_rows", "is not TOML"),
        ('"structure.txt"', '"gone.txt"', "gone.txt"),
    ],
)
def test_a_broken_file_is_no_finding_and_says_what_is_wrong(
    folder: Path, old: str, new: str, said: str
) -> None:
    change(folder, old, new)
    with pytest.raises(CouldNotTellError) as raised:
        read_expectations(folder)
    assert said in str(raised.value)
    assert str(folder) in str(raised.value)


def test_specimens_of_the_file_can_be_made(tmp_path: Path) -> None:
    with pytest.raises(CouldNotTellError, match="broken_index") as raised:
        specimens.spoil(tmp_path / "offsite", tmp_path / "copy", "tired")
    assert set(expected().harm) <= set(str(raised.value).replace(",", "").split())
