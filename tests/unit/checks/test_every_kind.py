"""What holds for every check kind, also for the next one."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.checks.backups import Backups
from chaos.checks.data import Data
from chaos.checks.notification import Notification
from chaos.kinds import Check, NoParams
from chaos.model.stack import BackupFacts
from chaos.model.verdict import Outcome
from chaos.registry import kinds
from chaos.timeline.recording import Recording
from tests.recording_builder import RecordingBuilder
from tests.recordings import everything_expected
from tests.unit.checks.procedures import RESTORE
from tests.unit.checks.writers import FACTS

DOCS = (Path(__file__).parents[3] / "docs" / "checks.md").read_text(encoding="utf-8")
KINDS = sorted(kinds().checks)
EXPECTED = {**everything_expected(), "backups": (Backups(),), "data": (Data(ledger="orders"),)}
EXPECTED["notification"] = (Notification(alert="dep_breaker_open", channels=("chat",)),)


def recorded() -> RecordingBuilder:
    """Everything is expected, of a stack with a backup and a scenario with a procedure."""
    on = RecordingBuilder(EXPECTED)
    facts = BackupFacts.model_validate({"service": "dep", "every": "1h", "max_age": "2h"})
    stack = on.plan.stack.model_copy(update={"backups": {"dep": facts}, "ledgers": {"orders": FACTS}})
    on.plan = on.plan.model_copy(update={"procedures": {"restore": RESTORE}, "stack": stack})
    return on


@pytest.mark.parametrize("name", KINDS)
def test_it_is_documented_with_each_of_its_parameters(name: str) -> None:
    assert f"`{name}`" in DOCS
    fields = kinds().checks[name].params.model_fields
    keys = {info.alias or field for field, info in fields.items()} - {"name"}
    assert [key for key in sorted(keys) if key not in DOCS] == []


@pytest.mark.parametrize("name", KINDS)
def test_it_declares_the_collectors_that_it_asks_for(name: str) -> None:
    """``gameday kinds`` prints them."""
    kind = kinds().checks[name]
    assert bool(kind.collectors) is (type(kind).collects is not Check.collects)


@pytest.mark.parametrize("name", KINDS)
def test_an_empty_recording_is_never_a_pass(name: str) -> None:
    kind = kinds().checks[name]
    empty = Recording(recorded().plan, ())
    for params in EXPECTED.get(name, (NoParams(),)):
        results = kind.judge(empty, params)
        assert results
        assert {result.outcome for result in results} == {Outcome.INCONCLUSIVE}


@pytest.mark.parametrize("name", KINDS)
def test_a_run_that_was_killed_while_the_stack_started_is_never_a_pass_or_fail(name: str) -> None:
    kind = kinds().checks[name]
    begun = recorded().cut(3)
    for params in EXPECTED.get(name, (NoParams(),)):
        assert {result.outcome for result in kind.judge(begun, params)} == {Outcome.INCONCLUSIVE}
