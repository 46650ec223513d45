"""The load: what it costs, how late it is, and what a standstill of the target does to it and to a
closed-loop peer.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.table import print_table
from bench.target import target
from chaos.load.process import LoadProcess, TrafficToSend
from chaos.model.stack import LoadProfile
from chaos.timeline.questions import percentile
from chaos.timeline.requests import Request

SECONDS = 10.0
STALL_AT, STALL = 4.0, 2.0
PEER_USERS, PEER_RATE = 10, 4  # 40 requests a second in all, while the target answers
PROFILE = LoadProfile.model_validate({"entry": "clients->web", "requests": [{"request": "GET /x?n=$seq"}]})


@dataclass(frozen=True)
class Measured:
    requests: tuple[Request, ...]
    cpu: float  # share of one core
    memory: float  # MB


async def ours(url: str, rate: float) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        out, load = Path(folder) / "load.jsonl", LoadProcess()
        await load.start(TrafficToSend(PROFILE, url, rate, 60), out)
        assert load.pid is not None
        worker = psutil.Process(load.pid)
        before = worker.cpu_times()
        await asyncio.sleep(SECONDS)  # the length of the measurement
        after = worker.cpu_times()
        memory = worker.memory_info().rss / 1e6
        await load.stop()
        requests = tuple(Request.model_validate_json(line) for line in out.read_text().splitlines())
    cpu = (after.user + after.system - before.user - before.system) / SECONDS
    return Measured(requests, cpu, memory)


def cost() -> None:
    rows = []
    for rate in (20, 40, 200):
        with target() as url:
            measured = asyncio.run(ours(url, rate))
        late = [request.sent - request.intended for request in measured.requests]
        rows.append(
            [
                f"{rate}/s",
                str(len(measured.requests)),
                f"{measured.cpu:.1%}",
                f"{measured.memory:.0f} MB",
                f"{1000 * (percentile(late, 0.5) or 0):.1f} ms",
                f"{1000 * (percentile(late, 0.99) or 0):.1f} ms",
            ]
        )
    head = ["rate", "requests", "of one core", "memory", "late, median", "late, p99"]
    print_table(f"The load worker, {SECONDS:g} s each against a target that answers at once", head, rows)


def standstill() -> None:
    with target(STALL_AT, STALL) as url:
        requests = asyncio.run(ours(url, PEER_USERS * PEER_RATE)).requests
    latencies = [request.latency for request in requests]
    with target(STALL_AT, STALL) as url:
        peer = closed_loop_peer(url)
    rows = [_row("chaos.load, open loop", latencies), _row("locust, closed loop, 10 users", peer)]
    title = f"A target that stands still for {STALL:g} s of {SECONDS:g} s, at 40 requests a second"
    print_table(title, ["load", "requests sent", "slower than 100 ms", "p90", "p95", "worst"], rows)


def _row(name: str, latencies: list[float]) -> list[str]:
    slow = sum(latency > 0.1 for latency in latencies)
    cells = [f"{1000 * (percentile(latencies, part) or 0):.0f} ms" for part in (0.9, 0.95, 1.0)]
    return [name, str(len(latencies)), f"{slow} ({slow / len(latencies):.1%})", *cells]


def closed_loop_peer(url: str) -> list[float]:
    """Response times, in seconds, that Locust itself reports of ten users who wait for each answer."""
    locustfile = Path(__file__).with_name("peer_locustfile.py")
    words = ["--headless", "--json", "-u", str(PEER_USERS), "-r", str(PEER_USERS), "-t", f"{SECONDS:g}s"]
    argv = [sys.executable, "-m", "locust", "-f", str(locustfile), "--host", url, *words]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    (entry,) = json.loads(done.stdout)
    return [
        float(milliseconds) / 1000
        for milliseconds, count in entry["response_times"].items()
        for _ in range(count)
    ]


def measure() -> None:
    cost()
    standstill()
