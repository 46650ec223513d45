"""Whole drills as real runs would have left them, for tests of the drill's score and report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from chaos.checks import data, recovery
from chaos.checks.data import Data
from chaos.checks.detection import FIRES, NO_OTHER, Detection
from chaos.checks.procedure import COMPLETED
from chaos.checks.recovery import Recovery
from chaos.drill import Drill, DrillPart, EarlierDrills, JudgedPart
from chaos.evidence import SealState
from chaos.kinds import NoParams
from chaos.model.asked import Asked
from chaos.model.identity import KEPT, LOST, PROCEDURE_STEP, RPO, RTO, EvidenceKind, ResultKey
from chaos.model.past import Freshness, PastDrill
from chaos.model.plan import Plan
from chaos.model.procedure import Procedure
from chaos.model.scenario import CheckParams
from chaos.model.stack import Objective, OutageCost, Stack
from chaos.model.verdict import CheckResult, Dimension, Evidence, Mark, Measure, Outcome, Unit, Verdict
from chaos.registry import kinds
from chaos.timeline.recording import Recording
from chaos.verdict import objectives_of, rpo_tested, rto_tested, score, tier_of
from tests.recording_builder import BEGAN, STACK, RecordingBuilder, ToyKill
from tests.results import a_result

DrillKind = Literal["good", "mixed", "unknown", "empty"]
MANIFEST = "3f2a" * 16


def objective(rto: str, rpo: str, tier: int | None = None) -> Objective:
    return Objective.model_validate({"rto": rto, "rpo": rpo, "tier": tier})


SITE = STACK.model_copy(
    update={
        "objectives": {
            "web": objective("3600s", "0s"),
            "database": objective("3600s", "900s", tier=1),
            "cache": objective("14400s", "3600s", tier=2),
            "monitoring": objective("86400s", "86400s", tier=3),
        },
        "outage_cost": OutageCost(per_hour=500),
    }
)


def procedure(name: str, objective: str, **planned: float) -> Procedure:
    """Steps with their planned seconds; every check is a command."""
    return Procedure.model_validate(
        {
            "procedure": name,
            "title": name.replace("-", " ").capitalize(),
            "objective": objective,
            "steps": [
                {
                    "step": step,
                    "title": step,
                    "planned": f"{seconds:g}s",
                    "check": {"run": "docker compose ps"},
                }
                for step, seconds in planned.items()
            ],
        }
    )


RESTORE = procedure(
    "restore-database", "database", assess=300, prepare=600, restore=1200, replay=900, validate=600
)
PROMOTE = procedure("promote-replica", "database", fence=120, promote=300, reconnect=180)
REFILL = procedure("refill-cache", "cache", empty=60, restore=600, validate=300)
REHEARSE = procedure("restore-test", "database", restore=1200, count=300)


def plan_of(
    name: str, answer: Procedure | None = None, rehearse: Procedure | None = None, stack: Stack = SITE
) -> Plan:
    """A plan whose one fault is answered by a procedure; without one it is held; or only a rehearsal."""
    plan = RecordingBuilder(hold=200).plan
    how = {"for": "200s"} if answer is None else {"answer": answer.procedure}
    step = ToyKill.model_validate({"at": "3m20s", **how})
    scenario = plan.scenario.model_copy(
        update={
            "scenario": name,
            "title": name.replace("-", " ").capitalize(),
            "timeline": () if rehearse else (step,),
            "rehearse": (rehearse.procedure,) if rehearse else (),
            "expect": {},
        }
    )
    steps = () if rehearse else (plan.steps[0].model_copy(update={"step": step}),)
    return plan.model_copy(
        update={
            "scenario": scenario,
            "stack": stack,
            "steps": steps,
            "procedures": {one.procedure: one for one in (answer, rehearse) if one is not None},
        }
    )


def mark(dimension: Dimension, fraction: float | None, reason: str = "", fix: str = "") -> Mark:
    return Mark(dimension=dimension, fraction=fraction, reason=reason, fix=fix)


def result(
    check: str,
    title: str,
    outcome: Outcome = Outcome.PASS,
    actual: str = "as expected",
    marks: tuple[Mark, ...] = (),
    measures: tuple[Measure, ...] = (),
    evidence: tuple[Evidence, ...] = (),
) -> CheckResult:
    """A result of no check of gameday's own."""
    made = a_result(check, outcome, title=title, marks=marks, measures=measures, evidence=evidence)
    return made.model_copy(update={"actual": actual})


def asked(check: str, params: CheckParams, key: ResultKey, plan: Plan | None = None) -> Asked:
    """The question as the product itself asks it: its key, subject and title are never made up here."""
    asks = kinds().checks[check].asks(plan or RecordingBuilder().plan, params)
    return next(one for one in asks if one.key == key)


def recovered(seconds: float | None, rto: float = 3600.0, outcome: Outcome | None = None) -> CheckResult:
    """What the check ``recovery`` says; None and FAIL: never, None and INCONCLUSIVE: unknown."""
    params = Recovery.model_validate({"rto": f"{rto:g}s"})
    question = asked("recovery", params, recovery.WITHIN_RTO)
    measures = (Measure(key=RTO, label="RTO", value=seconds, limit=rto),)
    fine = seconds is not None and seconds <= rto
    actual = (
        f"well again {seconds} s after the failure" if seconds is not None else "clients were not well again"
    )
    if outcome is Outcome.INCONCLUSIVE:
        return question.unknown(actual, measures=measures)
    if fine:
        return question.passed(actual, measures=measures)
    fix = "See in which stage the time went: detection, the restore itself, reconnecting, or warming up."
    cap = recovery.NEVER_RECOVERED if seconds is None else None
    return question.failed(actual, fix=fix, cap=cap, measures=measures)


def kept(lost: int = 0, rpo: float | None = 0.0, limit: float = 900.0, seconds: float = 0.0) -> CheckResult:
    """What the check ``data`` says of a ledger: so many acknowledged writes lost, ``rpo`` seconds back."""
    question = asked("data", Data.model_validate({"ledger": "orders", "rpo": "15m"}), data.ACKNOWLEDGED_KEPT)
    evidence = tuple(
        Evidence(
            text=f"lost gd-20231114-orders-{n:05d}, acknowledged {n} s before",
            kind=EvidenceKind.WRITE_LOST,
            ids=(f"gd-20231114-orders-{n:05d}",),
        )
        for n in range(min(lost, 10))
    )
    measures = (
        Measure(key=RPO, label="RPO", value=rpo, limit=limit),
        Measure(key=KEPT, label="writes ok", value=412 - lost, unit=Unit.NUMBER),
        Measure(key=LOST, label="writes lost", value=lost, unit=Unit.NUMBER),
    )
    if rpo is None:
        return question.unknown("there was no complete final read", evidence=evidence, measures=measures)
    actual = f"{lost} of 412 acknowledged writes lost"
    if rpo <= limit:
        return question.passed(actual, evidence=evidence, measures=measures)
    return question.failed(
        actual,
        reason=f"ledger orders: {lost} acknowledged writes lost, the oldest {rpo} s before the failure",
        fix="Archive the log more often, or answer only what a standby holds too.",
        cap=data.BEYOND_RPO,
        evidence=evidence,
        measures=measures,
    )


def walked(procedure: Procedure, *seconds: float) -> CheckResult:
    """What the check ``procedure`` says: seconds of each step that was done; fewer: the next one failed."""
    name = procedure.procedure
    plan = RecordingBuilder().plan.model_copy(update={"procedures": {name: procedure}})
    question = asked("procedure", NoParams(), COMPLETED, plan)
    measures = tuple(
        Measure(
            key=PROCEDURE_STEP,
            part=step.step,
            label=step.step,
            value=took,
            limit=step.planned,
            note=name,
        )
        for step, took in zip(procedure.steps, [*seconds, *[None] * len(procedure.steps)], strict=False)
    )
    if len(seconds) == len(procedure.steps):
        return question.passed("every step done", measures=measures)
    actual = f"stopped at {procedure.steps[len(seconds)].step}: no backup to restore"
    return question.failed(
        actual,
        reason=f"procedure {name} {actual}",
        fix="Fix the backup job, and run backup-validation every week.",
        measures=measures,
    )


EXPECTED_ALERT = Detection.model_validate({"must_fire": [{"alert": "dep_down", "within": "2m"}]})


def hygiene(fraction: float = 1.0) -> CheckResult:
    """Whether another alert fired than those that must."""
    question = asked("detection", EXPECTED_ALERT, NO_OTHER)
    if fraction == 1:
        return question.passed("as expected")
    fix = "Lower the alert's threshold, or say in the scenario that it may fire."
    reason = "alert error_rate fired unasked"
    return question.failed("fired: error_rate", reason=reason, fix=fix, fraction=fraction)


def noticed(fraction: float | None = 1.0) -> CheckResult:
    """Whether the alert fired in time; None: unknown."""
    question = asked("detection", EXPECTED_ALERT, FIRES)
    if fraction is None:
        return question.unknown("Prometheus did not answer", fix="Scrape faster.")
    if fraction == 1:
        return question.passed("as expected")
    reason = "alert dep_down fired late"
    return question.failed("fired late", reason=reason, fix="Scrape faster.", fraction=fraction)


@dataclass(frozen=True)
class Case:
    plan: Plan
    checks: tuple[CheckResult, ...]


def part_of(case: Case, root: Path) -> DrillPart:
    """A scenario that ran; its outcome is the worst of its checks."""
    plan, order = case.plan, [Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS]
    outcome = min((check.outcome for check in case.checks), key=order.index, default=Outcome.INCONCLUSIVE)
    worst = next((check for check in case.checks if check.outcome is outcome), None)
    reason = (
        "all checks passed"
        if outcome is Outcome.PASS
        else f"{worst.title}: {worst.actual}"
        if worst
        else "nothing"
    )
    name = plan.scenario.scenario
    verdict = Verdict(
        scenario=name, outcome=outcome, reason=reason, score=score(case.checks), checks=case.checks
    )
    builder = RecordingBuilder().steady().fault().clean().end()
    recording = Recording(plan, builder.events)
    folder = root / f"20231114T221320Z-{name}-abc123"
    judged = JudgedPart(recording, verdict, folder, MANIFEST, SealState.INTACT)
    return replace(unjudged_part(plan, ""), judged=judged)


def unjudged_part(plan: Plan, why: str) -> DrillPart:
    return DrillPart(
        scenario=plan.scenario.scenario,
        title=plan.scenario.title,
        tier=tier_of(plan),
        objectives=objectives_of(plan),
        why=why,
        rto_of=rto_tested(plan),
        rpo_of=rpo_tested(plan),
    )


def _good() -> tuple[Case, ...]:
    well = (hygiene(), noticed())
    return (
        Case(
            plan_of("database-loss", RESTORE),
            (*well, recovered(41.3), kept(2, 3.4), walked(RESTORE, 0.6, 2.1, 9.8, 14.2, 1.3)),
        ),
        Case(
            plan_of("replica-failover", PROMOTE),
            (*well, recovered(11.9), kept(), walked(PROMOTE, 0.4, 3.1, 0.9)),
        ),
        Case(
            plan_of("cache-loss", REFILL),
            (*well, recovered(0.0, 14400), kept(), walked(REFILL, 0.3, 4.4, 0.05)),
        ),
        Case(plan_of("restore-test", rehearse=REHEARSE), (hygiene(), walked(REHEARSE, 8.8, 1.2))),
    )


def _mixed() -> tuple[Case, ...]:
    good = _good()
    broken = Case(
        plan_of("database-loss", RESTORE),
        (hygiene(0.0), noticed(0.4), recovered(None), kept(37, 1260.0), walked(RESTORE, 0.6, 2.1)),
    )
    slow = Case(
        plan_of("replica-failover", PROMOTE),
        (hygiene(), noticed(None), recovered(4300.0), kept(0, None), walked(PROMOTE, 0.4, 420.0, 0.9)),
    )
    return (broken, slow, *good[2:])


EARLIER = EarlierDrills(
    drills=tuple(
        PastDrill(
            drill=f"20230{n}", began=BEGAN - days * 86400, score=number, grade=grade, certifiable=n != 2
        )
        for n, days, number, grade in ((1, 276, 58.2, "F"), (2, 183, 71.0, "C"), (3, 91, 84.4, "B"))
    ),
    fresh=(
        Freshness(
            procedure="site-rebuild",
            proven=BEGAN - 94 * 86400,
            tried=BEGAN - 94 * 86400,
            every_days=92,
            fresh=False,
            words="last proven 94 days ago (due every 92 days)",
        ),
        Freshness(
            procedure="restore-database",
            proven=BEGAN - 91 * 86400,
            tried=BEGAN - 91 * 86400,
            every_days=92,
            fresh=True,
            words="last proven 91 days ago (due every 92 days)",
        ),
    ),
)


def demo_drill(kind: DrillKind, root: Path) -> Drill:
    """good: all kept, first drill. mixed: a failed restore, a late failover, a scenario that never started,
    earlier drills. unknown: no run could be judged. empty: nothing was asked.
    """
    lost = unjudged_part(plan_of("site-loss", RESTORE), "the engine went away: no space left on device")
    parts: tuple[DrillPart, ...] = ()
    if kind == "good":
        parts = tuple(part_of(case, root) for case in _good())
    if kind == "mixed":
        parts = (*(part_of(case, root) for case in _mixed()), lost)
    if kind == "unknown":
        parts = (lost,)
    earlier = EARLIER if kind == "mixed" else EarlierDrills()
    stacks = (SITE,) if parts else ()
    return Drill(f"drill-{kind}", BEGAN, (20.0,) if parts else (), stacks, parts, earlier)
