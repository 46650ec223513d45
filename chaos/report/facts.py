"""The setup of the run, as needed to run it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chaos.kinds import services_hit
from chaos.model.plan import Plan
from chaos.model.stack import StandIn
from chaos.report import human
from chaos.report.story import PHASE_MEANING
from chaos.timeline.before_fault import before_fault
from chaos.timeline.events import PhaseBegan, RunStarted, StackLeft
from chaos.timeline.recording import Recording

MASK = "••••"
_IMAGE = "image "  # how the runner marks an image among the versions


SCENARIO_SHA256, GIT_COMMIT = "scenario sha256", "git commit"  # facts that other files name too


@dataclass(frozen=True)
class ReportFact:
    name: str
    value: str


@dataclass(frozen=True)
class FigureRow:
    """One figure of policy time with its compressed value."""

    name: str
    production: str
    real: str
    compressed: bool


@dataclass(frozen=True)
class PhaseRow:
    name: str
    meaning: str
    began: str  # since the run's start
    took: str


@dataclass(frozen=True)
class Facts:
    rows: tuple[ReportFact, ...]
    images: tuple[ReportFact, ...]
    figures: tuple[FigureRow, ...]
    phases: tuple[PhaseRow, ...]


def facts(recording: Recording) -> Facts:
    """The setup of the run in words and figures, without values of redacted variables."""
    plan, scenario = recording.plan, recording.plan.scenario
    started = next(recording.of(RunStarted), None)
    rows = [
        ReportFact("run", recording.run_id or human.NO_DATA),
        ReportFact("started", human.instant(started.at) if started else human.NO_DATA),
        ReportFact("scenario", f"{scenario.scenario} ({plan.source.file})"),
        ReportFact(SCENARIO_SHA256, plan.source.sha256),
        ReportFact(GIT_COMMIT, plan.source.git_commit or "not in a git checkout"),
        ReportFact("stack", plan.stack.stack),
        ReportFact("pace", pace_sentence(plan.pace)),
        ReportFact("load", _load(plan)),
    ]
    if plan.control:
        rows.append(ReportFact("control run", "no fault was injected: it measures, and proves nothing"))
    if plan.rerun_of:
        rows.append(ReportFact("run again, alone", f"this machine was too busy to judge {plan.rerun_of}"))
    if plan.warm_after:
        rows.append(
            ReportFact(
                "warm stack", f"started by an earlier run; used before by {', '.join(plan.warm_after)}"
            )
        )
    rows += [ReportFact("stack afterwards", _left(event)) for event in recording.of(StackLeft)]
    rows += [ReportFact("objective", line) for line in _objectives(plan)]
    rows += [ReportFact(f"rule {alert}", one.sentence) for alert, one in _stand_ins(plan).items()]
    rows += [ReportFact("severity", str(scenario.severity))] if scenario.severity else []
    rows += [ReportFact("runbook", scenario.runbook)] if scenario.runbook else []
    rows += [ReportFact("tags", ", ".join(scenario.tags))] if scenario.tags else []
    rows += [ReportFact("variables", line) for line in _variables(plan)]
    rows += [ReportFact("before the fault", line) for line in _before(recording)]
    versions = started.versions if started else {}
    rows += [ReportFact(name, value) for name, value in versions.items() if not name.startswith(_IMAGE)]
    images = [
        ReportFact(n.removeprefix(_IMAGE), value) for n, value in versions.items() if n.startswith(_IMAGE)
    ]
    return Facts(tuple(rows), tuple(images), _figures(plan), _phases(recording))


def pace_sentence(pace: float) -> str:
    """The first line of every report."""
    if pace == 1:
        return "pace 1: production time, nothing is compressed"
    times = human.pace(pace)
    return f"pace {times}: policy time runs {times} times as fast, 1 min takes {human.duration(60 / pace)}"


def _left(event: StackLeft) -> str:
    """What a run that shares its stack says about the state in which it left the stack."""
    if event.differences:
        return f"not as it was before, so it was removed: {'; '.join(event.differences)}"
    found = f"as it was before ({', '.join(event.looked_at)})"
    return f"{found}; the next run uses it" if event.kept else f"{found}; removed, no run follows"


def _load(plan: Plan) -> str:
    load = plan.scenario.load
    return f"{load.profile}, {load.rate.per_second:g} requests a second, open loop" if load else "none"


def _before(recording: Recording) -> list[str]:
    """Measurements before the first fault: limits in real time apply to that machine."""
    found = before_fault(recording)
    said = [f"{human.count(found.requests, 'request')} in {human.duration(found.seconds)}"]
    if found.p95 is not None and found.not_served is not None:
        said.append(f"p95 {human.duration(found.p95)}, {found.not_served:.1%} not served")
    machine = found.machine
    if machine.cpu_busy is not None:
        said.append(f"cores {machine.cpu_busy:.0%} busy")
    if machine.cpu_pressure is not None:
        said.append(f"tasks waited for a core for {machine.cpu_pressure:.0%} of the time")
    if machine.longest_lag is not None:
        said.append(f"gameday came {machine.longest_lag:.2f} s late at most")
    limits = [f"{f.name} {human.duration(f.real)}" for f in recording.plan.figures if f.limit]
    return ["; ".join(said)] + (["limits in real time: " + ", ".join(limits)] if limits else [])


def _objectives(plan: Plan) -> list[str]:
    """What stack.yaml promises for each service that a fault hits."""
    lines = []
    for name in services_hit((one.step for one in plan.steps), plan.stack):
        service, objective = plan.stack.services.get(name), plan.stack.objectives.get(name)
        said = [f"tier {service.tier}"] if service is not None and service.tier is not None else []
        if objective is not None:
            said += [f"RTO {human.duration(objective.rto)}", f"RPO {human.duration(objective.rpo)}"]
        lines += [f"{name}: {', '.join(said)}"] if said else []
    return lines


def _stand_ins(plan: Plan) -> Mapping[str, StandIn]:
    return {} if plan.stack.prometheus is None else plan.stack.prometheus.stand_ins


def _variables(plan: Plan) -> list[str]:
    hidden = set(plan.stack.redact)
    return [
        f"{service}: {name}={MASK if name in hidden else value}"
        for service, variables in plan.env.items()
        for name, value in variables.items()
    ]


def _figures(plan: Plan) -> tuple[FigureRow, ...]:
    rows = [
        FigureRow(f.name, human.duration(f.production), human.duration(f.real), f.compressed)
        for f in plan.figures
    ]
    return tuple(sorted(rows, key=lambda row: not row.compressed))


def _phases(recording: Recording) -> tuple[PhaseRow, ...]:
    marks = [(event.at, event.phase) for event in recording.of(PhaseBegan)]
    ends = [*(at for at, _ in marks), recording.ended][1:]
    return tuple(
        PhaseRow(
            str(phase),
            PHASE_MEANING[phase],
            human.clock(at - recording.began),
            human.duration(until - at),
        )
        for (at, phase), until in zip(marks, ends, strict=True)
    )
