"""Did the system work before it was broken, and does it work again now?"""

from __future__ import annotations

from typing import Literal

from chaos.checks._common import count, marked, since_start, span, unknown
from chaos.model.scenario import CheckParams
from chaos.model.verdict import CheckResult, Dimension, Evidence, Measure, Outcome
from chaos.timeline.events import SteadyState
from chaos.timeline.recording import Recording

When = Literal["before", "after"]
BEFORE, AFTER = "steady state before injection", "steady state after recovery"
_TITLES: dict[When, str] = {"before": BEFORE, "after": AFTER}


class _SteadyStateCheck:
    """The steady state must hold before injection and again after recovery.

    Before: if it did not hold nothing was injected, so nothing can be said: INCONCLUSIVE. After: FAIL.
    What the runner wrote down is checked against the samples: each condition needs one, and none inside the
    window that held may say otherwise.
    """

    name = "steady_state"
    summary = "the steady state holds before injection and again after recovery"
    params: type[CheckParams] | None = None
    dimensions = (Dimension.RECOVERY,)
    reads = ("journal",)

    def judge(self, recording: Recording, params: CheckParams | None) -> tuple[CheckResult, ...]:
        return (self._one(recording, "before"), self._one(recording, "after"))

    def _one(self, recording: Recording, when: When) -> CheckResult:
        title, dimension = _TITLES[when], Dimension.RECOVERY if when == "after" else None
        conditions = recording.plan.scenario.steady_state
        expected = f"{count(len(conditions), 'condition')} hold: " + ", ".join(c.label for c in conditions)
        found = [event for event in recording.of(SteadyState) if event.when == when]
        event = found[-1] if found else None  # the last before the blow: preparing may have disturbed it
        if event is None:
            why = "the recording does not say whether it was reached"
            return unknown(self.name, title, expected, why, dimension)
        seen = tuple(Evidence(text=f"did not hold: {failing}") for failing in event.failing)
        if not event.held and when == "before":
            why = "not reached before the deadline, so nothing was injected"
            return unknown(self.name, title, expected, why, None, seen)
        if not event.held:
            return CheckResult(
                check=self.name,
                title=title,
                outcome=Outcome.FAIL,
                expected=expected,
                actual=f"not reached again by {span(event.at - recording.began)} into the run",
                evidence=seen,
                marks=marked(
                    Dimension.RECOVERY,
                    0.0,
                    "the steady state did not come back",
                    "See which condition did not hold and what it answered; read its service's log.",
                ),
            )
        doubts = _doubts(recording, event)
        if doubts:
            why = "the samples do not bear out that it held"
            return unknown(
                self.name, title, expected, why, dimension, tuple(Evidence(text=d) for d in doubts)
            )
        since = event.since if event.since is not None else event.at
        return CheckResult(
            check=self.name,
            title=title,
            outcome=Outcome.PASS,
            expected=expected,
            actual=f"held from {span(since - recording.began)} into the run",
            evidence=(since_start(recording, since, "first instant of the window that held"),),
            measures=(Measure(name=f"held {when}", value=round(event.at - since, 3)),),
            marks=marked(Dimension.RECOVERY, 1.0, "", "") if when == "after" else (),
        )


def _doubts(recording: Recording, event: SteadyState) -> list[str]:
    """What the samples hold against an event that says "held"."""
    since = event.since if event.since is not None else event.at
    doubts = []
    for condition in recording.plan.scenario.steady_state:
        samples = [sample for sample in recording.samples(condition.label) if sample.at <= event.at]
        if not samples:
            doubts.append(f"no sample of {condition.label}")
        elif bad := [s for s in samples if not s.ok and s.at >= since]:
            doubts.append(f"{condition.label}: {bad[0].detail or 'not ok'}, {count(len(bad), 'sample')}")
        elif not samples[-1].ok:
            doubts.append(f"the last sample of {condition.label} was not ok: {samples[-1].detail}")
    return doubts


CHECK = _SteadyStateCheck()
