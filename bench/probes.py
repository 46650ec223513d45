"""The HTTP probe: what a reading costs, and whether a slow target is sampled as often as a fast one."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from itertools import pairwise

from bench.table import print_table
from bench.target import target
from chaos.model.scenario import HttpCondition
from chaos.probes.http import run_http_probe
from chaos.timeline.events import Sample
from chaos.timeline.questions import percentile
from chaos.timing import SystemClock

SECONDS, PROBES, HZ = 6.0, 4, 10.0
CONDITION = HttpCondition.model_validate({"service": "web", "path": "/ready", "timeout": "2s"})


async def run(url: str) -> tuple[list[Sample], float]:
    written: list[Sample] = []

    def keep(event: object) -> None:
        if isinstance(event, Sample):
            written.append(event)

    probes = [
        asyncio.create_task(run_http_probe(CONDITION, f"probe {n}", url, keep, SystemClock(), HZ))
        for n in range(PROBES)
    ]
    cpu = time.process_time()
    await asyncio.sleep(SECONDS)  # the length of the measurement
    cpu = time.process_time() - cpu
    for probe in probes:
        probe.cancel()
    for probe in probes:
        with suppress(asyncio.CancelledError):
            await probe
    return written, cpu


def measure() -> None:
    rows = []
    for name, stall_at in (("answers at once", 1e9), ("needs 1.5 s from second 2", 2.0)):
        with target(stall_at, 1.5) as url:
            samples, cpu = asyncio.run(run(url))
        starts = sorted(sample.started for sample in samples if sample.probe == "probe 0")
        gaps = [after - before for before, after in pairwise(starts)]
        rows.append(
            [
                name,
                f"{len(samples) / PROBES / SECONDS:.1f}/s",
                f"{1000 * max(gaps):.0f} ms",
                f"{1000 * (percentile([s.at - s.started for s in samples], 0.5) or 0):.1f} ms",
                f"{1000 * cpu / len(samples):.1f} ms",
                f"{cpu / SECONDS:.1%}",
            ]
        )
    head = ["target", "samples of each", "longest gap", "answer, median", "CPU of a reading", "of one core"]
    print_table(f"{PROBES} HTTP probes at {HZ:g}/s in the harness's own process, {SECONDS:g} s", head, rows)
