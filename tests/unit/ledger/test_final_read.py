"""The final read: parsing answers, and when gameday stops reading the stores again."""

from __future__ import annotations

import pytest

from chaos.errors import ToolProblem
from chaos.ledger.final_read import READ_DEADLINE, Reader
from chaos.ledger.rows import rows_of
from chaos.model.ledger import LedgerStore
from tests.fakes import ManualClock
from tests.unit.ledger.fakes import Shop, facts


def store(**given: object) -> LedgerStore:
    declared = {"command": {"service": "db", "argv": ["list"]}, "id": "key", "fields": {"seat": "place"}}
    return LedgerStore.model_validate({**declared, **given})


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("csv", "key,place\np-1,S 1\nx-1,S 2\n"),
        ("jsonl", '{"key": "p-1", "place": "S 1"}\n\n{"key": "x-1", "place": null}\n'),
        ("json", '[{"key": "p-1", "place": "S 1", "more": [1]}, {"key": "x-1", "place": 3}]'),
    ],
)
def test_only_rows_with_the_prefix_are_looked_at(form: str, text: str) -> None:
    (row,) = rows_of(store(format=form), text, "p-")
    assert (row.id, row.values) == ("p-1", {"seat": "S 1"})


def test_rows_may_lie_deep_in_an_answer() -> None:
    text = '{"data": {"orders": [{"key": "p-1", "place": 7}]}}'
    assert rows_of(store(rows="data.orders"), text, "p-")[0].values == {"seat": "7"}


def test_another_ledger_whose_prefix_begins_alike_is_not_ours() -> None:
    text = '[{"key": "gd-1-a-1", "place": ""}, {"key": "gd-1-a-b-1", "place": ""}]'
    assert [row.id for row in rows_of(store(), text, "gd-1-a-", ["gd-1-a-b-"])] == ["gd-1-a-1"]


@pytest.mark.parametrize(
    ("given", "text", "why"),
    [
        ({}, '[{"place": "S"}]', "row 1 has no field key"),
        ({}, '[{"key": "p-1"}]', "row 1 has no field place"),
        ({}, '{"key": "p-1"}', "expected a list of rows, got dict"),
        ({}, "no json", "the answer is not json"),
        ({"rows": "data.orders"}, '{"data": {}}', "the answer has no data.orders"),
        ({"format": "csv"}, "", "the answer is empty"),
        ({"format": "csv"}, "key,place\np-1\n", "line 2 does not have the columns"),
        ({"format": "jsonl"}, "3\n", "row 1 is not an object"),
    ],
)
def test_what_is_not_understood_is_no_empty_store(given: dict[str, object], text: str, why: str) -> None:
    with pytest.raises(ToolProblem, match=why):
        rows_of(store(**given), text, "p-")


class Room:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.shop = Shop(self.clock, db={"p-1": "S-1", "other": "S-1"})
        self.reader = Reader("orders", facts(), "p-", [], self.shop.client(), self.clock)


async def test_stores_that_agree_are_read_once() -> None:
    room = Room()
    db, web = await room.clock.run(room.reader.read(pace=20))
    assert [(read.store, read.complete, read.settled, len(read.rows)) for read in (db, web)] == [
        ("db", True, True, 1),
        ("web", True, True, 1),
    ]
    assert room.clock.mono() < 1


async def test_stores_get_time_to_agree_and_the_last_look_counts() -> None:
    room = Room()
    room.shop.lag = 5
    _, web = await room.clock.run(room.reader.read(pace=20))
    assert ([row.id for row in web.rows], web.settled) == (["p-1"], True)


async def test_stores_that_never_agree_are_read_as_they_are() -> None:
    room = Room()
    room.shop.lag = 10_000
    db, web = await room.clock.run(room.reader.read(pace=20))
    assert (len(db.rows), len(web.rows), db.settled, web.complete) == (1, 0, False, True)
    assert 5 <= room.clock.mono() < 7, "the least time to settle, for 30 s at pace 20 are less"


async def test_a_store_that_cannot_be_read_is_asked_again_and_then_reported() -> None:
    room = Room()
    room.shop.db_down = True
    db, web = await room.clock.run(room.reader.read(pace=20))
    assert (db.complete, db.detail, db.rows) == (False, "no such container", ())
    assert web.complete
    assert READ_DEADLINE <= room.clock.mono() < READ_DEADLINE + 2
