"""A computed Prometheus: when its alert is active, when it is down, and what a reading of it returns."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from chaos.model.incidents import AlertReading, AlertSeries, WatchedRule

STEP = 10.0  # seconds between two scrapes, and between two evaluations
HOLD = 60.0
EVALUATIONS = 1000  # computed; a test may read fewer
RULE = WatchedRule(
    alert="shelf_down", labels={"severity": "SEV2"}, hold=HOLD, interval=STEP, runbook="01-shelf"
)
LABELS = {"alertname": "shelf_down", "severity": "SEV2", "runbook": "01-shelf", "job": "shelf"}


@dataclass(frozen=True)
class FakePrometheus:
    """``failures``: (start, end) of each time in which the alert's condition holds, in seconds.

    ``outages``: likewise, when Prometheus is down. After an outage it evaluates once without the stored state
    of alerts, as the real one does.
    """

    failures: Sequence[tuple[float, float]] = ()
    outages: Sequence[tuple[float, float]] = ()
    healthy: bool = True

    def up(self, at: float) -> bool:
        return not any(start <= at < end for start, end in self.outages)

    def read(self, after: float | None, now: float) -> AlertReading | None:
        """Everything from ``after`` to one evaluation before ``now``; None while it is down."""
        if not self.up(now):
            return None
        begin = after if after is not None else 0.0

        def seen(times: Sequence[float]) -> tuple[float, ...]:
            return tuple(times[bisect_left(times, begin) : bisect_right(times, now)])

        alive, firing, pending, began = self._samples
        found = AlertSeries(
            labels=LABELS,
            firing=seen(firing),
            pending=seen(pending),
            began=tuple(one for one in began if begin <= one[0] <= now),
        )
        starts = [end for _, end in self.outages if end <= now]
        return AlertReading(
            read_from=begin,
            complete_to=now - STEP,
            started=max(starts, default=0.0),
            scrape_interval=STEP,
            scrapes=seen(alive),
            rules=(RULE.model_copy(update={"healthy": self.healthy}),),
            series=(found,) if found.firing or found.pending else (),
        )

    @cached_property
    def _samples(self) -> tuple[list[float], list[float], list[float], list[tuple[float, float]]]:
        alive: list[float] = []
        firing: list[float] = []
        pending: list[float] = []
        began: list[tuple[float, float]] = []
        since: float | None = None  # when the condition began to hold, as Prometheus remembers it
        fresh = 0  # evaluations since its start
        down = False
        for at in (n * STEP for n in range(EVALUATIONS)):
            if not self.up(at):
                down, fresh = True, 0
                continue
            alive.append(at)
            fresh += 1
            holds = any(start <= at < end for start, end in self.failures)
            if down and fresh == 1:
                continue  # the first evaluation after a start neither restores nor writes the alert
            if not holds:
                since, down = None, False
                continue
            since = at if since is None else since
            restored = down and fresh == 2  # the alert is pending for one evaluation, then fires again
            down = False if fresh > 2 else down
            (firing if at - since >= HOLD and not restored else pending).append(at)
            began.append((at, since))
        return alive, firing, pending, began
