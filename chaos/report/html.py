"""The HTML report: one file that opens anywhere, offline. All text goes through an autoescaped template."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from chaos.model.verdict import Outcome
from chaos.report import human
from chaos.report.buckets import Bucket
from chaos.report.lanes import Lane
from chaos.report.past import ScenarioTrendView, charts_of
from chaos.report.row_kind import RowKind
from chaos.report.tone import Tone
from chaos.report.view import ReportView
from chaos.timeline.events import Phase

LIBRARY = "vendor/echarts/echarts.min.js"
OUTCOME_SIGNS = {
    Outcome.PASS: "✓",
    Outcome.FAIL: "✕",
    Outcome.INCONCLUSIVE: "?",
    Outcome.ABORTED: "■",
}  # distinguishable without colour


@dataclass(frozen=True)
class Shade:
    """A stretch in which a fault was in place."""

    start: float
    end: float


class FlagKind(StrEnum):
    """The kind of a flag; the script in the page chooses its colour."""

    FAULT = "fault"
    NOTICED = "noticed"
    UNDONE = "undone"
    OVER = "over"


@dataclass(frozen=True)
class Flag:
    """An instant marked over the chart."""

    at: float
    text: str
    kind: FlagKind


@dataclass(frozen=True)
class Chart:
    """What the script in the page draws. Seconds since the run began; latencies in seconds."""

    start: float
    end: float
    broken: float | None
    width: float  # of a bucket
    shades: tuple[Shade, ...]
    flags: tuple[Flag, ...]
    buckets: tuple[Bucket, ...]
    lanes: tuple[Lane, ...]


def report_html(view: ReportView) -> str:
    """The page of one run, at most 2 MB."""
    scripts = [_asset(LIBRARY), _asset("assets/report.js")]
    drawn = view.past is not None and view.past.drawn
    if drawn:
        scripts.append(_asset("assets/past.js"))
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            view=view,
            chart=chart_of(view),
            data=json_for_script(asdict(chart_of(view))),
            past_data=past_data([(view.title, view.past)]) if drawn else "",
            css=Markup(_asset("assets/report.css")),
            scripts=[Markup(script) for script in scripts],
            policy=content_policy(scripts),
        )
    )


@dataclass(frozen=True)
class Theme:
    """Templates and style sheets of another package, in addition to those of the reports.

    ``package``: dotted name of the package that holds ``templates/``. ``styles``: paths inside of it.
    """

    package: str
    styles: tuple[str, ...] = ()


def page(template: str, theme: Theme | None = None, trends: bool = False, **values: object) -> str:
    """A page such as the summary, or one that ``theme`` brings. Only ``trends`` need scripts."""
    added = [_asset(name, theme.package) for name in theme.styles] if theme is not None else []
    css = Markup("".join([_asset("assets/report.css"), *added]))
    scripts = (_asset(LIBRARY), _asset("assets/past.js")) if trends else ()
    return (
        _environment(theme.package if theme is not None else None)
        .get_template(template)
        .render(
            css=css,
            scripts=[Markup(script) for script in scripts],
            policy=content_policy(scripts),
            **values,
        )
    )


def past_data(titled: Sequence[tuple[str, ScenarioTrendView | None]]) -> Markup:
    """The data for the trends' script."""
    return json_for_script([asdict(chart) for chart in charts_of(titled)])


def chart_of(view: ReportView) -> Chart:
    """The chart's data: the part of the run between the first load and the end of the recovery."""
    found, items = view.moments, view.buckets.items
    steady = next(
        (
            s.start
            for lane in view.lanes.lanes
            if lane.group is RowKind.RUN
            for s in lane.spans
            if s.state == Phase.STEADY
        ),
        0.0,
    )
    start = min([steady, *([items[0].start] if items else [])])
    gone = [
        s.start
        for lane in view.lanes.lanes
        if lane.group is RowKind.RUN
        for s in lane.spans
        if s.state == Phase.TEARDOWN
    ]
    last = items[-1].start + view.buckets.width if items else 0.0
    end = max(gone[0] if gone else view.took, last, start + 1.0)
    shades = tuple(
        Shade(
            w.start - view.started, (w.end if w.end is not None else view.started + view.took) - view.started
        )
        for w in found.windows
    )
    shown = tuple(
        lane for lane in view.lanes.lanes if any(s.end > start and s.start < end for s in lane.spans)
    )
    items = tuple(replace(item, latencies=()) for item in items)  # the curves need their percentiles only
    return Chart(start, end, found.broken, view.buckets.width, shades, _flags(view), items, shown)


def _flags(view: ReportView) -> tuple[Flag, ...]:
    found = view.moments
    if found.broken is None:
        return ()
    flags = [Flag(found.broken, "fault", FlagKind.FAULT)]
    if found.noticed.at is not None:  # counted from the injection, as its deadline is
        flags.append(Flag(found.noticed.at, f"noticed {human.offset(found.noticed.after)}", FlagKind.NOTICED))
    if found.undone is not None:
        word = "answer ended" if found.answered else "undone"
        flags.append(
            Flag(found.undone, f"{word} {human.offset(found.undone - found.broken)}", FlagKind.UNDONE)
        )
    if found.over is not None:
        flags.append(Flag(found.over, f"over {human.offset(found.over - found.broken)}", FlagKind.OVER))
    return tuple(flags)


def json_for_script(value: object) -> Markup:
    """JSON whose texts cannot break out of a script element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)


def content_policy(scripts: Sequence[str]) -> str:
    """Forbids every request and every foreign script. The chart's tooltip needs style attributes."""
    sums = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{value}'" for value in sums) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def breakable(text: str) -> Markup:
    """``text``, escaped; a browser may only break a long name after an underscore."""
    return Markup(str(escape(text)).replace("_", "_<wbr>"))


@cache
def _asset(name: str, package: str = "chaos.report") -> str:
    return files(package).joinpath(name).read_text(encoding="utf-8").replace("\r\n", "\n")


@cache
def _environment(package: str | None = None) -> Environment:
    """``package``: whose templates are found as well."""
    loaders = [PackageLoader(name, "templates") for name in (package, "chaos.report") if name is not None]
    environment = Environment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["sign"] = OUTCOME_SIGNS
    environment.globals["tone_sign"] = {Tone.GOOD: "✓", Tone.BAD: "✕", Tone.UNKNOWN: "?"}
    environment.filters["breakable"] = breakable
    environment.filters["points"] = human.points
    environment.filters["duration"] = human.duration
    environment.filters["clock"] = human.clock
    environment.filters["since"] = human.since
    environment.filters["instant"] = human.instant
    environment.filters["count"] = human.count
    return environment
