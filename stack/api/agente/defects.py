"""The broken variants of the API, chosen by the variable DEFECT: the one place that names them.

The code that keeps its promises asks as few questions of this as it can; what is broken at length lives in
the files `broken*`, and is put in once, where the parts are wired. A word that is not in the list
stops the start: a typo would leave a sound API running in place of the broken one that a test relies on.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


class UnknownDefectError(ValueError):
    """DEFECT names a broken variant that does not exist."""


@dataclass(frozen=True)
class Defects:
    no_breaker: bool = False  # calls to the PMS go straight through; the state gauge stays at 0
    retry_storm: bool = False  # a call to the PMS that failed is made again until it succeeds; no breaker
    fooled_breaker: bool = False  # one good answer closes the breaker: there is no probation
    no_fallback: bool = False  # neither stale answers nor a queue: the caller gets the 502 or 503
    no_timeout: bool = False  # calls to dependencies wait for ever
    impatient: bool = False  # waits a sixth of what is set: what is slow counts as gone
    until_closed: bool = False  # reads an answer of the PMS until the connection ends
    no_degradation: bool = False  # every feature stays on whatever is gone, and cannot be switched off
    no_redis_fallback: bool = False  # without Redis every request fails
    ack_before_commit: bool = False  # answers a moment before the row is durable
    double_booking: bool = False  # the constraint against overlapping stays is gone, as by a bad migration
    look_then_book: bool = False  # looks whether a room is free, then books: without the constraint
    reads_replica: bool = False  # looks bookings up on the replica, however far behind it is
    no_idempotency: bool = False  # the same request again is another booking
    charge_twice: bool = False  # the same payment again is another charge
    no_outbox: bool = False  # an answer that WhatsApp does not take at once is dropped
    no_signature_check: bool = False  # a webhook is accepted without checking its signature
    no_rate_limit: bool = False  # no client is ever refused
    one_limit_for_all: bool = False  # all clients share one limit
    one_at_a_time: bool = False  # reads and answers one request at a time
    unbounded_pool: bool = False  # as many database connections as there are requests
    no_pool: bool = False  # a connection to the database for each operation
    dead_pool: bool = False  # connections to the database that have ended are not replaced
    empties_at_start: bool = False  # each start deletes all bookings but the sample ones, as its tests did
    one_connection: bool = False  # one connection to the PMS for all requests
    leaky: bool = False  # keeps some memory of each request for ever
    errors_uncounted: bool = False  # errors are answered outside of the middleware that counts requests
    misses_uncounted: bool = False  # look-ups that the cache cannot answer are not counted
    coarse_buckets: bool = False  # answer times are counted in buckets that end at a second
    measured_once: bool = False  # the process's CPU time and memory are read once, at its start
    no_audit: bool = False  # nothing looks for what must never be
    needs_monitoring: bool = False  # not ready when nothing reads its metrics
    stale_ical_silent: bool = False  # a calendar that cannot be read counts as just synchronised


KNOWN = tuple(field.name for field in fields(Defects))


def parse_defects(text: str) -> Defects:
    """A comma list of names as Defects; UnknownDefectError names the first wrong one."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in KNOWN:
            raise UnknownDefectError(f"DEFECT={text!r}: {name!r} is not one of {', '.join(KNOWN)}")
    return Defects(**dict.fromkeys(names, True))
