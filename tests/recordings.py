"""Whole recordings as a real run would have left them, for tests of the judge and of the reports."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from chaos.checks.breaker import Breaker
from chaos.checks.degradation import Degradation
from chaos.checks.detection import Detection
from chaos.checks.recovery import Recovery
from chaos.model.scenario import CheckParams
from chaos.timeline.events import Phase
from chaos.timeline.recording import Recording
from tests.recording_builder import RecordingBuilder

Kind = Literal["pass", "fail", "inconclusive", "aborted"]


def everything_expected() -> Mapping[str, tuple[CheckParams, ...]]:
    """Every kind of expectation, as a scenario file would have it."""
    return {
        "detection": (
            Detection.model_validate(
                {"must_fire": [{"alert": "dep_breaker_open", "within": "5m"}], "must_resolve_within": "5m"}
            ),
        ),
        "breaker": (
            Breaker.model_validate(
                {"name": "dep", "opens_within": "5s", "fails_fast_under": "50ms", "closes_within": "2m"}
            ),
        ),
        "degradation": (
            Degradation.model_validate(
                {"request": "GET /items", "status": 200, "header": {"X-Degraded": "stale"}}
            ),
            Degradation.model_validate({"request": "GET /ready", "status": 503}),
        ),
        "recovery": (Recovery.model_validate({"rto": "15m", "budget": "20s", "healthy_for": "10s"}),),
    }


@cache
def demo_recording(kind: Kind = "pass") -> Recording:
    """The dependency is killed from second 20 to 44 of a run of 76 s (fail: 86 s) at pace 20.

    pass: noticed, contained, over. fail: no breaker and no fallback, so clients wait for time-outs, the
    right alert never fires, a wrong one does, and clients are well again only 22 s after the fault.
    inconclusive: Prometheus could not be read. aborted: the user pressed Ctrl-C at second 32.
    """
    builder = RecordingBuilder(everything_expected())
    builder.phase(0.1, Phase.START).phase(4, Phase.STEADY).steady(10).phase(10.1, Phase.TIMELINE)
    for service in ("web", "dep", "prometheus"):
        builder.container(1.0, "running", "starting", service).container(3.5, "running", "healthy", service)
    if kind == "fail":
        _weak(builder)
    else:
        _strong(builder)
    if kind == "inconclusive":
        builder.metrics(complete=False)
    if kind == "aborted":
        return builder.interrupted(32).phase(32.1, Phase.TEARDOWN).clean(36).end(36.5)
    over = 82 if kind == "fail" else 72
    return builder.phase(over, Phase.TEARDOWN).clean(over + 3).end(over + 4)


def _strong(builder: RecordingBuilder) -> None:
    builder.fault(20, 44).container(20.15, "exited").container(43.8, "running", "starting")
    builder.container(44.6, "running", "healthy").phase(44.2, Phase.RECOVERY).steady(66, "after")
    builder.probe(4, 20.2).probe(20.2, 45.5, ok=False).probe(45.5, 72)
    builder.probe(4, 20.2, ok=False, status=200, label="degradation: GET /ready")
    builder.probe(20.2, 45.5, ok=True, status=503, label="degradation: GET /ready")
    builder.probe(45.5, 72, ok=False, status=200, label="degradation: GET /ready")
    builder.load(5, 20.2).load(20.2, 20.9, status=502, latency=0.03, error="")
    builder.load(20.9, 45.3, degraded="stale", latency=0.004).load(45.3, 72)
    builder.load(5, 20.2, name="POST /orders", status=201, rate=4, latency=0.02)
    builder.load(20.2, 45.3, name="POST /orders", status=202, degraded="queued", rate=4, latency=0.006)
    builder.load(45.3, 72, name="POST /orders", status=201, rate=4, latency=0.02)
    builder.alert("dep_breaker_open", 21.2, 30.5, 47)
    trial = ((26, "half_open"), (26.5, "open"))
    builder.breaker((0, "closed"), (21, "open"), *trial, (45, "half_open"), (45.5, "closed"))


def _weak(builder: RecordingBuilder) -> None:
    builder.fault(20, 44).container(20.15, "exited").container(43.8, "running", "starting")
    builder.container(44.6, "running", "healthy").phase(44.2, Phase.RECOVERY).steady(78, "after")
    builder.probe(4, 20.2).probe(20.2, 66, ok=False, every=0.5, detail="timeout").probe(66, 82)
    builder.probe(4, 82, ok=False, status=200, label="degradation: GET /ready")
    builder.load(5, 20.2).load(20.2, 44, status=0, latency=5.0, served=False, error="timeout")
    builder.load(44, 66, status=500, latency=0.8).load(66, 82)
    builder.alert("error_rate", 22, 28, 72)
    builder.breaker((0, "closed"))
