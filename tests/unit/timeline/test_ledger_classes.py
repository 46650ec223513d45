"""One hand-made write for each class, and an independent brute-force model that every history is held to."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chaos.model.ledger import LedgerFacts
from chaos.timeline.ledger import LedgerOp, StoreRead, StoreRow, WriteClass
from chaos.timeline.ledger_classes import histories, overlapping, sort_writes, stores_agree

FACTS = LedgerFacts.model_validate(
    {
        "entry": "clients->web",
        "write": {"request": "PUT /items/$id"},
        "fields": {"shelf": "S-$slot", "since": "$from", "until": "$to"},
        "exclusive": {"resource": "shelf", "from": "since", "to": "until", "when": {"state": "firm"}},
        "stores": {
            "db": {"command": {"service": "db", "argv": ["list"]}, "id": "id"},
            "copy": {"command": {"service": "copy", "argv": ["list"]}, "id": "id"},
        },
    }
)
DAY = {"shelf": "S-1", "since": "2032-01-01", "until": "2032-01-03", "state": "firm"}


def op(ident: str, what: str, at: float, attempt: int = 1, began: float | None = None) -> LedgerOp:
    values = {"shelf": "S-1", "since": "2032-01-01", "until": "2032-01-03"} if what == "invoked" else {}
    return LedgerOp.model_validate(
        {
            "ledger": "items",
            "id": ident,
            "op": what,
            "at": at,
            "attempt": attempt,
            "began": began,
            "values": values,
        }
    )


def read(store: str, *rows: StoreRow) -> StoreRead:
    return StoreRead(ledger="items", store=store, began=90.0, ended=91.0, complete=True, rows=rows)


def row(ident: str, **values: str) -> StoreRow:
    return StoreRow(id=ident, values={**DAY, **values})


def both(*rows: StoreRow) -> tuple[StoreRead, ...]:
    return read("db", *rows), read("copy", *rows)


def classes(ops: list[LedgerOp], reads: tuple[StoreRead, ...]) -> dict[str, WriteClass]:
    found = sort_writes(FACTS, "db", ops, reads)
    by_id = {write.id: write.write_class for write in found}
    assert len(by_id) == len(found), "each write is in one class"
    return by_id


INVOKED, KEPT = op("i1", "invoked", 1.0), op("i1", "acknowledged", 2.0)


def test_acknowledged_and_once_in_every_store_is_ok() -> None:
    assert classes([INVOKED, KEPT], both(row("i1"))) == {"i1": WriteClass.OK}


def test_acknowledged_and_gone_from_the_authority_is_lost_wherever_else_it_is() -> None:
    assert classes([INVOKED, KEPT], both()) == {"i1": WriteClass.LOST}
    assert classes([INVOKED, KEPT], (read("db"), read("copy", row("i1")))) == {"i1": WriteClass.LOST}


def test_a_row_that_no_one_wrote_is_unexpected() -> None:
    assert classes([], both(row("i9"))) == {"i9": WriteClass.UNEXPECTED}


def test_ids_are_in_the_order_of_their_numbers_however_long_those_are() -> None:
    names = ["i9", "i10", "i" + "9" * 5000]
    assert list(classes([], both(*map(row, reversed(names))))) == names


def test_a_row_that_was_refused_is_unexpected() -> None:
    assert classes([INVOKED, op("i1", "refused", 2.0)], both(row("i1"))) == {"i1": WriteClass.UNEXPECTED}


def test_two_rows_of_one_id_are_a_duplicate() -> None:
    assert classes([INVOKED, KEPT], (read("db", row("i1"), row("i1")), read("copy", row("i1")))) == {
        "i1": WriteClass.DUPLICATED
    }


def test_two_rows_that_exclude_each_other_are_duplicates() -> None:
    ops = [INVOKED, KEPT, op("i2", "invoked", 3.0), op("i2", "acknowledged", 4.0)]
    overlap = both(row("i1"), row("i2", since="2032-01-02", until="2032-01-05"))
    assert classes(ops, overlap) == {"i1": WriteClass.DUPLICATED, "i2": WriteClass.DUPLICATED}


@pytest.mark.parametrize(
    "other",
    [
        {"since": "2032-01-03", "until": "2032-01-05"},  # begins when the first ends
        {"shelf": "S-2"},
        {"state": "draft"},
    ],
)
def test_neighbours_other_resources_and_rows_that_do_not_count_exclude_no_one(other: dict[str, str]) -> None:
    rows = [row("i1"), row("i2", **other)]
    assert overlapping(FACTS, rows) == {}


def test_stores_that_disagree_are_a_mismatch() -> None:
    assert classes([INVOKED, KEPT], (read("db", row("i1")), read("copy"))) == {"i1": WriteClass.MISMATCHED}
    moved = (read("db", row("i1")), read("copy", row("i1", shelf="S-2")))
    assert classes([INVOKED, KEPT], moved) == {"i1": WriteClass.MISMATCHED}


def test_other_values_than_were_written_are_a_mismatch_even_if_all_stores_have_them() -> None:
    (found,) = sort_writes(FACTS, "db", [INVOKED, KEPT], both(row("i1", shelf="S-2")))
    assert found.write_class is WriteClass.MISMATCHED
    assert found.why == "shelf: written 'S-1', db 'S-2', copy 'S-2'"


def test_missed_by_a_read_that_began_after_the_acknowledgement_is_stale() -> None:
    missed = op("i1", "missed", 3.1, began=3.0)
    assert classes([INVOKED, KEPT, missed], both(row("i1"))) == {"i1": WriteClass.STALE}


def test_missed_by_a_read_that_began_before_the_acknowledgement_is_no_wonder() -> None:
    missed = op("i1", "missed", 3.1, began=1.9)
    assert classes([INVOKED, KEPT, missed], both(row("i1"))) == {"i1": WriteClass.OK}


def test_unknown_and_there_is_recovered() -> None:
    assert classes([INVOKED, op("i1", "unknown", 6.0)], both(row("i1"))) == {"i1": WriteClass.RECOVERED}


def test_a_write_whose_end_no_one_wrote_down_is_unknown() -> None:
    assert classes([INVOKED], both(row("i1"))) == {"i1": WriteClass.RECOVERED}


def test_unknown_or_refused_and_absent_never_happened() -> None:
    ops = [INVOKED, op("i1", "unknown", 6.0), op("i2", "invoked", 1.0), op("i2", "refused", 2.0)]
    assert classes(ops, both()) == {"i1": WriteClass.NEVER, "i2": WriteClass.NEVER}


def test_a_refusal_after_an_unknown_attempt_promises_nothing() -> None:
    ops = [INVOKED, op("i1", "unknown", 6.0), op("i1", "invoked", 7.0, 2), op("i1", "refused", 8.0, 2)]
    assert classes(ops, both(row("i1"))) == {"i1": WriteClass.RECOVERED}


def test_the_first_acknowledgement_counts() -> None:
    ops = [INVOKED, KEPT, op("i1", "invoked", 5.0, 2), op("i1", "acknowledged", 6.0, 2)]
    assert histories(ops)["i1"].acknowledged == 2.0


def test_stores_agree_on_ids_and_values() -> None:
    assert stores_agree(FACTS, both(row("i1")))
    assert not stores_agree(FACTS, (read("db", row("i1")), read("copy")))
    assert not stores_agree(FACTS, (read("db", row("i1")), read("copy", row("i1", until="2032-01-04"))))


# --- the model: every rule by itself, in its slowest and plainest form ---

IDS = [f"i{number}" for number in range(4)]
OPS = some.lists(
    some.builds(
        op,
        some.sampled_from(IDS),
        some.sampled_from(["invoked", "acknowledged", "refused", "unknown", "observed", "missed"]),
        some.integers(1, 9).map(float),
        some.integers(1, 2),
        some.integers(0, 9).map(float),
    ),
    max_size=14,
)
DAYS = some.sampled_from(["", "2032-01-01", "2032-01-02", "2032-01-03", "2032-01-04"])
ROWS = some.lists(
    some.builds(
        lambda ident, shelf, since, until, state: row(
            ident, shelf=shelf, since=since, until=until, state=state
        ),
        some.sampled_from([*IDS, "i9"]),
        some.sampled_from(["S-1", "S-2"]),
        DAYS,
        DAYS,
        some.sampled_from(["firm", "draft"]),
    ),
    max_size=6,
)


def word(ident: str, ops: list[LedgerOp]) -> str:
    mine = [one for one in ops if one.id == ident and one.op not in ("observed", "missed")]
    if not mine:
        return "no answer"
    if any(one.op == "acknowledged" for one in mine):
        return "acknowledged"
    attempts = {one.attempt for one in mine}
    refused = {one.attempt for one in mine if one.op == "refused"}
    return "refused" if attempts == refused else "unknown"


def excluded(ident: str, rows: tuple[StoreRow, ...]) -> bool:
    firm = [one for one in rows if one.values["state"] == "firm"]
    for one, two in combinations(firm, 2):
        if ident not in (one.id, two.id) or one.id == two.id or one.values["shelf"] != two.values["shelf"]:
            continue
        (a, b), (c, d) = ((r.values["since"], r.values["until"]) for r in (one, two))
        if "" not in (a, c) and a < b and c < d and a < d and c < b:
            return True
    return False


def brute_force(ident: str, ops: list[LedgerOp], reads: tuple[StoreRead, ...]) -> WriteClass:
    rows = {read.store: [one for one in read.rows if one.id == ident] for read in reads}
    said, there = word(ident, ops), any(rows.values())
    acks = [one.at for one in ops if one.id == ident and one.op == "acknowledged"]
    written = [one.values for one in ops if one.id == ident and one.op == "invoked"]
    known = [found[0].values for found in rows.values() if found] + written
    differ = any(len({values[name] for values in known}) > 1 for name in FACTS.fields)
    missed = [one for one in ops if one.id == ident and one.op == "missed" and one.began is not None]
    rules = [
        (WriteClass.UNEXPECTED, there and said in ("no answer", "refused")),
        (WriteClass.DUPLICATED, any(len(found) > 1 for found in rows.values())),
        (WriteClass.DUPLICATED, excluded(ident, reads[0].rows)),
        (WriteClass.LOST, said == "acknowledged" and not rows["db"]),
        (WriteClass.MISMATCHED, there and (not all(rows.values()) or differ)),
        (WriteClass.NEVER, not there),
        (WriteClass.RECOVERED, said == "unknown"),
        (WriteClass.STALE, any(one.began > min(acks) for one in missed if one.began is not None and acks)),
    ]
    return next((found for found, holds in rules if holds), WriteClass.OK)


@given(OPS, ROWS, ROWS)
def test_every_id_is_in_the_one_class_that_the_model_gives_it(
    ops: list[LedgerOp], db: list[StoreRow], copy: list[StoreRow]
) -> None:
    reads = (read("db", *db), read("copy", *copy))
    written = {one.id for one in ops if one.op not in ("observed", "missed")}
    ids = written | {one.id for found in reads for one in found.rows}
    assert classes(ops, reads) == {ident: brute_force(ident, ops, reads) for ident in ids}


@given(some.lists(some.tuples(DAYS, DAYS), max_size=12))
def test_every_row_that_overlaps_with_any_other_is_found(periods: list[tuple[str, str]]) -> None:
    rows = [row(f"i{n}", since=since, until=until) for n, (since, until) in enumerate(periods)]
    found = overlapping(FACTS, rows)
    assert set(found) == {one.id for one in rows if excluded(one.id, tuple(rows))}
    assert all(ident != other for ident, other in found.items())
