"""Repeated runs of one scenario: the spread of each measure and the rate of each outcome, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from chaos.app.stored_runs.past import row_of
from chaos.app.stored_runs.verdicts import JudgedRun
from chaos.columns import columns
from chaos.files import write_file
from chaos.history.spread import Interval, MeasureSpread, RepeatedScenario, repeated
from chaos.model.base import Frozen
from chaos.report import human
from chaos.timeline.before_fault import BeforeFault, before_fault

NAME = "repeats"


class RepeatsReport(Frozen):
    """repeats.json."""

    schema_version: int = 1
    scenarios: tuple[RepeatedScenario, ...]


def write_repeats(folder: Path, judged: Sequence[JudgedRun]) -> tuple[Path, ...]:
    """repeats.json and repeats.txt, if a scenario ran more than once; call it before the folder is sealed."""
    found = repeated(row_of(one) for one in judged)
    if not found:
        return ()
    text = "\n".join(_lines(found, judged)) + "\n"
    return (
        write_file(folder / f"{NAME}.json", RepeatsReport(scenarios=found).model_dump_json(indent=2) + "\n"),
        write_file(folder / f"{NAME}.txt", text),
    )


def _lines(found: Sequence[RepeatedScenario], judged: Sequence[JudgedRun]) -> Iterator[str]:
    for one in found:
        floors = [before_fault(j.recording) for j in judged if j.recording.run_id in one.runs]
        yield f"{one.scenario}: {len(one.runs)} runs at pace {human.pace(one.pace)}"
        for rate in one.outcomes:
            yield f"  {rate.outcome} {rate.number} of {rate.of} (95 % interval {_shares(rate.interval)})"
        yield f"  before the fault: {_floor(floors)}"
        head = ("measure", "least", "median", "mean", "most", "95 % of the mean", "limit", "unknown")
        yield from columns([head, *(_row(measure) for measure in one.measures)], indent="  ")
        yield ""


def _row(one: MeasureSpread) -> tuple[str, ...]:
    def said(value: float | None) -> str:
        return "" if value is None else human.quantity(value, one.unit)

    name = f"{one.title}: {one.label}" + (f" {one.part}" if one.part else "")
    unknown, limit = f"{one.unknown}" if one.unknown else "", said(one.limit)
    if one.spread is None:
        return (name, "", "", "", "", "", limit, unknown)
    interval = one.spread.interval
    of_mean = "" if interval is None else f"{said(max(0.0, interval.low))} to {said(interval.high)}"
    figures = (one.spread.least, one.spread.median, one.spread.mean, one.spread.most)
    return (name, *(said(value) for value in figures), of_mean, limit, unknown)


def _floor(floors: Sequence[BeforeFault]) -> str:
    """Medians over the runs that have the value."""
    p95s = [one.p95 for one in floors if one.p95 is not None]
    failed = [one.not_served for one in floors if one.not_served is not None]
    busy = [one.machine.cpu_busy for one in floors if one.machine.cpu_busy is not None]
    said = [f"p95 {human.duration(median(p95s))} (up to {human.duration(max(p95s))})"] if p95s else []
    said += [f"{median(failed):.1%} not served (up to {max(failed):.1%})"] if failed else []
    said += [f"cores {median(busy):.0%} busy"] if busy else []
    return ", ".join(said) or "not enough requests"


def _shares(interval: Interval) -> str:
    return f"{interval.low:.0%} to {interval.high:.0%}"
