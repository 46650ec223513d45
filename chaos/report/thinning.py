"""Reduces what a page draws of a large recording. The checks always use all data.

A report stays below two megabytes, whatever was recorded; it says how much it leaves out, and where that is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from chaos.report import human
from chaos.report.lanes import Lane, Lanes, Stretch
from chaos.report.row_kind import RowKind
from chaos.report.story import StoryLine
from chaos.report.tone import Tone

MOST_LANES = 60
MOST_SPANS = 100  # in a lane: with more, a span would be narrower than a few pixels
MOST_LINES = 60  # of the timeline, of each kind that repeats itself
_LABELS = 160  # characters of the text for one span
_REPEATING = (RowKind.CONTAINER, RowKind.PROBE, RowKind.BREAKER, RowKind.ALERT)
# If a stretch has several states, the page draws the most alarming one.
_LOUDEST_FIRST = (Tone.BAD, Tone.ALARM, Tone.FAULT, Tone.WARN, Tone.PENDING, Tone.TRIAL, Tone.SHIELD)


def thinned_lanes(drawn: Lanes) -> Lanes:
    """At most ``MOST_LANES`` lanes with at most ``MOST_SPANS`` stretches each."""
    lanes = tuple(replace(lane, spans=_spans(lane)) for lane in drawn.lanes[:MOST_LANES])
    rest = drawn.lanes[MOST_LANES:]
    if not rest:
        return Lanes(lanes, drawn.steady)
    names = human.clipped(", ".join(lane.name for lane in rest), 400)
    return Lanes(lanes, (*drawn.steady, f"{human.count(len(rest), 'lane')} not drawn: {names}"))


def thinned_story(lines: Sequence[StoryLine]) -> tuple[StoryLine, ...]:
    """Equal lines of one instant become one; of each kind that repeats itself the first and the last stay."""
    merged = [
        _one(list(same)) for _, same in groupby(lines, key=lambda line: (line.at, line.kind, line.text))
    ]
    totals = Counter(line.kind for line in merged if line.kind in _REPEATING)
    seen: Counter[RowKind] = Counter()
    kept: list[StoryLine] = []
    for line in merged:
        total, nth = totals[line.kind], seen[line.kind]
        seen[line.kind] += 1
        if total <= MOST_LINES or nth < MOST_LINES // 2 or nth >= total - MOST_LINES // 2:
            kept.append(line)
        elif nth == MOST_LINES // 2:
            left_out = human.count(total - 2 * (MOST_LINES // 2), "line")
            kept.append(replace(line, text=f"{left_out} of {line.kind}s not shown: the recording has them"))
    return tuple(kept)


def _one(same: Sequence[StoryLine]) -> StoryLine:
    if len(same) == 1:
        return same[0]
    return replace(same[0], text=f"{same[0].text} ({len(same)} times)")


def _spans(lane: Lane) -> tuple[Stretch, ...]:
    spans = tuple(_merged(lane.spans)) if lane.group is RowKind.ALERT else lane.spans
    if len(spans) <= MOST_SPANS:
        return spans
    size = -(-len(spans) // MOST_SPANS)
    return tuple(_joined(spans[at : at + size]) for at in range(0, len(spans), size))


def _merged(spans: Iterable[Stretch]) -> Iterable[Stretch]:
    """Series of one alert that are in the same state at the same time are one stretch."""
    ordered = sorted(spans, key=lambda span: (span.start, span.end, span.state))
    for _, group in groupby(ordered, key=lambda span: (span.start, span.end, span.state)):
        same = list(group)
        if len(same) == 1:
            yield same[0]
        else:
            detail = human.clipped("; ".join(span.detail for span in same if span.detail), _LABELS)
            yield replace(same[0], detail=f"{len(same)} series: {detail}")


def _joined(spans: Sequence[Stretch]) -> Stretch:
    loud = next((tone for tone in _LOUDEST_FIRST if any(span.tone is tone for span in spans)), spans[0].tone)
    states = ", ".join(dict.fromkeys(span.state for span in spans))
    return Stretch(
        min(span.start for span in spans),
        max(span.end for span in spans),
        human.clipped(f"{len(spans)} times: {states}", _LABELS),
        loud,
        any(span.open for span in spans),
    )
