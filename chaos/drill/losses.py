"""What the failures cost: acknowledged writes, seconds of outage, and money for the outage."""

from __future__ import annotations

import math
from dataclasses import dataclass

from chaos.drill.objectives import measured, worst_text
from chaos.drill.parts import Drill, DrillPart
from chaos.model.identity import LOST, RPO, RTO, SubjectKind
from chaos.model.stack import OutageCost
from chaos.model.verdict import CheckResult, Outcome
from chaos.report import human

HOUR = 3600.0
NOT_ASKED = "not asked"
MOST_LINES = 12  # of evidence about one run; the run's own report shows all lines


@dataclass(frozen=True)
class DataView:
    """The result of one ledger. ``counts``: its counts; ``lines``: the ids and other evidence for them."""

    title: str
    outcome: Outcome
    actual: str
    counts: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]
    more: int


@dataclass(frozen=True)
class LossView:
    """One run. ``seconds`` and ``money`` None: not known, or the outage did not end."""

    scenario: str
    seconds: float | None
    money: float | None
    outage: str
    cost: str  # the formula with its figures
    rpo: str
    data: tuple[DataView, ...]


@dataclass(frozen=True)
class DrillLosses:
    """``seconds`` and ``money`` add up the known values; ``complete`` False: the true sum is larger."""

    runs: tuple[LossView, ...]
    seconds: float
    money: float | None
    complete: bool
    outage: str
    cost: str
    formula: str  # "" if no stack declares what an outage costs


def losses_of(drill: Drill) -> DrillLosses:
    """One row for each run, in order. The sum says "at least" if a value is not known."""
    runs = tuple(_loss(part) for part in drill.parts)
    known = [run.seconds for run in runs if run.seconds is not None]
    complete = all(run.seconds is not None for run in runs if run.outage != NOT_ASKED)
    costs = {stack.outage_cost for stack in drill.stacks if stack.outage_cost is not None}
    monies = [run.money for run in runs if run.money is not None]
    at_least = "" if complete else "at least "
    single = next(iter(costs)) if len(costs) == 1 else None
    money = sum(monies) if single is not None and monies else None
    return DrillLosses(
        runs=runs,
        seconds=sum(known),
        money=money,
        complete=complete,
        outage=at_least + human.duration(sum(known)) if known else worst_text(RTO, None),
        cost="" if money is None or single is None else at_least + _money(money, single.currency),
        formula=_formula(costs),
    )


def _loss(part: DrillPart) -> LossView:
    asked, seconds = measured(part, RTO)
    rpo_asked, rpo = measured(part, RPO)
    never = seconds == math.inf
    known = None if seconds is None or never else seconds
    cost = part.judged.recording.plan.stack.outage_cost if part.judged is not None else None
    money = None if known is None or cost is None else known * cost.per_hour / HOUR
    checks = part.judged.verdict.checks if part.judged is not None else ()
    return LossView(
        scenario=part.scenario,
        seconds=known,
        money=money,
        outage=("it did not end" if never else worst_text(RTO, seconds)) if asked else NOT_ASKED,
        cost=NOT_ASKED if not asked else _cost(known, cost, money),
        rpo=worst_text(RPO, rpo) if rpo_asked else NOT_ASKED,
        data=tuple(_data(result) for result in checks if result.subject.kind is SubjectKind.LEDGER),
    )


def _data(result: CheckResult) -> DataView:
    lost = any(measure.key == LOST and measure.value for measure in result.measures)  # within the RPO too
    shown = result.evidence if lost or result.outcome is not Outcome.PASS else ()
    counts = tuple(
        (m.label, human.quantity(m.value, m.unit, m.limit)) for m in result.measures if m.key != RPO
    )
    return DataView(
        title=result.title,
        outcome=result.outcome,
        actual=result.actual,
        counts=counts,
        lines=tuple(fact.text for fact in shown[:MOST_LINES]),
        more=max(0, len(shown) - MOST_LINES),
    )


def _money(value: float, currency: str) -> str:
    return f"{value:,.2f} {currency}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _cost(known: float | None, cost: OutageCost | None, money: float | None) -> str:
    return "" if money is None or cost is None or known is None else _sum(known, cost, money)


def _sum(seconds: float, cost: OutageCost, money: float) -> str:
    return f"{seconds:.1f} s × {cost.per_hour:g} {cost.currency} / 3600 s = {_money(money, cost.currency)}"


def _formula(costs: set[OutageCost]) -> str:
    said = " or ".join(sorted(f"{cost.per_hour:g} {cost.currency} an hour" for cost in costs))
    return (
        f"seconds of outage × cost of an hour / 3600 s, at {said}, as the owners of the stack put it"
        if said
        else ""
    )
