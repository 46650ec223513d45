"""Whole drills as real runs would have left them, for tests of the drill's score and report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from chaos.drill import Drill, DrillPart, Earlier, Judged
from chaos.model.past import Freshness, PastDrill
from chaos.model.plan import Plan
from chaos.model.procedure import Procedure
from chaos.model.stack import Objective, OutageCost, Stack
from chaos.model.verdict import CheckResult, Dimension, Evidence, Mark, Measure, Outcome, Verdict
from chaos.timeline.recording import Recording
from chaos.verdict import objectives_of, rpo_tested, rto_tested, score, tier_of
from tests.tape import BEGAN, STACK, Tape, ToyKill

DrillKind = Literal["good", "mixed", "untold", "empty"]
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
    plan = Tape(hold=200).plan
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
    return CheckResult(
        check=check,
        title=title,
        outcome=outcome,
        expected="what was promised",
        actual=actual,
        marks=marks,
        measures=measures,
        evidence=evidence,
    )


def recovered(seconds: float | None, rto: float = 3600.0, outcome: Outcome | None = None) -> CheckResult:
    """What the check ``recovery`` says; None and FAIL: never, None and INCONCLUSIVE: could not be told."""
    fine = seconds is not None and seconds <= rto
    said = outcome or (Outcome.PASS if fine else Outcome.FAIL)
    fraction = None if said is Outcome.INCONCLUSIVE else float(fine)
    actual = (
        f"well again {seconds} s after the failure" if seconds is not None else "clients were not well again"
    )
    fix = "See in which stage the time went: detection, the restore itself, reconnecting, or warming up."
    marks = (
        mark(Dimension.RECOVERY, fraction, "" if fine else f"clients recover within the RTO: {actual}", fix),
    )
    measures = (Measure(name="RTO", value=seconds, limit=rto),)
    return result("recovery", "clients recover within the RTO", said, actual, marks, measures)


def kept(lost: int = 0, rpo: float | None = 0.0, limit: float = 900.0, seconds: float = 0.0) -> CheckResult:
    """What the check ``data`` says of a ledger: so many acknowledged writes lost, ``rpo`` seconds back."""
    over = rpo is not None and rpo > limit
    outcome = Outcome.INCONCLUSIVE if rpo is None else Outcome.FAIL if over else Outcome.PASS
    fraction = None if rpo is None else 0.0 if over else 1.0
    fix = "Archive the log more often, or answer only what a standby holds too."
    why = (
        f"ledger orders: {lost} acknowledged writes lost, the oldest {rpo} s before the failure"
        if over
        else ""
    )
    ids = tuple(
        Evidence(text=f"lost gd-20231114-orders-{n:05d}, acknowledged {n} s before") for n in range(lost)
    )
    return result(
        "data",
        "ledger orders keeps what was acknowledged",
        outcome,
        f"{lost} of 412 acknowledged writes lost" if rpo is not None else "there was no complete final read",
        (mark(Dimension.DATA, fraction, why, fix if over else ""),),
        (
            Measure(name="RPO", value=rpo, limit=limit),
            Measure(name="ok", value=412 - lost, unit="writes"),
            Measure(name="lost", value=lost, unit="writes"),
        ),
        ids[:10],
    )


def walked(procedure: Procedure, *seconds: float) -> CheckResult:
    """What the check ``procedure`` says: seconds of each step that was done; fewer: the next one failed."""
    done = len(seconds) == len(procedure.steps)
    measures = tuple(
        Measure(name=step.step, value=took, limit=step.planned, note=procedure.procedure)
        for step, took in zip(procedure.steps, [*seconds, *[None] * len(procedure.steps)], strict=False)
    )
    actual = (
        "every step done"
        if done
        else f"stopped at {procedure.steps[len(seconds)].step}: no backup to restore"
    )
    return result(
        "procedure",
        f"procedure {procedure.procedure}",
        Outcome.PASS if done else Outcome.FAIL,
        actual,
        (
            mark(
                Dimension.RECOVERY,
                float(done),
                "" if done else f"procedure {procedure.procedure} {actual}",
                "" if done else "Fix the backup job, and run backup-validation every week.",
            ),
        ),
        measures,
    )


def hygiene(fraction: float = 1.0) -> CheckResult:
    fix = "Lower the alert's threshold, or say in the scenario that it may fire."
    marks = (
        mark(Dimension.HYGIENE, fraction, "" if fraction == 1 else "alert error_rate fired unasked", fix),
    )
    return result(
        "detection", "no other alert fires", Outcome.PASS if fraction == 1 else Outcome.FAIL, marks=marks
    )


def noticed(fraction: float | None = 1.0) -> CheckResult:
    marks = (
        mark(
            Dimension.DETECTION,
            fraction,
            "" if fraction == 1 else "alert dep_down fired late",
            "Scrape faster.",
        ),
    )
    outcome = Outcome.PASS if fraction == 1 else Outcome.INCONCLUSIVE if fraction is None else Outcome.FAIL
    return result("detection", "alert dep_down fires within 2m", outcome, marks=marks)


@dataclass(frozen=True)
class Case:
    plan: Plan
    checks: tuple[CheckResult, ...]


def part_of(case: Case, root: Path, manifest: str = MANIFEST, seal: str = "intact") -> DrillPart:
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
    tape = Tape().steady().fault().clean().end()
    recording = Recording(plan, tape.events)
    folder = root / f"20231114T221320Z-{name}-abc123"
    judged = Judged(recording, verdict, folder, manifest, seal)
    return replace(untold_part(plan, ""), judged=judged)


def untold_part(plan: Plan, why: str) -> DrillPart:
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


EARLIER = Earlier(
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
            words="last proven 94 days ago (due every 92)",
        ),
        Freshness(
            procedure="restore-database",
            proven=BEGAN - 91 * 86400,
            tried=BEGAN - 91 * 86400,
            every_days=92,
            fresh=True,
            words="last proven 91 days ago (due every 92)",
        ),
    ),
)


def demo_drill(kind: DrillKind, root: Path) -> Drill:
    """good: all kept, first drill. mixed: a failed restore, a late failover, a scenario that never started,
    earlier drills. untold: no run could be judged. empty: nothing was asked.
    """
    lost = untold_part(plan_of("site-loss", RESTORE), "the engine went away: no space left on device")
    parts: tuple[DrillPart, ...] = ()
    if kind == "good":
        parts = tuple(part_of(case, root) for case in _good())
    if kind == "mixed":
        parts = (*(part_of(case, root) for case in _mixed()), lost)
    if kind == "untold":
        parts = (lost,)
    earlier = EARLIER if kind == "mixed" else Earlier()
    stacks = (SITE,) if parts else ()
    return Drill(f"drill-{kind}", BEGAN, (20.0,) if parts else (), stacks, parts, earlier)
