"""What the PMS writes off-site, read by the examiner, which shares no code with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from examiner.pms_backups import gaps, judge_replay, pms_facts, read_generations
from pms_backup import dump, ship
from pms_ledger import Ledger

from tests.unit.stack_backup import healthy as good


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
