"""Scenario + stack + pace -> plan. Pure: reads no file and asks no service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chaos.errors import BadInput
from chaos.kinds import AnyCheck, ScenarioContext, Wait
from chaos.model.plan import (
    ALERT_SLACK,
    Plan,
    PlannedDeadline,
    PlannedDuration,
    PlannedStep,
    ScenarioSource,
)
from chaos.model.procedure import Procedure
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import CheckParams, Scenario
from chaos.model.stack import Stack
from chaos.plan.figures import figures_of
from chaos.plan.remarks import limits_of, patience_of, remarks_of
from chaos.registry import expectations
from chaos.timing import FASTEST_PACE, SLOWEST_PACE

_RECOVERY_AT_LEAST = 20.0  # seconds: a restart of an ordinary service, several times over
_HEALTHY_AT_LEAST = 3.0  # seconds
_HEALTHY_MARGIN = 1.0  # seconds: a check needs the whole window, and the answers under way at its end
_RELAPSE_WATCH = 8.0
"""Seconds for which a run keeps watching after the recovery, to see a relapse: several trials of a breaker,
restarts of a container and scrapes at the pace of CI. A figure of this project."""
_START_AND_TEARDOWN = 25.0  # seconds of a warm stack up and down, measured with the reference stack
_STEP = 8.0  # seconds of a procedure's step: 1.5 s to 16 s where the whole reference stack was rebuilt
_STEADY = 5.0  # seconds until the steady state is usually reached


def _estimate(ends: float, limit: float, relapse: float) -> float:
    """Real seconds of an ordinary run without procedures, if it recovers in a quarter of the limit."""
    return _START_AND_TEARDOWN + _STEADY + ends + limit / 4 + relapse


@dataclass(frozen=True)
class PlanInput:
    """What the files say: a scenario, where it came from, and the stack, rules and procedures that it names.

    ``stack_root``: the folder of stack.yaml. ``detection`` None: the stack has no Prometheus.
    """

    scenario: Scenario
    source: ScenarioSource
    stack: Stack
    stack_root: Path
    detection: DetectionFacts | None = None
    procedures: Mapping[str, Procedure] = field(default_factory=dict)


def make_plan(
    read: PlanInput,
    pace: float,
    env: Mapping[str, Mapping[str, str]] | None = None,
    checks: Mapping[str, AnyCheck] | None = None,
) -> Plan:
    """What the run will do, with every instant in real seconds. ``env``: service -> variables of its
    container. ``checks``: all kinds, by name.

    Raises ``BadInput`` for a pace out of bounds.
    """
    if not SLOWEST_PACE <= pace <= FASTEST_PACE:
        raise BadInput(f"--pace: expected {SLOWEST_PACE:g} to {FASTEST_PACE:g}, got {pace:g}")
    scenario, detection = read.scenario, read.detection
    steps = _steps(scenario, pace)
    stack = read.stack.with_profiles(scenario.profiles)
    first = min(steps, key=lambda step: step.start, default=None)  # none: it only rehearses procedures
    starts = first.start if first is not None else 0.0
    ends = max((step.end for step in steps), default=0.0)
    deadlines = tuple(_deadlines(scenario, detection, pace, first.index, checks)) if first is not None else ()
    expected = list(expectations(scenario, checks))
    scenario = _patient(scenario, stack, ScenarioContext(scenario, stack, detection, pace), expected)
    context = ScenarioContext(scenario, stack, detection, pace)
    waits = [check.wait(params, pace) for check, params in expected]
    limit = max(_RECOVERY_AT_LEAST, 2 * _recovery_needed(waits, deadlines, starts, ends))
    relapse = max([_RELAPSE_WATCH, *(wait.watch for wait in waits)]) if steps else 0.0
    return Plan(
        scenario=scenario,
        source=read.source,
        stack=stack,
        stack_root=str(read.stack_root),
        pace=pace,
        env={service: dict(variables) for service, variables in (env or {}).items()},
        detection=detection,
        steps=steps,
        figures=(
            *figures_of(scenario, stack, detection, [d.alert for d in deadlines], pace),
            *limits_of(expected, deadlines),
            *patience_of(expected, context),
            *([PlannedDuration(name="relapse watch", production=relapse, real=relapse)] if steps else []),
        ),
        deadlines=deadlines,
        remarks=tuple(remarks_of(expected, deadlines, context)),
        procedures=dict(read.procedures),
        timeline_seconds=ends,
        recovery_limit=limit,
        healthy_for=max([_HEALTHY_AT_LEAST, *(wait.healthy_for for wait in waits)]) + _HEALTHY_MARGIN,
        relapse_watch=relapse,
        estimate_seconds=_estimate(ends, limit, relapse) + _procedures(scenario, read.procedures),
    )


def _steps(scenario: Scenario, pace: float) -> tuple[PlannedStep, ...]:
    return tuple(
        PlannedStep(index=i, start=step.at / pace, end=(step.at + step.hold) / pace, step=step)
        for i, step in enumerate(scenario.timeline)
    )


def _patient(
    scenario: Scenario,
    stack: Stack,
    context: ScenarioContext,
    expected: Iterable[tuple[AnyCheck, CheckParams]],
) -> Scenario:
    """The scenario with a load that waits as long as its expectations need, unless it says how long."""
    load = scenario.load
    if load is None or load.timeout is not None:
        return scenario
    needed = max((check.load_patience(params, context) for check, params in expected), default=0.0)
    if needed <= stack.load[load.profile].timeout:
        return scenario
    return scenario.model_copy(update={"load": load.model_copy(update={"timeout": needed})})


def _procedures(scenario: Scenario, known: Mapping[str, Procedure]) -> float:
    """Real seconds that the scenario's procedures may take: an estimate from the number of their steps."""
    named = [procedure for name in scenario.procedures if (procedure := known.get(name)) is not None]
    took = sum(len(procedure.steps) * _STEP for procedure in named)
    return took + (_STEADY if scenario.prepare else 0.0)  # then it must be steady again


def _deadlines(
    scenario: Scenario,
    detection: DetectionFacts | None,
    pace: float,
    first: int,
    checks: Mapping[str, AnyCheck] | None,
) -> Iterable[PlannedDeadline]:
    if detection is None:
        return
    for check, params in expectations(scenario, checks):
        for alert, within, resolves, labels in check.alert_deadlines(params):
            bound = detection.bound(alert, labels) / pace
            lingers = detection.lingers(alert, labels) / pace
            yield PlannedDeadline(
                alert=alert,
                within=max(within / pace, bound + ALERT_SLACK),
                bound=bound,
                step=first,
                resolves_within=None if resolves is None else max(resolves / pace, lingers + ALERT_SLACK),
                labels=None if labels is None else dict(labels),
            )


def _recovery_needed(
    waits: Iterable[Wait], deadlines: Iterable[PlannedDeadline], starts: float, ends: float
) -> float:
    """Real seconds after the last fault within which everything expected after it should have happened.

    The longest wait of any check, or an alert's own deadline where that lies beyond the faults.
    """
    needed = [starts + deadline.within - ends for deadline in deadlines]
    return max([*needed, *(wait.needed for wait in waits)], default=0.0)
