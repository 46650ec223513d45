"""Was a notification rendered completely? Pure: takes labels and annotations, returns their defects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from chaos.model.notifications import NotifiedAlert

# Traces of a template that was not filled in; the words are those of Prometheus and of Go's templates.
_REMAINS = ("{{", "}}", "<no value>", "<error expanding template", "%!")
_MEASURED = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?%?")
_FRACTION = re.compile(r"[+-]?\d+(\.\d+([eE][+-]?\d+)?|[eE][+-]?\d+)%?")
_FIGURES = ("le", "quantile", "version")  # labels whose values are numbers but never measurements


def rendering_problems(alerts: Sequence[NotifiedAlert]) -> tuple[str, ...]:
    """The distinct defects in the notifications of one alert, in words."""
    return tuple(dict.fromkeys([*_texts(alerts), *_values(alerts)]))


def _texts(alerts: Sequence[NotifiedAlert]) -> Iterator[str]:
    for alert in alerts:
        if not alert.annotations:
            yield "it has no annotation"
        for what, texts in (("label", alert.labels), ("annotation", alert.annotations)):
            for name, text in texts.items():
                if not text.strip():
                    yield f"{what} {name} is empty"
                elif any(remains in text for remains in _REMAINS):
                    yield f"{what} {name} was not filled in: {text!r}"


def _values(alerts: Sequence[NotifiedAlert]) -> Iterator[str]:
    """Labels with a measured value: each new value makes another alert, and `for` starts again."""
    for name in dict.fromkeys(name for alert in alerts for name in alert.labels):
        if name in _FIGURES:
            continue
        found = [alert.labels[name] for alert in alerts if name in alert.labels]
        if any(_FRACTION.fullmatch(text) for text in found):
            text = next(text for text in found if _FRACTION.fullmatch(text))
            yield f"label {name} holds a measured value: {text!r}"
        elif len(set(found)) > 1 and all(_MEASURED.fullmatch(text) for text in found):
            yield f"label {name} changes with a measured value: {', '.join(dict.fromkeys(found))}"


def runbook_of(alert: NotifiedAlert) -> str:
    """The link to its runbook: an annotation ``runbook_url`` or ``runbook``, or the label; "": none."""
    notes: Mapping[str, str] = alert.annotations
    return notes.get("runbook_url") or notes.get("runbook") or alert.labels.get("runbook", "")


def runbook_name(link: str) -> str:
    """The name of the file that a link leads to: ``https://host/docs/runbooks/01-x.md#steps`` -> ``01-x``."""
    path = link.partition("#")[0].partition("?")[0].rstrip("/")
    return path.rpartition("/")[2].removesuffix(".md")
