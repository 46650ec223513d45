"""All ledgers of a run, as the runner's port uses them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from chaos.faults.container_kill import ContainerKill
from chaos.ledger import Ledgers
from chaos.model.scenario import Rate, Writers
from tests.fakes import ManualClock
from tests.runner_harness import plan
from tests.unit.ledger.fakes import Shop, facts

KILL = ContainerKill.model_validate({"at": "2s", "for": "10s", "fault": "container.kill", "service": "cache"})


def ledgers(out: Path, shop: Shop, *names: str, **changes: Any) -> Ledgers:
    made = plan(KILL)
    writers = tuple(Writers(ledger=name, rate=Rate(per_second=1)) for name in names)
    stack = made.stack.model_copy(update={"ledgers": {name: facts(**changes) for name in names}})
    scenario = made.scenario.model_copy(update={"ledgers": writers})
    made = made.model_copy(update={"stack": stack, "scenario": scenario})
    return Ledgers(made, "abc123", out, shop.client(), shop.clock)


async def test_from_the_first_write_to_the_final_read(tmp_path: Path) -> None:
    clock = ManualClock()
    shop = Shop(clock)
    opened = ledgers(tmp_path / "ledger.jsonl", shop, "orders")
    await opened.start()
    await clock.advance(4.5)
    await opened.stop()
    lines = (tmp_path / "ledger.jsonl").read_text()
    db, web = await clock.run(opened.read_back())
    assert [row.id for row in db.rows] == [f"gd-abc123-orders-{number}" for number in range(5)]
    assert len(web.rows) == 5
    await clock.advance(60)
    assert (tmp_path / "ledger.jsonl").read_text() == lines, "nothing is written after the stop"
    assert opened.died() == ""


async def test_stopping_twice_or_before_the_start_does_nothing(tmp_path: Path) -> None:
    opened = ledgers(tmp_path / "ledger.jsonl", Shop(ManualClock()), "orders")
    await opened.stop()
    await opened.stop(at_once=True)


async def test_a_ledger_whose_name_begins_like_another_keeps_its_own_rows(tmp_path: Path) -> None:
    clock = ManualClock()
    shop = Shop(clock, db={"gd-abc123-a-1": "S", "gd-abc123-a-b-1": "S"})
    opened = ledgers(tmp_path / "ledger.jsonl", shop, "a", "a-b")
    reads = await clock.run(opened.read_back())
    ids = {read.ledger: [row.id for row in read.rows] for read in reads if read.store == "db"}
    assert ids == {"a": ["gd-abc123-a-1"], "a-b": ["gd-abc123-a-b-1"]}


async def test_writers_whose_book_cannot_be_written_are_seen_to_have_died(tmp_path: Path) -> None:
    clock = ManualClock()
    opened = ledgers(tmp_path / "nowhere" / "ledger.jsonl", Shop(clock), "orders")
    await opened.start()
    await clock.advance(3)
    assert opened.died().startswith("cannot write ledger.jsonl: No such file or directory")
    await opened.stop(at_once=True)


async def test_an_orderly_stop_lets_calls_under_way_end(tmp_path: Path) -> None:
    clock = ManualClock()
    shop = Shop(clock, takes=0.5)
    opened = ledgers(tmp_path / "ledger.jsonl", shop, "orders")
    await opened.start()
    await clock.advance(0.1)
    stopping = asyncio.ensure_future(opened.stop())
    await clock.advance(1)
    await stopping
    assert '"op":"acknowledged"' in (tmp_path / "ledger.jsonl").read_text()
