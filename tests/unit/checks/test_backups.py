"""Backups are good when somebody looked and found nothing; silence is no health."""

from __future__ import annotations

import json

import pytest

from chaos.checks.backups import CHECK, Backups
from chaos.model.scenario import Scenario
from chaos.model.stack import BackupFacts, Stack
from chaos.model.verdict import Outcome
from chaos.timeline.events import Purpose
from tests.recording_builder import STACK, RecordingBuilder, judged
from tests.results import context
from tests.unit.checks.procedures import FETCH, OPEN, ran, rehearsing

TITLE = "backup dep"
FACT = json.dumps(
    {"backup": "dep", "label": "F1", "taken": "x", "age_s": 60.0, "size_bytes": 9, "kind": "full"}
)
FINDING = json.dumps({"backup": "dep", "finding": "truncated", "detail": "f is 3 bytes", "fix": "Take one."})


def recorded(output: str, purpose: Purpose = "rehearse") -> RecordingBuilder:
    """Both steps of the procedure print ``output``."""
    on = rehearsing()
    facts = BackupFacts.model_validate({"service": "dep", "every": "1h", "max_age": "2h"})
    stack = on.plan.stack.model_copy(update={"backups": {"dep": facts}})
    on.plan = on.plan.model_copy(update={"stack": stack})
    return ran(on, (FETCH, True, 1.0), (OPEN, True, 1.0), output=output, purpose=purpose)


def test_passes_when_it_was_examined_and_nothing_was_found() -> None:
    result = judged(CHECK, recorded(f"looking\n{FACT}\n").end(), Backups())[TITLE]
    assert result.outcome is Outcome.PASS
    assert result.actual == "nothing found, 1 min old"


def test_fails_on_a_finding_and_tells_its_fix() -> None:
    result = judged(CHECK, recorded(f"{FACT}\n{FINDING}\n").end(), Backups())[TITLE]
    assert result.outcome is Outcome.FAIL
    assert result.actual == "truncated: f is 3 bytes"
    assert result.marks[0].fix == "Take one."


def test_fails_on_one_that_is_too_old() -> None:
    result = judged(CHECK, recorded(FACT.replace("60.0", "7300.0")).end(), Backups())[TITLE]
    assert result.outcome is Outcome.FAIL
    assert "old, at most 2 h is allowed" in result.actual


@pytest.mark.parametrize("output", ["", "all is well", FACT.replace("dep", "other"), FACT[:-5], "{}", "[1]"])
def test_inconclusive_when_no_one_examined_it(output: str) -> None:
    result = judged(CHECK, recorded(output).end(), Backups())[TITLE]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.marks[0].fraction is None


@pytest.mark.parametrize(
    ("line", "purpose", "outcome"),
    [
        (FACT, "prepare", Outcome.INCONCLUSIVE),
        (FACT, "rehearse", Outcome.PASS),
        (FACT, "answer", Outcome.PASS),
        (FACT + FINDING, "prepare", Outcome.FAIL),
    ],
)
def test_what_takes_backups_before_the_run_does_not_examine_them(
    line: str, purpose: Purpose, outcome: Outcome
) -> None:
    assert judged(CHECK, recorded(line, purpose).end(), Backups())[TITLE].outcome is outcome


def test_only_the_named_step_examines() -> None:
    made = recorded(FACT)
    assert judged(CHECK, made.end(), Backups(step=OPEN))[TITLE].outcome is Outcome.PASS
    listed = ran(recorded(""), (FETCH, True, 1.0), at=25, output=FACT).end()
    assert judged(CHECK, listed, Backups(step=FETCH))[TITLE].outcome is Outcome.PASS
    result = judged(CHECK, listed, Backups(step=OPEN))[TITLE]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "no step open printed its age" in result.actual


@pytest.mark.parametrize(
    "line",
    [
        FINDING.replace('"f is 3 bytes"', "null"),
        FINDING.replace('"truncated"', '["truncated"]'),
        FACT.replace("60.0", "NaN"),
        FINDING[:-5],
        FINDING.replace("truncated", "trun\nother: 0 findings in 0.1 s\ncated"),
        FINDING[:-5] + FACT,
        "other: 0 findings in 0.1 s" + FINDING[:-5],
    ],
)
def test_a_line_that_no_one_understands_may_have_been_a_finding(line: str) -> None:
    result = judged(CHECK, recorded(f"{FACT}\n{line}\n").end(), Backups())[TITLE]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.actual.startswith("not understood: {")
    assert judged(CHECK, recorded(f"{FINDING}\n{line}").end(), Backups())[TITLE].outcome is Outcome.FAIL


GLUED = f"{FACT}other: 0 findings in 3.2 s\n\ndep: 0 findings in 0.1 s\n"  # two streams, joined as they came


def test_text_of_another_stream_on_its_line_takes_nothing_from_a_fact() -> None:
    result = judged(CHECK, recorded(GLUED).end(), Backups())[TITLE]
    assert result.outcome is Outcome.PASS
    assert result.actual == "nothing found, 1 min old"


@pytest.mark.parametrize(
    "output",
    [
        f"{FACT}other: 1 finding {{see below}} in 3.2 s{FINDING}\n",
        f"{FACT}{FINDING}other: 0 findings\n\n",
        f'{FACT}\nlog: {{"cut: {FINDING} {{"',
        f'{FACT}\n{{"level": "info", "lines": [{{"backup": "other"}}]}}{FINDING}',
        FACT + '{"a": ' * 1200 + FINDING,
    ],
)
def test_nor_from_a_finding(output: str) -> None:
    result = judged(CHECK, recorded(output).end(), Backups())[TITLE]
    assert result.outcome is Outcome.FAIL
    assert result.actual == "truncated: f is 3 bytes"


@pytest.mark.parametrize(
    "output",
    [
        '{"backup": ["dep"]}',
        '{"status": {"backup": "dep", "finding": "truncated"}}',
        '{"level": "info"',
        '{"',
    ],
)
def test_what_is_about_no_backup_is_left_alone(output: str) -> None:
    assert judged(CHECK, recorded(f"{output}\n{FACT}").end(), Backups())[TITLE].outcome is Outcome.PASS


@pytest.mark.parametrize(("age", "outcome"), [(-0.4, Outcome.PASS), (-60.0, Outcome.INCONCLUSIVE)])
def test_a_backup_from_the_future_is_not_understood(age: float, outcome: Outcome) -> None:
    """Two clocks may make a new backup a little negative, no more."""
    fact = json.dumps({"backup": "dep", "label": "F1", "taken": "x", "age_s": age, "size_bytes": 9})
    assert judged(CHECK, recorded(f"{fact}\n").end(), Backups())[TITLE].outcome is outcome


def problems(params: Backups, stack: Stack, rehearse: tuple[str, ...] = ("restore",)) -> list[str]:
    scenario: Scenario = rehearsing().plan.scenario.model_copy(update={"rehearse": rehearse})
    return [message for _, message, _ in CHECK.problems(params, context(scenario, stack, None))]


def test_what_cannot_be_is_reported_before_anything_starts() -> None:
    stack = recorded("").plan.stack
    assert problems(Backups(), stack) == []
    assert problems(Backups(examined=("deb",)), stack) == ["unknown backup 'deb'"]
    assert problems(Backups(), STACK) == ["stack.yaml declares no backups"]
    assert problems(Backups(), stack, ()) == ["no procedure of the scenario could examine a backup"]


def test_an_age_that_every_backup_would_pass_before_the_next_is_refused() -> None:
    with pytest.raises(ValueError, match="max_age is less than every"):
        BackupFacts.model_validate({"service": "dep", "every": "24h", "max_age": "2h"})
