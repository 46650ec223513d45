"""Time series with timestamps, for ``promtool tsdb create-blocks-from openmetrics``.

https://prometheus.io/docs/specs/om/open_metrics_spec/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from chaos.export.spans import SpanKind, spans
from chaos.timeline.events import Sample
from chaos.timeline.recording import Recording


def as_openmetrics(recording: Recording) -> str:
    """Requests counted per second, readings of probes, and the faults in place, as OpenMetrics text."""
    common = f'run="{_escaped(recording.run_id)}",scenario="{_escaped(recording.plan.scenario.scenario)}"'
    families = (_requests, _probes, _faults)
    lines = [line for family in families for line in family(recording, common)]
    return "\n".join([*lines, "# EOF", ""])


def _requests(recording: Recording, common: str) -> Iterator[str]:
    counted: dict[tuple[str, bool], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for request in recording.requests:
        counted[request.name, request.served][int(request.finished) + 1] += 1
    if counted:
        yield "# TYPE gameday_requests counter"
        yield "# HELP gameday_requests Requests of the load that have ended."
    for (name, served), by_second in sorted(counted.items()):
        total = 0
        labels = f'{common},request="{_escaped(name)}",served="{str(served).lower()}"'
        for second, number in sorted(by_second.items()):
            total += number
            yield f"gameday_requests_total{{{labels}}} {total} {second}"


def _probes(recording: Recording, common: str) -> Iterator[str]:
    by_probe: dict[str, list[Sample]] = defaultdict(list)
    for sample in recording.of(Sample):
        by_probe[sample.probe].append(sample)
    if by_probe:
        yield "# TYPE gameday_probe_ok gauge"
        yield "# HELP gameday_probe_ok Whether the condition of a probe held."
    for probe, samples in sorted(by_probe.items()):
        last = None
        for sample in sorted(samples, key=lambda one: one.at):
            at = f"{sample.at:.3f}"
            if at != last:
                yield f'gameday_probe_ok{{{common},probe="{_escaped(probe)}"}} {int(sample.ok)} {at}'
            last = at


def _faults(recording: Recording, common: str) -> Iterator[str]:
    faults = [span for span in spans(recording) if span.kind is SpanKind.FAULT]
    if faults:
        yield "# TYPE gameday_fault gauge"
        yield "# HELP gameday_fault 1 while a fault is in place."
    for number, span in enumerate(faults):
        labels = f'{common},fault="{_escaped(span.name)}",step="{number}"'
        yield f"gameday_fault{{{labels}}} 1 {span.start:.3f}"
        yield f"gameday_fault{{{labels}}} 0 {max(span.end, span.start + 0.001):.3f}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
