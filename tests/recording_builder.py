"""Hand-made recordings: a few lines instead of a run. All instants are seconds since the run began.

builder = RecordingBuilder(expect={"recovery": (Recovery(rto=60.0),)}).steady().fault(20, 44).load(0, 80)
recording = builder.clean().end(80)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from chaos.kinds import AnyCheck, NoParams
from chaos.model.plan import Plan, PlannedStep, ScenarioSource
from chaos.model.scenario import (
    CheckParams,
    Load,
    Rate,
    Scenario,
    Severity,
)
from chaos.model.verdict import CheckResult
from chaos.timeline.damage import Damage
from chaos.timeline.events import (
    ContainerState,
    Event,
    FaultInjected,
    FaultIntended,
    FaultMeasured,
    FaultReverted,
    GuardrailTripped,
    LeftOver,
    Measurement,
    Phase,
    PhaseBegan,
    RunEnded,
    RunInterrupted,
    RunStarted,
    Sample,
    SteadyState,
)
from chaos.timeline.observations import MachineReading, RulesEvaluated
from chaos.timeline.recording import Metrics, Recording, Series, Unanswered
from chaos.timeline.requests import Request, Requests
from tests.evaluations import evaluated
from tests.toy_stack import CLOSED as CLOSED
from tests.toy_stack import FACTS as FACTS
from tests.toy_stack import PACE as PACE
from tests.toy_stack import READY as READY
from tests.toy_stack import SCRAPE as SCRAPE
from tests.toy_stack import STACK as STACK
from tests.toy_stack import ToyKill as ToyKill

BEGAN = 1_700_000_000.0


class RecordingBuilder:
    """Collects what a run would have recorded. Each method adds to the recording and returns the builder."""

    def __init__(
        self,
        expect: Mapping[str, tuple[CheckParams, ...]] | None = None,
        hold: float = 480.0,
        pace: float = PACE,
        load: bool = True,
        steps: int = 1,
        names: tuple[str, ...] = (),
        recovery_limit: float = 60.0,
    ) -> None:
        timeline = tuple(
            ToyKill.model_validate({"at": "3m20s", "for": f"{hold:g}s", "name": name})
            for name in (names or (None,) * steps)
        )
        scenario = Scenario(
            scenario="toy-down",
            title="The dependency goes down",
            severity=Severity.SEV3,
            runbook="05-dependency",
            tags=("toy",),
            stack="toy",
            load=Load(profile="visitors", rate=Rate(per_second=20)) if load else None,
            steady_state=(READY, CLOSED),
            timeline=timeline,
            expect=dict(expect or {}),
        )
        self.plan = Plan(
            scenario=scenario,
            source=ScenarioSource(file="scenarios/toy/toy-down.yaml", sha256="0" * 64, git_commit="abc1234"),
            stack=STACK,
            stack_root="stack",
            pace=pace,
            detection=FACTS,
            steps=tuple(
                PlannedStep(index=i, start=200 / pace, end=(200 + hold) / pace, step=step)
                for i, step in enumerate(timeline)
            ),
            timeline_seconds=(200 + hold) / pace,
            recovery_limit=recovery_limit,
            estimate_seconds=120.0,
        )
        self._events: list[Event] = [
            RunStarted(at=BEGAN, mono=0.0, run_id="20231114t221320Z-toy-down-abc123")
        ]
        self._requests: list[Request] = []
        self._waiting: list[Unanswered] = []
        self._series: list[Series] = []
        self._metrics_from = 0.0
        self._metrics_to: float | None = None
        self._metrics_complete = True
        self._unevaluated = False

    def add(self, *events: Event) -> RecordingBuilder:
        self._events.extend(events)
        return self

    def lagging(self, start: int = 20, end: int = 80, lag: float = 0.9) -> RecordingBuilder:
        """A machine on which gameday itself came late by so much in each second from ``start`` to ``end``."""
        return self.add(
            *(
                MachineReading(at=BEGAN + at, mono=at, over=1.0, cpu_busy=1.0, lag=lag)
                for at in range(start, end)
            )
        )

    def phase(self, at: float, phase: Phase) -> RecordingBuilder:
        return self.add(PhaseBegan(at=BEGAN + at, mono=at, phase=phase))

    def steady(
        self, at: float = 10.0, when: Literal["before", "after"] = "before", held: bool = True
    ) -> RecordingBuilder:
        """The steady state was reached at ``at``, held for 3 s before, with the two samples that show it."""
        self.add(
            _sample(CLOSED.label, at - 1, held, detail="" if held else "1"),
            _sample(READY.label, at - 1, held, detail="" if held else "status 503"),
            SteadyState(
                at=BEGAN + at,
                mono=at,
                when=when,
                held=held,
                since=BEGAN + at - 3 if held else None,
                failing=() if held else (f"{READY.label}: status 503",),
            ),
        )
        return self

    def fault(
        self,
        start: float = 20.0,
        end: float | None = 44.0,
        index: int = 0,
        took_effect: bool = True,
        undone: bool = True,
        gone: bool = True,
        took: float | None = None,
    ) -> RecordingBuilder:
        """One fault from ``start`` to ``end`` (None: cut), measured every second while it holds.

        The undo took ``took`` seconds; None: the recording does not say.
        """
        during = "exited" if took_effect else "running"
        self.add(
            _measured(index, start - 0.1, "before", False, "running"),
            FaultIntended(at=BEGAN + start, mono=start, index=index),
            FaultInjected(at=BEGAN + start + 0.1, mono=start + 0.1, index=index),
        )
        last = end if end is not None else start + 6.5
        self.add(
            *(
                _measured(index, at, "during", took_effect, during)
                for at in _every(start + 0.3, last - 0.5, 1.0)
            )
        )
        if end is None:
            return self
        return self.add(
            FaultReverted(
                at=BEGAN + end,
                mono=end,
                index=index,
                ok=undone,
                detail="" if undone else "still exited",
                took=took,
            ),
            _measured(index, end + 0.1, "after", not gone, "running" if gone else "exited"),
        )

    def container(self, at: float, state: str, health: str = "", service: str = "dep") -> RecordingBuilder:
        return self.add(ContainerState(at=BEGAN + at, mono=at, service=service, state=state, health=health))

    def probe(
        self,
        start: float,
        end: float,
        ok: bool = True,
        label: str = READY.label,
        every: float = 0.1,
        status: int | None = None,
        detail: str = "",
    ) -> RecordingBuilder:
        status = status if status is not None else (200 if ok else 503)
        return self.add(
            *(
                _sample(label, at, ok, status, detail or ("" if ok else f"status {status}"))
                for at in _every(start, end, every)
            )
        )

    def load(
        self,
        start: float,
        end: float,
        name: str = "GET /items",
        status: int = 200,
        degraded: str | None = None,
        latency: float = 0.01,
        rate: float = 20.0,
        served: bool | None = None,
        error: str = "",
    ) -> RecordingBuilder:
        served = served if served is not None else 200 <= status < 400
        self._requests.extend(
            Request(
                intended=BEGAN + at,
                sent=BEGAN + at,
                latency=latency,
                name=name,
                status=status,
                served=served,
                degraded=degraded,
                error=error,
            )
            for at in _every(start, end, 1 / rate)
        )
        return self

    def waiting(
        self, start: float, end: float, stopped: float, name: str = "GET /items", rate: float = 20.0
    ) -> RecordingBuilder:
        """Requests sent from ``start`` to ``end`` that had no answer when the load was stopped."""
        self._waiting.extend(
            Unanswered(
                intended=BEGAN + at,
                sent=BEGAN + at,
                name=name,
                waited=stopped - at,
                intended_mono=at,
                sent_mono=at,
                patience=1000.0,
            )
            for at in _every(start, end, 1 / rate)
        )
        return self

    def alert(
        self, name: str, pending: float | None, firing: float | None, resolved: float | None
    ) -> RecordingBuilder:
        """Sampled at each evaluation: pending from, firing from, gone at (None: never)."""
        every = SCRAPE / self.plan.pace
        last = resolved if resolved is not None else _FOREVER
        spans = [("pending", pending, firing if firing is not None else last), ("firing", firing, last)]
        for state, start, end in spans:
            if start is not None:
                labels = {"alertname": name, "alertstate": state, "severity": "SEV3"}
                self._series.append(_lazy("ALERTS", labels, start, end, every))
        return self

    def breaker(
        self, *states: tuple[float, str], until: float = 90.0, every: float | None = None
    ) -> RecordingBuilder:
        """The gauge as scraped: (instant at which it changed, state). The first state begins the data."""
        every = every if every is not None else SCRAPE / self.plan.pace
        values = STACK.breakers["dep"].states

        def at(instant: float) -> float:
            return values[[state for start, state in states if start <= instant][-1]]

        samples = tuple((BEGAN + t, at(t)) for t in _every(states[0][0], until, every))
        self._series.append(Series(metric="dep_breaker_state", labels={"job": "web"}, samples=samples))
        return self

    def metrics(
        self, read_from: float = 0.0, read_to: float | None = None, complete: bool = True
    ) -> RecordingBuilder:
        self._metrics_from, self._metrics_to, self._metrics_complete = read_from, read_to, complete
        return self

    def unevaluated(self) -> RecordingBuilder:
        """Prometheus's own counters of its rules are not in the recording."""
        self._unevaluated = True
        return self

    def clean(self, at: float = 85.0, containers: tuple[str, ...] = ()) -> RecordingBuilder:
        return self.add(LeftOver(at=BEGAN + at, mono=at, containers=containers))

    def guardrail(self, at: float) -> RecordingBuilder:
        return self.add(GuardrailTripped(at=BEGAN + at, mono=at, probe="host_memory", value=97.0, bound=90.0))

    def interrupted(self, at: float) -> RecordingBuilder:
        return self.add(RunInterrupted(at=BEGAN + at, mono=at, reason="SIGINT"))

    def end(self, at: float = 90.0, error: str = "", problems: tuple[Damage, ...] = ()) -> Recording:
        """The last line, and the finished recording."""
        self.add(RunEnded(at=BEGAN + at, mono=at, error=error))
        return self.cut(at, problems)

    def cut(self, at: float, problems: tuple[Damage, ...] = ()) -> Recording:
        """The recording as it is when the harness was killed at ``at``: no last line, nothing later."""
        read_to = BEGAN + (self._metrics_to if self._metrics_to is not None else at)
        up = Series(
            metric="up", labels={"job": "web"}, samples=_points(0.0, read_to - BEGAN, SCRAPE / self.plan.pace)
        )
        series = tuple(_trim(series, read_to) for series in (*self._series, up))
        metrics = Metrics(
            complete=self._metrics_complete,
            detail="" if self._metrics_complete else "Prometheus did not answer",
            read_from=BEGAN + self._metrics_from if self._metrics_complete else None,
            read_to=read_to if self._metrics_complete else None,
            series=series if self._metrics_complete else (),
        )
        own = self._unevaluated or any(isinstance(event, RulesEvaluated) for event in self._events)
        counted = () if own else (evaluated(BEGAN, t) for t in _every(0.0, at, 1.0))
        events = sorted(
            (event for event in (*self._events, *counted) if event.at <= BEGAN + at),
            key=lambda event: event.at,
        )
        requests = sorted((r for r in self._requests if r.intended <= BEGAN + at), key=lambda r: r.intended)
        return Recording(
            self.plan, tuple(events), Requests.of(requests), metrics, problems, waiting=tuple(self._waiting)
        )


_FOREVER = 1000.0


def _every(start: float, end: float, step: float) -> list[float]:
    count = max(0, int((end - start) / step + 1e-9) + (0 if _whole((end - start) / step) else 1))
    return [round(start + i * step, 6) for i in range(count)]


def _whole(number: float) -> bool:
    return abs(number - round(number)) < 1e-9


def _points(start: float, end: float, step: float, value: float = 1.0) -> tuple[tuple[float, float], ...]:
    return tuple((BEGAN + at, value) for at in _every(start, end, step))


def _lazy(metric: str, labels: dict[str, str], start: float, end: float, step: float) -> Series:
    return Series(metric=metric, labels=labels, samples=_points(start, end, step))


def _trim(series: Series, read_to: float) -> Series:
    return series.model_copy(
        update={"samples": tuple(sample for sample in series.samples if sample[0] <= read_to)}
    )


def _sample(probe: str, at: float, ok: bool, status: int | None = None, detail: str = "") -> Sample:
    return Sample(
        at=BEGAN + at + 0.005, mono=at, probe=probe, ok=ok, started=BEGAN + at, status=status, detail=detail
    )


def _measured(
    index: int, at: float, when: Literal["before", "during", "after"], took_effect: bool, state: str
) -> FaultMeasured:
    measurement = Measurement(subject="dep", values={"state": state})
    return FaultMeasured(
        at=BEGAN + at, mono=at, index=index, when=when, took_effect=took_effect, measurement=measurement
    )


def judged(
    check: AnyCheck, recording: Recording, params: CheckParams | None = None
) -> dict[str, CheckResult]:
    """What one check says, by title; a title that comes twice is a defect of the check."""
    results = check.judge(recording, params or NoParams())
    by_title = {result.title: result for result in results}
    assert len(by_title) == len(results)
    return by_title
