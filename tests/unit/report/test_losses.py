"""What the report says of data: no answer where nothing was asked, and no good one where data is missing."""

from __future__ import annotations

from chaos.checks.data import CHECK, Data
from chaos.model.verdict import Outcome, Score, Verdict
from chaos.report.losses import lost_tile
from tests.unit.checks.test_data import Book


def verdict(book: Book, **params: object) -> Verdict:
    results = CHECK.judge(book.recording(), Data.model_validate({"ledger": "orders", **params}))
    score = Score(total=None, certifiable=False)
    return Verdict(scenario="toy", outcome=Outcome.FAIL, reason="", score=score, checks=results)


def test_without_a_ledger_there_is_no_fifth_answer() -> None:
    assert lost_tile(verdict(Book()).model_copy(update={"checks": ()})) is None


def test_nothing_was_lost() -> None:
    tile = lost_tile(verdict(Book()))
    assert tile is not None
    assert (tile.value, tile.tone) == ("nothing", "good")
    assert tile.lines == ("RPO 0 s, of 0 s allowed", "24 writes kept")


def test_what_was_lost_is_counted_and_named() -> None:
    tile = lost_tile(verdict(Book().lose(14, 15, 17, 18), rpo="1s"))
    assert tile is not None
    assert (tile.value, tile.tone) == ("4 lost", "bad")
    assert tile.lines == ("RPO 5.9 s, of 1.0 s allowed", "20 writes kept", "o-14, o-15, o-17 and 1 more")


def test_what_is_spoilt_is_reported_too() -> None:
    book = Book().lose(17, of=("web",))
    tile = lost_tile(verdict(book.write(50.5, "refused")))
    assert tile is not None
    assert (tile.value, tile.tone) == ("1 unexpected, 1 mismatched", "bad")


def test_loss_that_the_rpo_allows_is_reported_and_not_bad() -> None:
    tile = lost_tile(verdict(Book().lose(17), rpo="15m"))
    assert tile is not None
    assert (tile.value, tile.tone) == ("1 lost", "good")


def test_writes_that_were_lost_after_the_failure_have_no_rpo() -> None:
    tile = lost_tile(verdict(Book().lose(50), rpo="15m"))
    assert tile is not None
    assert (tile.value, tile.tone) == ("1 lost", "bad")
    assert tile.lines[0] == (
        "RPO beyond any limit: writes acknowledged after the failure were lost, of 15 min allowed"
    )


def test_what_an_inconclusive_check_counted_is_unknown_and_not_nothing() -> None:
    whole = verdict(Book())
    checks = tuple(one.model_copy(update={"outcome": Outcome.INCONCLUSIVE}) for one in whole.checks)
    tile = lost_tile(whole.model_copy(update={"checks": checks}))
    assert tile is not None
    assert (tile.value, tile.tone) == ("unknown", "unknown")
    assert tile.lines[0] == "RPO unknown, of 0 s allowed"


def test_an_incomplete_final_read_says_nothing() -> None:
    tile = lost_tile(verdict(Book(unread="db")))
    assert tile is not None
    assert (tile.value, tile.tone) == ("no data", "unknown")
    assert tile.lines == ("db could not be read in the end: refused",)


def test_two_expectations_of_one_ledger_count_its_writes_once() -> None:
    book = Book().lose(17)
    strict, lenient = verdict(book), verdict(book, rpo="15m")
    tile = lost_tile(strict.model_copy(update={"checks": strict.checks + lenient.checks}))
    assert tile is not None
    assert tile.value == "1 lost"
    assert tile.lines[-2:] == ("23 writes kept", "o-17")
