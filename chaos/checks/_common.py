"""What checks share: telling problems of an expectation, letting marks fall, putting results together."""

from __future__ import annotations

from chaos.model.verdict import CheckResult, Dimension, Evidence, Mark, Measure, Outcome
from chaos.timeline.recording import Recording
from chaos.timing import format_duration

Found = tuple[tuple[str | int, ...], str, str]
"""One problem of an expectation: place inside the entry, what is wrong and was expected, the fix."""

FIX_UNKNOWN = "Fix what kept the data out of the recording, and run the scenario again."


def falling(value: float, target: float) -> float:
    """Share of full marks: 1 inside ``target``, falling linearly to 0 at twice the target (DESIGN, score)."""
    if value <= target:
        return 1.0
    return max(0.0, 2.0 - value / target) if target > 0 else 0.0


def span(seconds: float) -> str:
    """A length for people: ``1.23s``, ``12ms``, ``2m5s``; never more digits than were measured."""
    digits = 3 if abs(seconds) < 1 else 2 if abs(seconds) < 60 else 0
    return format_duration(round(float(seconds), digits))


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def since_start(recording: Recording, at: float, text: str) -> Evidence:
    """Evidence with its instant on the axis of judging and report: seconds since the run began."""
    return Evidence(text=text, at=round(at - recording.began, 3))


def marked(dimension: Dimension, fraction: float, reason: str, fix: str) -> tuple[Mark, ...]:
    """One mark; reason and fix are kept only where points were lost."""
    fraction = round(min(1.0, max(0.0, fraction)), 6)
    if fraction == 1.0:
        return (Mark(dimension=dimension, fraction=1.0),)
    return (Mark(dimension=dimension, fraction=fraction, reason=reason, fix=fix),)


def unknown(
    check: str,
    title: str,
    expected: str,
    why: str,
    dimension: Dimension | None = None,
    evidence: tuple[Evidence, ...] = (),
    measures: tuple[Measure, ...] = (),
    fix: str = FIX_UNKNOWN,
) -> CheckResult:
    """An INCONCLUSIVE result. Its mark could not be told, so that the score knows what is missing."""
    return CheckResult(
        check=check,
        title=title,
        outcome=Outcome.INCONCLUSIVE,
        expected=expected,
        actual=why,
        evidence=evidence,
        measures=measures,
        marks=(Mark(dimension=dimension, fraction=None, reason=why, fix=fix),) if dimension else (),
    )
