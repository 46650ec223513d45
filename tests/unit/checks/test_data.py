"""A ledger of one write a second, lost and found in all the ways that ``data`` must tell apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Self

import pytest

from chaos.checks.data import CHECK, Data
from chaos.model.scenario import Rate, Writers
from chaos.model.verdict import CheckResult, Dimension, Outcome
from chaos.timeline.events import ProcedureBegan, ProcedureStepBegan
from chaos.timeline.ledger import LedgerOp, StoreRead, StoreRow
from chaos.timeline.recording import Recording
from tests.recording_builder import BEGAN, STACK, RecordingBuilder, judged
from tests.unit.checks.writers import FACTS

KEPT = "orders: what was acknowledged is kept"
WITHIN = "orders: loss stays within the RPO"  # where one is given
SOUND = "orders: each write is there once, the same everywhere"
EXACT = "orders: recovered to just before the failure"


@dataclass
class Book:
    """Writes at 1/s from 12 s to 60 s of the run; the fault is in place from 20 s to 44 s, and so long
    nothing answers.
    """

    outage: bool = True
    until: int = 60
    ops: list[LedgerOp] = field(default_factory=list)
    rows: dict[str, list[StoreRow]] = field(default_factory=lambda: {"db": [], "web": []})
    answers: tuple[float, float] | None = None  # began, began its last step
    unread: str = ""
    without: str = ""

    def __post_init__(self) -> None:
        for at in range(12, self.until):
            down = self.outage and 20 <= at < 44
            self.write(at, "unknown" if down else "acknowledged", () if down else ("db", "web"))

    def write(self, at: float, word: str, stores: Iterable[str] = ("db", "web"), ident: str = "") -> Self:
        ident = ident or f"o-{at:g}"
        values = {"slot": "1"}
        self.op(ident, "invoked", at, values=values)
        self.op(ident, word, at + 0.1)
        for store in stores:
            self.rows[store].append(StoreRow(id=ident, values=values))
        return self

    def op(self, ident: str, what: str, at: float, **more: Any) -> Self:
        self.ops.append(
            LedgerOp.model_validate({"ledger": "orders", "id": ident, "op": what, "at": BEGAN + at, **more})
        )
        return self

    def lose(self, *ats: float, of: Iterable[str] = ("db", "web")) -> Self:
        gone = {f"o-{at:g}" for at in ats}
        for store in of:
            self.rows[store] = [row for row in self.rows[store] if row.id not in gone]
        return self

    def recording(self, fault: bool = True) -> Recording:
        builder = RecordingBuilder().steady()
        builder = builder.fault(20, 44) if fault else builder
        if self.answers is not None:
            began, last = self.answers
            builder.add(
                ProcedureBegan(at=BEGAN + began, mono=began, procedure="back", purpose="answer", index=0),
                ProcedureStepBegan(at=BEGAN + began, mono=began, procedure="back", step="assess"),
                ProcedureStepBegan(at=BEGAN + last, mono=last, procedure="back", step="reopen"),
            )
        made = builder.clean().end()
        scenario = made.plan.scenario.model_copy(
            update={"ledgers": (Writers(ledger="orders", rate=Rate(per_second=1)),)}
        )
        stack = STACK.model_copy(update={"ledgers": {"orders": FACTS}})
        reads = tuple(
            StoreRead(
                ledger="orders",
                store=store,
                began=BEGAN + 80,
                ended=BEGAN + 81,
                complete=store != self.unread,
                detail="refused" if store == self.unread else "",
                rows=() if store == self.unread else tuple(rows),
            )
            for store, rows in self.rows.items()
            if store != self.without
        )
        plan = made.plan.model_copy(update={"scenario": scenario, "stack": stack})
        return replace(made, plan=plan, ledger=tuple(self.ops), reads=reads)


def verdict(book: Book, **params: Any) -> dict[str, CheckResult]:
    return judged(CHECK, book.recording(), Data.model_validate({"ledger": "orders", **params}))


def measure(result: CheckResult, name: str) -> float | None:
    return next(m.value for m in result.measures if m.label == name)


def fraction(result: CheckResult) -> float | None:
    (mark,) = result.marks
    assert mark.dimension is Dimension.DATA
    return mark.fraction


def test_all_is_kept() -> None:
    results = verdict(Book())
    assert [result.outcome for result in results.values()] == [Outcome.PASS, Outcome.PASS]
    assert results[KEPT].actual == "none of 24 acknowledged writes was lost"
    assert (measure(results[KEPT], "RPO"), fraction(results[KEPT]), fraction(results[SOUND])) == (0, 1, 1)


def test_one_lost_write_is_the_rpo_in_seconds_from_its_acknowledgement_to_the_failure() -> None:
    result = verdict(Book().lose(17))[KEPT]
    assert result.outcome is Outcome.FAIL
    assert measure(result, "RPO") == 2.9
    assert "lost: o-17, acknowledged 2.9 s before the failure" in [fact.text for fact in result.evidence]
    assert (fraction(result), result.cap is not None) == (0.0, True)


def test_the_oldest_lost_write_counts_and_an_rpo_may_allow_it() -> None:
    result = verdict(Book().lose(15, 17, 18), rpo="5s")[WITHIN]
    assert (result.outcome, measure(result, "RPO"), measure(result, "writes lost")) == (Outcome.PASS, 4.9, 3)
    assert (fraction(result), result.cap is not None) == (1.0, False)
    assert "is kept" not in result.title, "three are lost"


def test_beyond_the_rpo_marks_fall_to_nothing_at_twice_of_it() -> None:
    result = verdict(Book().lose(13), rpo="5s")[WITHIN]
    assert (result.outcome, measure(result, "RPO")) == (Outcome.FAIL, 6.9)
    assert fraction(result) == pytest.approx(2 - 6.9 / 5)
    assert result.cap is not None


def test_what_was_acknowledged_after_the_failure_no_rpo_allows_to_lose() -> None:
    result = verdict(Book().lose(50), rpo="15m")[WITHIN]
    assert (result.outcome, measure(result, "RPO"), fraction(result)) == (Outcome.FAIL, None, 0.0)
    assert result.cap is not None
    assert "the oldest acknowledged 30.1 s after the failure" in result.actual
    mixed = verdict(Book().lose(17, 50), rpo="15m")[WITHIN]
    assert measure(mixed, "RPO") is None, "15 minutes would have kept the older write only"


def test_without_any_rpo_a_write_acknowledged_in_the_midst_of_the_injection_may_not_be_lost_either() -> None:
    book = Book().write(19.95, "acknowledged", ())  # the injection lasts from 20.0 to 20.1
    result = verdict(book)[KEPT]
    assert (result.outcome, measure(result, "RPO"), measure(result, "writes lost")) == (Outcome.FAIL, 0.0, 1)
    assert (fraction(result), result.cap is not None) == (0.0, True)
    assert verdict(book, rpo="5s")[WITHIN].outcome is Outcome.PASS


def test_a_limit_of_lost_writes_holds_within_the_rpo_too() -> None:
    assert verdict(Book().lose(17, 18), rpo="5s", lost=2)[WITHIN].outcome is Outcome.PASS
    result = verdict(Book().lose(16, 17, 18), rpo="5s", lost=2)[WITHIN]
    assert (result.outcome, fraction(result), result.cap is not None) == (Outcome.FAIL, 0.5, False)


def test_a_write_that_only_another_store_holds_is_lost() -> None:
    book = Book().lose(17, of=("db",))
    assert verdict(book)[KEPT].outcome is Outcome.FAIL
    in_web = verdict(book, store="web")
    assert in_web["orders in web: what was acknowledged is kept"].outcome is Outcome.PASS
    sound = in_web["orders in web: each write is there once, the same everywhere"]
    assert (sound.outcome, measure(sound, "writes mismatched")) == (Outcome.FAIL, 1)


@pytest.mark.parametrize(
    ("unwritten", "outcome"),
    [((30,), Outcome.FAIL), (range(26, 34), Outcome.INCONCLUSIVE)],
    ids=["one", "a gap"],
)
def test_rows_without_lines_are_unexpected_unless_lines_may_be_lost(
    unwritten: Iterable[int], outcome: Outcome
) -> None:
    """The store holds these writes, and the writers' record has no line of them."""
    book, gone = Book(), {f"o-{at}" for at in unwritten}
    book.ops = [op for op in book.ops if op.id not in gone]
    for store in book.rows.values():
        store.extend(StoreRow(id=ident, values={"slot": "1"}) for ident in sorted(gone))
    assert verdict(book)[SOUND].outcome is outcome


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lambda book: book.rows["db"].append(StoreRow(id="o-13", values={"slot": "1"})), "duplicated"),
        (lambda book: book.rows["db"].append(StoreRow(id="o-99", values={"slot": "1"})), "unexpected"),
        (lambda book: book.lose(13, of=("web",)), "mismatched"),
        (lambda book: book.op("o-13", "missed", 13.3, began=BEGAN + 13.2), "stale"),
    ],
)
def test_each_way_to_be_spoilt_fails_and_costs_marks_unless_it_is_allowed(spoil: Any, kind: str) -> None:
    book = Book()
    spoil(book)
    result = verdict(book)[SOUND]
    assert (result.outcome, result.actual, fraction(result)) == (Outcome.FAIL, f"1 {kind}", 0.0)
    assert result.evidence[0].text.startswith(f"{kind}: o-")
    assert verdict(book, **{kind: 1})[SOUND].outcome is Outcome.PASS


def test_the_first_ten_ids_of_a_class_are_named() -> None:
    result = verdict(Book(until=75).lose(*range(45, 60)))[KEPT]
    named = [fact.text for fact in result.evidence if fact.text.startswith("lost: ")]
    assert named[0] == "lost: o-45, acknowledged 25.1 s after the failure"
    assert (len(named), named[-1]) == (11, "lost: and 5 more")


def outcomes(book: Book, **params: Any) -> set[tuple[Outcome, str]]:
    results = verdict(book, **params).values()
    assert all(fraction(result) is None for result in results if result.outcome is Outcome.INCONCLUSIVE)
    return {(result.outcome, result.actual) for result in results}


def test_without_a_complete_final_read_it_is_unknown() -> None:
    inconclusive = Outcome.INCONCLUSIVE
    assert outcomes(Book(unread="web")) == {(inconclusive, "web could not be read in the end: refused")}
    assert outcomes(Book(without="db")) == {(inconclusive, "there is no final read of db")}


def test_writers_that_stopped_saw_too_little() -> None:
    why = "the writers stopped 15.0 s before the last fault was over"
    assert outcomes(Book(until=30)) == {(Outcome.INCONCLUSIVE, why)}


def test_without_a_write_before_the_failure_nothing_could_be_lost() -> None:
    book = Book()
    book.ops = [op for op in book.ops if op.at > BEGAN + 20]
    why = "no write was acknowledged before the failure"
    assert outcomes(book) == {(Outcome.INCONCLUSIVE, why)}


def test_without_a_fault_there_is_no_failure() -> None:
    recording = Book().recording(fault=False)
    (kept, sound) = judged(CHECK, recording, Data(ledger="orders")).values()
    assert {kept.outcome, sound.outcome} == {Outcome.INCONCLUSIVE}


def back_in_time() -> Book:
    """A bad statement at 20 s is answered at 30 s; until the last step at 40 s all is given up."""
    book = Book(outage=False, answers=(30.0, 40.0))
    return book.lose(*range(20, 40), of=("db",))


DISCARDED = {"after_failure": "discarded", "point_in_time": True}


def test_what_came_after_the_failure_goes_by_design() -> None:
    results = verdict(back_in_time(), **DISCARDED)
    assert {result.outcome for result in results.values()} == {Outcome.PASS}
    assert measure(results[KEPT], "writes gone by design") == 20
    assert results[EXACT].actual == "of 8 just before 8 are there, of 19 just after 0 are"


def test_without_that_word_it_is_lost() -> None:
    assert verdict(back_in_time())[KEPT].outcome is Outcome.FAIL


def test_discarding_does_not_excuse_what_was_written_before_or_after() -> None:
    assert verdict(back_in_time().lose(15), **DISCARDED)[KEPT].outcome is Outcome.FAIL
    assert verdict(back_in_time().lose(50), **DISCARDED)[KEPT].outcome is Outcome.FAIL


def test_a_recovery_that_went_too_far_is_seen() -> None:
    book = back_in_time()
    for store in book.rows:
        if store == "db":
            book.rows[store].append(StoreRow(id="o-25", values={"slot": "1"}))
    result = verdict(book, **DISCARDED)[EXACT]
    assert (result.outcome, fraction(result)) == (Outcome.FAIL, 0.0)
    texts = [fact.text for fact in result.evidence]
    assert "still there: o-25, acknowledged 5.1 s after the failure" in texts


def test_a_recovery_that_stopped_too_early_is_seen() -> None:
    assert verdict(back_in_time().lose(*range(12, 20)), **DISCARDED)[EXACT].outcome is Outcome.FAIL


def test_one_write_gone_from_just_before_the_failure_is_one_too_many() -> None:
    result = verdict(back_in_time().lose(19), **DISCARDED)[EXACT]
    assert result.outcome is Outcome.FAIL
    assert result.actual == "of 8 just before 7 are there, of 19 just after 0 are"


def test_without_a_write_just_after_the_failure_its_instant_is_unknown() -> None:
    book = back_in_time()
    book.ops = [op for op in book.ops if not BEGAN + 20 <= op.at < BEGAN + 40]
    result = verdict(book, **DISCARDED)[EXACT]
    assert result.actual == "no write was acknowledged just after the failure"
    assert result.outcome is Outcome.INCONCLUSIVE


def test_a_write_that_was_sent_again_after_the_recovery_may_be_back() -> None:
    book = back_in_time().op("o-25", "invoked", 50.0, attempt=2).op("o-25", "acknowledged", 50.1, attempt=2)
    book.rows["db"].append(StoreRow(id="o-25", values={"slot": "1"}))
    assert verdict(book, **DISCARDED)[EXACT].outcome is Outcome.PASS


def test_a_read_that_misses_what_is_being_recovered_is_not_stale() -> None:
    during = back_in_time().op("o-15", "missed", 35.0, began=BEGAN + 34.9)
    assert verdict(during, **DISCARDED)[SOUND].outcome is Outcome.PASS
    assert verdict(during)[SOUND].actual == "1 stale"
    after = back_in_time().op("o-15", "missed", 50.0, began=BEGAN + 49.9)
    assert verdict(after, **DISCARDED)[SOUND].actual == "1 stale"


def test_a_second_row_elsewhere_of_a_write_that_was_sent_again_goes_by_design() -> None:
    book = back_in_time().op("o-25", "invoked", 50.0, attempt=2).op("o-25", "acknowledged", 50.1, attempt=2)
    for store in ("db", "web"):
        book.rows[store].append(StoreRow(id="o-25", values={"slot": "1"}))
    assert verdict(book, **DISCARDED)[SOUND].outcome is Outcome.PASS
    assert verdict(book)[SOUND].actual == "1 duplicated"
    book.rows["db"].append(StoreRow(id="o-25", values={"slot": "1"}))
    assert verdict(book, **DISCARDED)[SOUND].actual == "1 duplicated"


def test_and_so_do_two_rows_elsewhere_of_one_that_the_recovered_store_holds_no_more() -> None:
    book = back_in_time()
    book.rows["web"].append(StoreRow(id="o-25", values={"slot": "1"}))
    results = verdict(book, **DISCARDED)
    assert {result.outcome for result in results.values()} == {Outcome.PASS}
    book.rows["web"].append(StoreRow(id="o-50", values={"slot": "1"}))
    assert verdict(book, **DISCARDED)[SOUND].outcome is Outcome.FAIL, "nothing took that one away"


def without(book: Book, *ats: float) -> Book:
    """The book as if the writes of these instants had never been made."""
    gone = {f"o-{at:g}" for at in ats}
    book.ops = [op for op in book.ops if op.id not in gone]
    return book.lose(*ats)


def test_writers_that_fall_silent_say_nothing_of_what_is_kept() -> None:
    results = verdict(without(Book(), *range(22, 43)))
    assert [result.outcome for result in results.values()] == [Outcome.INCONCLUSIVE] * 2
    assert results[KEPT].actual == "no writes to orders for 22.0 s, from 21.0 s into the run"


def test_half_the_planned_writes_before_the_failure_are_too_few() -> None:
    book = Book()
    made = book.recording()
    fuller = (Writers(ledger="orders", rate=Rate(per_second=3)),)
    scenario = made.plan.scenario.model_copy(update={"ledgers": fuller})
    recording = replace(made, plan=made.plan.model_copy(update={"scenario": scenario}))
    result = judged(CHECK, recording, Data.model_validate({"ledger": "orders"}))[KEPT]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "writes to orders that were planned" in result.actual


def test_a_loss_that_is_seen_stands_however_few_writes_there_are() -> None:
    result = verdict(without(Book(), *range(22, 43)).lose(17))[KEPT]
    assert (result.outcome, measure(result, "RPO")) == (Outcome.FAIL, 2.9)


@pytest.mark.parametrize(("rpo", "outcome"), [("0s", Outcome.INCONCLUSIVE), ("10s", Outcome.PASS)])
def test_an_rpo_is_known_no_finer_than_the_gap_since_the_last_acknowledged_write(
    rpo: str, outcome: Outcome
) -> None:
    book = Book()
    book.ops = [
        op.model_copy(update={"op": "unknown"})
        if op.op == "acknowledged" and BEGAN + 14 < op.at < BEGAN + 20
        else op
        for op in book.ops
    ]
    (result, _) = verdict(book, rpo=rpo).values()
    assert result.outcome is outcome
    note = next(m.note for m in result.measures if m.label == "RPO")
    assert note == "known no finer than 6.9 s: the last write acknowledged before it"


@pytest.mark.parametrize(("began", "words"), [(30, "before the fault was undone"), (50, "the last write")])
def test_a_final_read_that_is_dated_too_early_shows_nothing(began: float, words: str) -> None:
    made = Book().recording()
    early = tuple(read.model_copy(update={"began": BEGAN + began}) for read in made.reads)
    recording = replace(made, reads=early)
    results = judged(CHECK, recording, Data.model_validate({"ledger": "orders"}))
    assert {result.outcome for result in results.values()} == {Outcome.INCONCLUSIVE}
    assert words in results[KEPT].actual
