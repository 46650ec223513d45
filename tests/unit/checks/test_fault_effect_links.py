"""A broken link that the application does not use affects no client: nothing was proven."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.checks.fault_effect import CHECK
from chaos.faults.link_down import LinkDown
from chaos.faults.link_latency import LinkLatency
from chaos.kinds import Fault
from chaos.model.verdict import CheckResult, Outcome
from chaos.timeline.events import Event, FaultMeasured, Measurement
from chaos.timeline.observations import LinkCounts, LinkUse, LinkUseUnknown
from chaos.timeline.recording import Recording
from tests.recording_builder import BEGAN, RecordingBuilder, judged

COMMON = {"at": "3m20s", "for": "8m", "link": "web->dep"}
DOWN = LinkDown.model_validate({**COMMON, "fault": "link.down"})
DOWN_UNUSED = LinkDown.model_validate({**COMMON, "fault": "link.down", "unused": "expected"})


def use(at: float, sent: int, refused: int | None = 0, own_dials: int = 0) -> LinkUse:
    counts = LinkCounts(
        link="web->dep",
        sent=sent,
        received=sent,
        own_dials=own_dials,
        own_sent=0,
        refused=refused,
        open=0,
        open_sent=0,
        open_received=0,
    )
    return LinkUse(at=BEGAN + at, mono=at, links=(counts,))


def effect(
    fault: Fault, *events: Event, version: int = 3, before: str = "answered", late: bool = False
) -> CheckResult:
    """What is said of a fault of a link that its witness saw from 20 to 44, and saw ``before`` it. ``late``:
    the machine was saturated.
    """
    made = RecordingBuilder().add(*events).fault()
    recording: Recording = (made.lagging(20, 44) if late else made).end()
    step = recording.plan.steps[0].model_copy(update={"step": fault})
    outcome = {"before": before, "during": "refused", "after": "answered"}
    changed = tuple(
        e.model_copy(
            update={
                "measurement": Measurement(
                    subject="link web->dep", values={"outcome": outcome[e.when], "round_trip_s": 0.001}
                )
            }
        )
        if isinstance(e, FaultMeasured)
        else e
        for e in recording.events
    )
    first = changed[0].model_copy(update={"schema_version": version})
    plan = recording.plan.model_copy(update={"steps": (step,)})
    return judged(CHECK, replace(recording, plan=plan, events=(first, *changed[1:])))[
        f"{fault.summary()} takes effect"
    ]


IDLE = [use(at, 500, refused=at - 19 if at > 19 else 0, own_dials=max(0, at - 19)) for at in range(5, 50)]


def test_a_link_that_no_one_used_while_it_was_broken_proves_nothing() -> None:
    """The dials that were turned away are those of the witness."""
    result = effect(DOWN, *IDLE)
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "the application never used web->dep while it was broken" in result.actual
    assert "`unused: expected`" in result.actual


def test_a_link_that_was_not_used_on_a_saturated_machine_says_that_it_was() -> None:
    assert "this machine was saturated" in effect(DOWN, *IDLE, late=True).actual
    assert "saturated" not in effect(DOWN, *IDLE).actual


def test_a_link_that_did_not_answer_before_the_fault_shows_no_effect() -> None:
    result = effect(DOWN, before="timeout")
    assert result.outcome is Outcome.INCONCLUSIVE
    said = "no effect can be seen: link web->dep did not answer (timeout) before the fault already"
    assert result.actual == said


def test_unless_the_scenario_says_so() -> None:
    assert effect(DOWN_UNUSED, *IDLE).outcome is Outcome.PASS


def test_dials_that_were_turned_away_are_use() -> None:
    turned_away = [
        use(at, 500, refused=3 * max(0, at - 19), own_dials=max(0, at - 19)) for at in range(5, 50)
    ]
    result = effect(DOWN, *turned_away)
    assert result.outcome is Outcome.PASS
    assert any("was turned away 48 times" in one.text for one in result.evidence)


def test_a_breaker_that_ends_the_calls_at_once_has_used_it() -> None:
    """Between the last reading before the injection and the first one after it."""
    burst = [use(at, 500 + (400 if at > 20 else 0)) for at in range(5, 50)]
    assert effect(DOWN, *burst).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("before", "outcome"), [(40, Outcome.PASS), (0, Outcome.INCONCLUSIVE)], ids=["used before", "never used"]
)
def test_where_dials_cannot_be_counted_the_use_before_decides(before: int, outcome: Outcome) -> None:
    uncounted = [use(at, before * min(at, 19), refused=None) for at in range(5, 50)]
    assert effect(DOWN, *uncounted).outcome is outcome


def pooled(at: float, carried: int | None) -> LinkUse:
    """One connection that stays open for the whole run: Toxiproxy has counted nothing of it yet."""
    known = {} if carried is None else {"open": 1, "open_sent": carried, "open_received": carried}
    counts = LinkCounts.model_validate(
        {"link": "web->dep", "sent": 0, "received": 0, "own_dials": 0, "own_sent": 0, "refused": 0, **known}
    )
    return LinkUse(at=BEGAN + at, mono=at, links=(counts,))


def test_bytes_on_a_connection_that_stays_open_are_use() -> None:
    assert effect(DOWN, *(pooled(at, 300 * at) for at in range(5, 50))).outcome is Outcome.PASS


def test_a_connection_that_is_open_and_idle_is_no_use() -> None:
    result = effect(DOWN, *(pooled(at, 300 * min(at, 15)) for at in range(5, 50)))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "never used web->dep while it was broken (before it sent 3000 bytes in 15.0 s)" in result.actual


def test_where_open_connections_cannot_be_read_it_is_unknown() -> None:
    result = effect(DOWN, *(pooled(at, None) for at in range(5, 50)))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "is unknown" in result.actual


def test_counters_that_could_not_be_read_are_unknown() -> None:
    result = effect(DOWN, LinkUseUnknown(at=BEGAN + 2, mono=2, detail="Toxiproxy did not answer"))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "unknown: Toxiproxy did not answer" in result.actual


def test_an_older_recording_says_that_it_cannot_tell() -> None:
    result = effect(DOWN, version=2)
    assert result.outcome is Outcome.PASS
    assert any("unknown" in one.text and "older" in one.text for one in result.evidence)


def latency(before: list[float], during: list[float]) -> CheckResult:
    fault = LinkLatency.model_validate(
        {**COMMON, "fault": "link.latency", "latency": "100ms", "unused": "expected"}
    )
    recording = RecordingBuilder().fault().end()
    taken = iter(during)
    events: list[Event] = []
    for event in recording.events:
        if not isinstance(event, FaultMeasured):
            events.append(event)
        elif event.when == "before":
            events += [_trip(event, seconds) for seconds in before]
        else:
            events.append(_trip(event, next(taken, 0.001)))
    step = recording.plan.steps[0].model_copy(update={"step": fault})
    plan = recording.plan.model_copy(update={"steps": (step,)})
    return judged(CHECK, replace(recording, plan=plan, events=tuple(events)))[
        f"{fault.summary()} takes effect"
    ]


def _trip(event: FaultMeasured, seconds: float) -> FaultMeasured:
    values = {"outcome": "answered", "round_trip_s": seconds}
    return event.model_copy(update={"measurement": Measurement(subject="link web->dep", values=values)})


def test_latency_is_proven_by_the_distribution_of_round_trips() -> None:
    quiet = [0.001] * 5
    assert latency(quiet, [0.101] * 24).outcome is Outcome.PASS
    assert latency([0.001, 0.001, 0.9, 0.001, 0.001], [0.101] * 24).outcome is Outcome.PASS, (
        "one stall before"
    )
    assert latency(quiet, [0.101] * 23 + [0.001]).outcome is Outcome.PASS, "one quick one"


def test_noise_of_round_trips_is_no_latency() -> None:
    quiet = [0.001] * 5
    assert latency(quiet, [0.001] * 11 + [0.052] + [0.001] * 12).outcome is Outcome.INCONCLUSIVE
    noisy = [0.001, 0.12, 0.002, 0.15, 0.001]
    assert latency(noisy, [0.06, 0.13, 0.001, 0.11] * 6).outcome is Outcome.INCONCLUSIVE
    assert latency(noisy, [0.06] * 24).outcome is Outcome.INCONCLUSIVE, "usual before the fault already"
