"""What a breaker did while no scrape saw its gauge is unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.checks.breaker import CHECK
from chaos.model.verdict import Outcome
from chaos.timeline.events import Phase
from chaos.timeline.recording import Recording
from tests.recording_builder import BEGAN, judged
from tests.unit.checks.breakers import CLOSES, EXPECTED, FAST, GOOD, OPENS, PATH, recorded


def unseen(recording: Recording, start: float, end: float) -> Recording:
    """No scrape saw the gauge between these instants; the targets were scraped."""
    series = tuple(
        s.model_copy(update={"samples": tuple(one for one in s.samples if not start < one[0] - BEGAN < end)})
        if s.metric == "dep_breaker_state"
        else s
        for s in recording.metrics.series
    )
    return replace(recording, metrics=recording.metrics.model_copy(update={"series": series}))


@pytest.mark.parametrize("states", [GOOD, ((0, "closed"),)], ids=["a good way", "never open"])
def test_what_no_scrape_saw_is_unknown(states: tuple[tuple[float, str], ...]) -> None:
    """It may have closed while the fault held, and it may have opened."""
    found = judged(CHECK, unseen(recorded(*states).end(), 21.4, 43.1), EXPECTED)
    assert found[PATH].outcome is Outcome.INCONCLUSIVE
    assert "no scrape saw its gauge for 2" in found[PATH].actual
    assert found[OPENS].outcome is (Outcome.PASS if states == GOOD else Outcome.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("hole", "outcome"),
    [
        ((45.6, 91), Outcome.INCONCLUSIVE),
        ((60, 91), Outcome.INCONCLUSIVE),
        ((50, 60), Outcome.INCONCLUSIVE),
        ((50, 55), Outcome.PASS),
        ((88, 91), Outcome.PASS),
    ],
    ids=["after one closed scrape", "from 60 s on", "for 10 s", "for 5 s", "the last two seconds"],
)
def test_a_breaker_that_no_scrape_saw_to_the_end_may_have_opened_again(
    hole: tuple[float, float], outcome: Outcome
) -> None:
    found = judged(CHECK, unseen(recorded(*GOOD).end(), *hole), EXPECTED)
    assert (found[PATH].outcome, found[CLOSES].outcome) == (outcome, outcome)
    assert (found[OPENS].outcome, found[FAST].outcome) == (Outcome.PASS, Outcome.PASS)
    assert ("after it was closed again" in found[PATH].actual) is (outcome is not Outcome.PASS)


def test_only_the_time_until_the_teardown_counts() -> None:
    stopped = unseen(recorded(*GOOD).phase(60, Phase.TEARDOWN).end(), 60, 91)
    assert {one.outcome for one in judged(CHECK, stopped, EXPECTED).values()} == {Outcome.PASS}


@pytest.mark.parametrize(
    ("stopped", "rate", "outcome"),
    [
        (80.0, 20, Outcome.FAIL),
        (80.0, 0.5, Outcome.PASS),
        (44.04, 20, Outcome.FAIL),
    ],
    ids=["each one", "one in 40", "stopped while some were sent"],
)
def test_requests_that_never_got_an_answer_are_not_fast(
    stopped: float, rate: float, outcome: Outcome
) -> None:
    made = recorded(*GOOD).waiting(22, 44, stopped, rate=rate)
    assert judged(CHECK, made.end(), EXPECTED)[FAST].outcome is outcome


def test_requests_that_had_waited_briefly_when_the_load_was_stopped_may_have_been_too_slow() -> None:
    made = recorded(*GOOD).waiting(43, 43.04, 43.045, rate=1000)
    found = judged(CHECK, made.end(), EXPECTED)[FAST]
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "40 of which had not come when the load was stopped" in found.actual
    other = judged(CHECK, made.end(), EXPECTED.model_copy(update={"request": "POST /orders"}))[FAST]
    assert "had not come" not in other.actual
