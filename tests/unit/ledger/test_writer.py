"""The writers, tested with a stack in memory and a manual clock."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from chaos.errors import EnvironmentProblem
from chaos.ledger.caller import Caller
from chaos.ledger.journal import LedgerJournal
from chaos.ledger.writer import ATTEMPTS, Writer
from chaos.ledger.writes import Writes
from chaos.model.ledger import LedgerFacts
from chaos.timeline.ledger import LedgerOp
from chaos.timeline.ledger_classes import Word, histories
from chaos.timeline.lines import line_problems, read_lines
from tests.fakes import ManualClock
from tests.unit.ledger.fakes import Shop, facts

QUIET = {"repeat": 0.0, "observe": None}


class Desk:
    """One writer, by default at 2/s, with a manual clock and the recorded lines."""

    def __init__(self, folder: Path, declared: LedgerFacts, rate: float = 2.0) -> None:
        self.clock = ManualClock()
        self.shop = Shop(self.clock)
        self.path = folder / "ledger.jsonl"
        self.journal = LedgerJournal(self.path, lambda text: text.replace("s3cret", "[redacted]"))
        caller = Caller(declared, self.shop.client())
        self.writer = Writer(
            "orders", rate, 2.0, Writes(declared, "gd-1-orders-"), caller, self.journal, self.clock
        )

    async def run(self, seconds: float) -> list[LedgerOp]:
        writing = asyncio.ensure_future(self.writer.run())
        await self.clock.advance(seconds)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await self.writer.finish(0)
        return self.ops()

    def ops(self) -> list[LedgerOp]:
        file = read_lines(self.path.read_bytes())
        assert [line.seq for line in file.lines] == list(range(1, len(file.lines) + 1))
        return [LedgerOp.model_validate_json(line.body) for line in file.lines]


async def test_writes_come_at_their_rate_however_slowly_they_are_answered(tmp_path: Path) -> None:
    desk = Desk(tmp_path, facts(**QUIET))
    desk.shop.takes = 1.9
    ops = await desk.run(9.9)
    assert [op.at - desk.clock.wall() + desk.clock.mono() for op in ops if op.op == "invoked"] == (
        pytest.approx([number / 2 for number in range(20)], abs=1e-3)
    )


async def test_an_invocation_is_on_the_disk_before_its_call_is_made(tmp_path: Path) -> None:
    desk = Desk(tmp_path, facts(**QUIET))
    desk.shop.takes = 1.0
    writing = asyncio.ensure_future(desk.writer.run())
    await desk.clock.advance(0.1)
    assert desk.shop.busy == 1
    assert [(op.id, op.op, op.values) for op in desk.ops()] == [
        ("gd-1-orders-0", "invoked", {"seat": "S-0"}),
    ]
    writing.cancel()
    await desk.writer.finish(0)
    assert len(desk.ops()) == 1, "a call that was cut off has no end"


async def test_answers_are_distinguished(tmp_path: Path) -> None:
    desk = Desk(tmp_path, facts(**QUIET))
    desk.shop.script = [201, 409, 503, None]
    ops = await desk.run(1.6)
    ends = [(op.id[-1], op.op, op.detail) for op in ops if op.op != "invoked" and op.attempt == 1]
    assert ends == [
        ("0", "acknowledged", "status 201"),
        ("1", "refused", "status 409"),
        ("2", "unknown", "status 503"),
        ("3", "unknown", "no answer"),
    ]


async def test_an_unknown_write_is_sent_again_under_its_id_until_its_fate_is_known(tmp_path: Path) -> None:
    desk = Desk(tmp_path, facts(**QUIET), rate=0.5)
    desk.shop.script = [503, 503]
    ops = await desk.run(9)
    mine = [(op.op, op.attempt) for op in ops if op.id.endswith("-0")]
    assert mine[:2] == [("invoked", 1), ("unknown", 1)]
    assert mine[-1] == ("acknowledged", 2) or mine[-1] == ("acknowledged", 3)
    assert histories(ops)["gd-1-orders-0"].word is Word.ACKNOWLEDGED


async def test_an_outage_leaves_no_storm_behind(tmp_path: Path) -> None:
    desk = Desk(tmp_path, facts(**QUIET))
    desk.shop.script = [503] * 10_000
    ops = await desk.run(119.9)
    fresh = [op for op in ops if op.op == "invoked" and op.attempt == 1]
    again = [op for op in ops if op.op == "invoked" and op.attempt > 1]
    assert len(fresh) == 240
    assert 100 < len(again) <= len(fresh)
    assert max(op.attempt for op in ops) <= ATTEMPTS


async def test_calls_under_way_are_bounded(tmp_path: Path) -> None:
    desk = Desk(tmp_path, facts(**QUIET), rate=20.0)
    desk.shop.takes = 1e6
    await desk.run(10)
    assert (desk.shop.busiest, desk.shop.busy) == (60, 0)
    assert desk.writer.left_out == 200 - 60 + 1


async def test_a_share_is_repeated_at_once_and_once_only(tmp_path: Path) -> None:
    desk = Desk(tmp_path, facts(repeat=1.0, observe=None), rate=1.0)
    await desk.run(4.6)
    ids = [ident for ident, _ in desk.shop.sent]
    assert ids == [f"gd-1-orders-{n}" for n in (0, 0, 1, 1, 2, 2, 3, 3, 4, 4)]


async def test_a_conflict_asks_for_what_another_id_was_given(tmp_path: Path) -> None:
    desk = Desk(tmp_path, facts(conflict=0.5, **QUIET))
    await desk.run(20)
    first: dict[tuple[str, ...], str] = {}
    conflicts = 0
    for ident, body in desk.shop.sent:
        wanted = tuple(body.values())
        conflicts += wanted in first
        first.setdefault(wanted, ident)
    assert 10 <= conflicts <= 30
    assert len(desk.shop.sent) == 40


async def test_earlier_acknowledged_ids_are_looked_for(tmp_path: Path) -> None:
    desk = Desk(tmp_path, facts(repeat=0.0))
    ops = await desk.run(20)
    seen = [op for op in ops if op.op == "observed"]
    assert len(seen) >= 3
    known = histories(ops)
    assert all((known[op.id].acknowledged or 0) <= (op.began or 0) <= op.at for op in seen)
    desk.shop.db.clear()
    assert any(op.op == "missed" for op in await desk.run(20))


async def test_the_same_seed_writes_the_same(tmp_path: Path) -> None:
    (tmp_path / "two").mkdir()
    one, two = Desk(tmp_path, facts()), Desk(tmp_path / "two", facts())
    await one.run(10)
    await two.run(10)
    assert one.shop.sent == two.shop.sent


async def test_slots_and_periods_belong_to_one_write_each() -> None:
    writes = Writes(facts(), "p-")
    asked = [tuple(writes.write(number).builtin[name] for name in ("slot", "from")) for number in range(500)]
    assert len(set(asked)) == 500
    ends, begins = writes.write(0).builtin["to"], writes.write(50).builtin["from"]
    assert ends == begins == "2032-01-03"


async def test_a_book_that_is_full_ends_the_writers_with_its_own_words(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "nowhere", facts(**QUIET))
    writing = asyncio.ensure_future(desk.writer.run())
    await desk.clock.advance(2)
    with pytest.raises(EnvironmentProblem, match=r"cannot write ledger\.jsonl"):
        await writing


async def test_details_are_freed_of_secrets(tmp_path: Path) -> None:
    journal = LedgerJournal(tmp_path / "ledger.jsonl", lambda text: text.replace("s3cret", "[redacted]"))
    journal.write(LedgerOp(ledger="orders", id="1", op="unknown", at=1.0, detail="no s3cret here"))
    journal.close()
    assert "s3cret" not in (tmp_path / "ledger.jsonl").read_text()


async def test_a_book_ends_with_its_count_and_says_so_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    journal = LedgerJournal(path)
    journal.write(LedgerOp(ledger="orders", id="1", op="invoked", at=1.0, mono=1.0))
    journal.close()
    journal.close()
    assert line_problems(read_lines(path.read_bytes()), version=3, closed=True) == ()
    assert path.read_bytes().endswith(b'\n{"lines":1}\n')


async def test_writers_that_never_wrote_leave_an_empty_count(tmp_path: Path) -> None:
    LedgerJournal(tmp_path / "ledger.jsonl").close()
    assert (tmp_path / "ledger.jsonl").read_bytes() == b'{"lines":0}\n'


async def test_every_line_carries_both_clocks(tmp_path: Path) -> None:
    desk = Desk(tmp_path, facts())
    ops = await desk.run(10)
    offset = desk.clock.wall() - desk.clock.mono()
    assert {op.op for op in ops} >= {"invoked", "acknowledged", "observed"}
    assert all(op.mono is not None and op.at - op.mono == pytest.approx(offset) for op in ops)
    seen = [op for op in ops if op.op == "observed"]
    assert all(op.began_mono is not None and op.began_mono <= (op.mono or 0) for op in seen)


def test_runs_on_one_stack_never_ask_for_the_same_period() -> None:
    first, second = Writes(facts(), "p-"), Writes(facts(), "q-", earlier=1)
    most = 50_000  # writes of a long run: 3 a second for more than four hours
    assert first.write(most).builtin["to"] < second.write(0).builtin["from"]
