"""The variants that measure badly, share too little, or start too thoroughly; the API as it is does not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

import httpx
import pytest
from agente.broken import EMPTY, preparation_of
from agente.broken_http import transport_of
from agente.broken_metrics import audit_of, metrics_of
from agente.database import Database
from agente.defects import parse_defects
from agente.servers import Connection


@pytest.mark.parametrize(("defect", "largest"), [("", 10.0), ("coarse_buckets", 1.0)])
def test_coarse_buckets_end_at_a_second(defect: str, largest: float) -> None:
    registry = metrics_of(parse_defects(defect)).registry
    bounds = {
        float(sample.labels["le"])
        for family in registry.collect()
        for sample in family.samples
        if sample.name == "orchestration_duration_seconds_bucket"
    }
    assert max(bounds - {float("inf")}) == largest


@pytest.mark.parametrize(("defect", "moves"), [("", True), ("measured_once", False)])
def test_measured_once_shows_the_first_reading_for_ever(defect: str, moves: bool, tmp_path: Path) -> None:
    registry = metrics_of(parse_defects(defect)).registry
    before = registry.get_sample_value("process_open_fds")
    with (tmp_path / "one more").open("w"):
        after = registry.get_sample_value("process_open_fds")
    assert before is not None
    assert after == before + (1 if moves else 0)


class Counts:
    """A database in which each question is answered with 3."""

    is_up = True

    async def run(self, work: object) -> int:
        return 3


@pytest.mark.parametrize(("defect", "seen"), [("", 3.0), ("no_audit", 0.0)])
async def test_no_audit_sees_no_double_booking(defect: str, seen: float) -> None:
    defects = parse_defects(defect)
    metrics = metrics_of(defects)
    await audit_of(defects, cast(Database, Counts()), metrics).look()
    assert metrics.registry.get_sample_value("reservations_overlapping") == seen


@pytest.mark.parametrize(("defect", "most"), [("", 3), ("one_connection", 1)])
async def test_one_connection_lets_requests_wait_for_each_other(defect: str, most: int) -> None:
    asked, enough, answer = 0, asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            asked += 1
            if asked == most:
                enough.set()
            await answer.wait()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with httpx.AsyncClient(
        transport=transport_of(parse_defects(defect)), trust_env=False, timeout=10
    ) as client:
        asking = [asyncio.ensure_future(client.get(url)) for _ in range(3)]
        await enough.wait()
        await asyncio.sleep(0.05)  # time for one more, if there were one
        assert asked == most
        answer.set()
        assert [reply.json() for reply in await asyncio.gather(*asking)] == [{}] * 3
    server.close()


class Statements:
    def __init__(self) -> None:
        self.seen: list[str] = []

    async def execute(self, statement: str, *values: object) -> None:
        self.seen.append(statement)

    async def fetchrow(self, statement: str, *values: object) -> None: ...

    async def fetch(self, statement: str, *values: object) -> list[object]:
        return []

    async def prepare(self, statement: str) -> None: ...


@pytest.mark.parametrize(
    ("defect", "emptied"), [("no_idempotency", 0), ("no_idempotency,empties_at_start", 1)]
)
async def test_empties_at_start_empties_once_a_start(defect: str, emptied: int) -> None:
    prepare, connections = preparation_of(parse_defects(defect)), [Statements(), Statements()]
    for connection in connections:
        await prepare(cast(Connection, connection))
    assert [EMPTY in one.seen for one in connections] == [bool(emptied), False]
