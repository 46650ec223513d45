"""Remarks on a run beforehand: limits that a slow machine may miss, and effects of the pace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from chaos.kinds import AnyCheck, Fault, RealLimit, ScenarioContext
from chaos.model.owners import OwnersData
from chaos.model.plan import ALERT_SLACK, PlannedDeadline, PlannedDuration, Remark
from chaos.model.scenario import CheckParams
from chaos.model.stack import Stack
from chaos.timing import format_duration


def limits_of(
    expected: Iterable[tuple[AnyCheck, CheckParams]], deadlines: Iterable[PlannedDeadline]
) -> tuple[PlannedDuration, ...]:
    """The limits in real time that are not parameters of the scenario."""
    found = [limit for check, params in expected for limit in check.limits(params)]
    if any(deadlines):
        found.append(RealLimit("alerts: least time beyond the bound", ALERT_SLACK))
    return tuple(
        PlannedDuration(name=name, production=seconds, real=seconds, limit=True)
        for name, seconds in dict.fromkeys(found)
    )


def patience_of(
    expected: Iterable[tuple[AnyCheck, CheckParams]], context: ScenarioContext
) -> tuple[PlannedDuration, ...]:
    """How long each piece of evidence waits for an answer before it gives up."""
    found = {c.name: c.what.patience for check, params in expected for c in check.collects(params, context)}
    return tuple(
        PlannedDuration(name=f"{name}: patience", production=seconds, real=seconds)
        for name, seconds in found.items()
    )


def _used_as_is(stack: Stack) -> Iterator[Remark]:
    for entry in stack.use_as_is:
        yield Remark(subject=entry, text="used as it is: this run reads, writes and breaks the owner's copy")


def _copied(stack: Stack) -> Iterator[Remark]:
    if stack.data is OwnersData.COPY:
        text = f"the run starts with a copy of the owner's data, {stack.copy_most_mib} MiB at most"
        yield Remark(subject="data", text=text)


def _stand_ins(stack: Stack, deadlines: Sequence[PlannedDeadline]) -> Iterator[Remark]:
    """Remarks on the alerts that the scenario depends on; the report lists all alerts."""
    facts = stack.prometheus
    for alert in dict.fromkeys(one.alert for one in deadlines):
        if facts is not None and alert in facts.stand_ins:
            yield Remark(subject=alert, text=facts.stand_ins[alert].sentence)


def remarks_of(
    expected: Iterable[tuple[AnyCheck, CheckParams]],
    deadlines: Sequence[PlannedDeadline],
    context: ScenarioContext,
) -> Iterator[Remark]:
    """Remarks of faults and checks, and the alerts with too little time during the faults."""
    for step in context.scenario.timeline:
        for text in step.remarks(context) if isinstance(step, Fault) else ():
            yield Remark(subject=step.summary(), text=text)
    yield from _used_as_is(context.stack)
    yield from _copied(context.stack)
    yield from _stand_ins(context.stack, deadlines)
    for check, params in expected:
        for text in check.remarks(params, context):
            yield Remark(subject=check.name, text=text)
    ends = [step.at + step.hold for step in context.scenario.timeline if step.answer is None]
    if not ends:
        return
    lasts = context.real(max(ends) - min(step.at for step in context.scenario.timeline))
    for one in deadlines:
        left = lasts - one.bound
        if left < ALERT_SLACK:
            yield Remark(
                subject=one.alert,
                text=f"at this pace the faults last {format_duration(round(left, 3))} beyond its bound, "
                f"less than {format_duration(ALERT_SLACK)}; they last longer at a lower --pace",
            )
