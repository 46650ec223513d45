"""What the PMS writes off-site, read by the examiner, which shares no code with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from examiner.pms_backups import gaps, judge_generations, judge_replay, pms_facts, read_generations
from examiner.tests import healthy as good
from pms_backup import dump, ship
from pms_ledger import Ledger

AGES = 1e12  # seconds: how old these are isn't asked here


@pytest.fixture
def offsite(tmp_path: Path) -> Path:
    """A dump of a and b, a log of c."""
    ledger = Ledger(tmp_path / "ledger.jsonl")
    for name in ("a", "b"):
        ledger.add(name, {"id": name})
    dump(ledger, tmp_path / "pms")
    ledger.add("c", {"id": "c"})
    ship(ledger, tmp_path / "pms")
    return tmp_path / "pms"


def test_the_newest_dump_and_its_log_are_one_backup(offsite: Path) -> None:
    generations = read_generations(offsite)
    assert generations is not None
    (generation,) = generations
    (fact,) = pms_facts(generations, good.NOW)
    assert fact.label == "dump-000000002.jsonl"
    assert [each.ids for each in generation.files] == [("a", "b"), ("c",)]
    assert judge_replay(generation) == ()
    assert gaps(generation, generation.files[0]) == []


@pytest.fixture
def later(offsite: Path, tmp_path: Path) -> Path:
    """The folder of a second generation, shipped to last."""
    (tmp_path / "second").mkdir()
    ledger = Ledger(tmp_path / "second" / "ledger.jsonl")
    ledger.add("z", {"id": "z"})
    return dump(ledger, offsite).parent


@pytest.mark.usefixtures("later")
def test_of_two_generations_the_one_shipped_to_last_is_the_backup(offsite: Path) -> None:
    generations = read_generations(offsite)
    assert generations is not None
    assert [fact.label for fact in pms_facts(generations, good.NOW)] == ["dump-000000001.jsonl"]
    assert judge_generations(generations, good.NOW, AGES) == ()


@pytest.mark.parametrize(
    ("note", "wrong"),
    [
        (None, "gone"),
        ('{"position": 1, "a', "damaged"),
        ('{"position": 1, "at": "yesterday"}', "damaged"),
        ('{"position": 1, "at": "2031-01-01T00:00:00"}', "damaged"),
        ('{"position": -1, "at": "2031-01-01T00:00:00+00:00"}', "damaged"),
        ('{"position": Infinity, "at": "2031-01-01T00:00:00+00:00"}', "damaged"),
        ("[]", "damaged"),
    ],
)
def test_a_note_no_one_can_read_is_a_finding_and_no_old_generation_stands_in(
    offsite: Path, later: Path, note: str | None, wrong: str
) -> None:
    (later / "shipped.json").unlink()
    if note is not None:
        (later / "shipped.json").write_text(note)
    found = judge_generations(read_generations(offsite), good.NOW, AGES)
    assert [(each.finding, each.detail) for each in found] == [
        ("damaged_note", f"{later.name}/shipped.json is {wrong}")
    ]


def test_what_no_note_tells_the_age_of_has_none(offsite: Path) -> None:
    for note in offsite.rglob("shipped.json"):
        note.write_text("")
    generations = read_generations(offsite)
    assert pms_facts(generations, good.NOW) == ()
    assert [each.finding for each in judge_generations(generations, good.NOW, AGES)] == ["damaged_note"]


def cut(text: str) -> str:
    return text[: len(text) // 2]


def turn(text: str) -> str:
    return text.replace('"id": "a"', '"id": "x"')


@pytest.mark.parametrize(("harm", "named"), [(cut, "truncated"), (turn, "damaged")])
def test_harm_is_named(offsite: Path, harm: Callable[[str], str], named: str) -> None:
    (file,) = offsite.rglob("dump-*.jsonl")
    file.write_text(harm(file.read_text()))
    generations = read_generations(offsite)
    assert generations is not None
    assert [each.harm for each in generations[0].files] == [named, ""]
