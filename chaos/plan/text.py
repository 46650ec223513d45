"""A plan as text, for ``gameday plan``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chaos.columns import columns
from chaos.model.plan import Plan, PlannedDuration
from chaos.timing import format_duration


def render_plan(plan: Plan) -> str:
    """Timeline, deadlines with their bounds, compressed and uncompressed figures, and the total time."""
    return "\n".join(_lines(plan)) + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    scenario = plan.scenario
    yield f"{scenario.scenario}: {scenario.title}"
    yield f"pace {plan.pace:g}" + (
        " (production time)" if plan.pace == 1 else f": 1 s here is {plan.pace:g} s of policy time"
    )
    yield f"takes about {_about(plan.estimate_seconds)}, set-up apart"
    yield ""
    yield "timeline (real seconds after the steady state is reached)"
    rows = [("0s", "", f"steady state: {condition.label}") for condition in scenario.steady_state]
    rows += [("0s", "", f"prepare: {_planned(plan, name)}") for name in scenario.prepare]
    rows += [("0s", "", f"rehearse: {_planned(plan, name)}") for name in scenario.rehearse]
    for planned in plan.steps:
        answer = planned.step.answer
        end = _real(planned.end) if answer is None else ""
        rows.append((_real(planned.start), end, planned.step.summary()))
        if answer is not None:
            rows.append((_real(planned.start), "", f"answer: {_planned(plan, answer)}"))
    rows.append((_real(plan.timeline_seconds), "", f"recovery, at most {_real(plan.recovery_limit)}"))
    if plan.relapse_watch:
        rows.append(("", "", f"keep watching for {_real(plan.relapse_watch)}, to see a relapse"))
    yield from _table(rows)
    yield from _procedures(plan)
    if plan.deadlines:
        yield ""
        yield "alerts that must fire (real time after the first fault; no promise below the bound)"
        yield from _table(
            [(d.alert, f"within {_real(d.within)}", f"bound {_real(d.bound)}") for d in plan.deadlines]
        )
    for service, variables in plan.env.items():
        yield ""
        yield f"variables of {service}"
        shown = {name: "***" if name in plan.stack.redact else value for name, value in variables.items()}
        yield from _table(list(shown.items()))
    yield from _figures(
        "compressed by the pace (policy time -> here)", [f for f in plan.figures if f.compressed]
    )
    yield from _other_rules(plan)
    yield from _figures(
        "limits in real time (the pace does not change them; a slow machine may miss them)",
        [f for f in plan.figures if f.limit],
    )
    yield from _figures("never compressed", [f for f in plan.figures if not f.compressed and not f.limit])
    if plan.remarks:
        yield ""
        yield "to be known beforehand"
        yield from (f"  {remark.subject}: {remark.text}" for remark in plan.remarks)


def _planned(plan: Plan, name: str) -> str:
    known = plan.procedures.get(name)
    return name if known is None else f"{name}, planned {format_duration(known.planned)}"


def _procedures(plan: Plan) -> Iterator[str]:
    """Steps as for an operator: planned minutes are never compressed, and never waited for."""
    for procedure in plan.procedures.values():
        yield ""
        yield f"{procedure.procedure}: {procedure.title} (planned minutes of an operator)"
        rows = [(step.step, format_duration(step.planned), step.title) for step in procedure.steps]
        yield from _table([*rows, ("all", format_duration(procedure.planned), "")])


def _other_rules(plan: Plan) -> Iterator[str]:
    """All rules are compressed; the figures above are for the rules that the scenario depends on."""
    others = [rule.alert for rule in plan.detection.rules] if plan.detection and plan.pace != 1 else []
    others = [alert for alert in dict.fromkeys(others) if alert not in {d.alert for d in plan.deadlines}]
    if others:
        yield f"  and likewise windows and `for` of the other rules: {', '.join(others)}"


def _figures(title: str, figures: list[PlannedDuration]) -> Iterator[str]:
    if figures:
        yield ""
        yield title
        yield from _table(
            [
                (f.name, format_duration(f.production), f"-> {_real(f.real)}" if f.compressed else "")
                for f in figures
            ]
        )


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    return columns(rows, indent="  ")


def _real(seconds: float) -> str:
    return format_duration(round(seconds, 3))


def _about(seconds: float) -> str:
    return format_duration(float(max(5, round(seconds / 5) * 5)))
