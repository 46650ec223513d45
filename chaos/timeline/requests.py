"""The requests of the load, in columns: a long run has a million, which as objects would need gigabytes.

A column has one field of all requests, in the order of the file. Fields with few different values (name,
status, how it ended) are kept once for all requests that share them. See
``docs/adr/0030-requests-in-columns.md``.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from math import isnan, nan
from operator import eq
from typing import overload

from pydantic import Field

from chaos.model.base import LAST_INSTANT, Frozen, Instant
from chaos.timeline.event_base import Mono

OVERLOAD = "overload"  # the error of a request that this machine could not send
TIMEOUT = "timeout"  # the error of a request whose client gave up after its time-out


def socket_error(problem: BaseException) -> str:
    """The error of a request or probe that ended with ``problem``. Any error of the socket but these is
    overload: this machine could not open one, which is not the target's failure.
    """
    if isinstance(problem, ConnectionRefusedError):
        return "refused"
    if isinstance(problem, (ConnectionResetError, BrokenPipeError, ConnectionAbortedError)):
        return "reset"
    return TIMEOUT if isinstance(problem, TimeoutError) else OVERLOAD


class Request(Frozen):
    """One request of the load that ended while the load was running (a line of load.jsonl).

    Instants are seconds since the epoch, in a ``Recording`` on the run axis. ``latency`` counts from the
    planned instant (open loop). ``*_mono``: the same instants by the monotonic clock, which the load worker
    shares with gameday; None before version 3, like ``patience``.
    """

    intended: Instant  # when the schedule planned it
    sent: Instant  # when it was sent
    # Seconds from ``intended`` to the complete answer, or to the error.
    latency: float = Field(ge=0, le=LAST_INSTANT, allow_inf_nan=False)
    name: str  # METHOD /path, without the filled-in values
    status: int  # 0: no answer
    served: bool  # the status counts as served
    degraded: str | None = None  # value of the stack's degraded header
    error: str = ""  # refused, reset, timeout, closed: why there was no answer; overload: never sent
    intended_mono: Mono | None = None
    sent_mono: Mono | None = None
    patience: float | None = Field(
        default=None, allow_inf_nan=False
    )  # seconds for which the client would wait for the answer

    @property
    def finished(self) -> float:
        return self.intended + self.latency


@dataclass(frozen=True, slots=True)
class RequestOutcome:
    """The fields that many requests share: what was requested, and how it ended. See ``Request``."""

    name: str
    status: int
    served: bool
    degraded: str | None
    error: str

    @property
    def unsent(self) -> bool:
        """This machine could not send it, so it says nothing about the system."""
        return self.error == OVERLOAD

    @property
    def gave_up(self) -> bool:
        """The client gave up after its time-out."""
        return self.status == 0 and self.error == TIMEOUT

    @property
    def well(self) -> bool:
        """Served, and not degraded."""
        return self.served and self.degraded is None


class RequestColumns:
    """Columns to which requests are added. Instants and seconds as in ``Request``; NaN instead of None.

    ``outcome``: for each request the index of its outcome in ``outcomes``.
    """

    def __init__(self) -> None:
        self.intended = array("d")
        self.sent = array("d")
        self.latency = array("d")
        self.intended_mono = array("d")
        self.sent_mono = array("d")
        self.patience = array("d")
        self.outcome = array("I")
        self.outcomes: list[RequestOutcome] = []
        self._places: dict[RequestOutcome, int] = {}

    def place_of(self, outcome: RequestOutcome) -> int:
        """The index of ``outcome`` in ``outcomes``, to which it is added if it is new."""
        place = self._places.setdefault(outcome, len(self.outcomes))
        if place == len(self.outcomes):
            self.outcomes.append(outcome)
        return place

    def add(self, one: Request) -> None:
        self.intended.append(one.intended)
        self.sent.append(one.sent)
        self.latency.append(one.latency)
        self.intended_mono.append(_number(one.intended_mono))
        self.sent_mono.append(_number(one.sent_mono))
        self.patience.append(_number(one.patience))
        outcome = RequestOutcome(one.name, one.status, one.served, one.degraded, one.error)
        self.outcome.append(self.place_of(outcome))


class Requests(Sequence[Request]):
    """All requests of a run. As a sequence it creates a ``Request`` at each access; code that reads all of
    them should use the columns.
    """

    def __init__(self, columns: RequestColumns | None = None) -> None:
        """Do not add to ``columns`` afterwards."""
        found = columns or RequestColumns()
        self.intended: Sequence[float] = found.intended
        self.sent: Sequence[float] = found.sent
        self.latency: Sequence[float] = found.latency
        self.intended_mono: Sequence[float] = found.intended_mono
        self.sent_mono: Sequence[float] = found.sent_mono
        self.patience: Sequence[float] = found.patience
        self.outcome: Sequence[int] = found.outcome
        self.outcomes: Sequence[RequestOutcome] = tuple(found.outcomes)
        self._instants: dict[tuple[str | None, bool], array[float]] = {}

    @classmethod
    def of(cls, requests: Iterable[Request]) -> Requests:
        columns = RequestColumns()
        for one in requests:
            columns.add(one)
        return cls(columns)

    def __len__(self) -> int:
        return len(self.outcome)

    @overload
    def __getitem__(self, place: int) -> Request: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Request, ...]: ...
    def __getitem__(self, place: int | slice) -> Request | tuple[Request, ...]:
        if isinstance(place, slice):
            return tuple(self[one] for one in range(*place.indices(len(self))))
        outcome = self.outcomes[self.outcome[place]]
        return Request.model_construct(
            intended=self.intended[place],
            sent=self.sent[place],
            latency=self.latency[place],
            name=outcome.name,
            status=outcome.status,
            served=outcome.served,
            degraded=outcome.degraded,
            error=outcome.error,
            intended_mono=_known(self.intended_mono[place]),
            sent_mono=_known(self.sent_mono[place]),
            patience=_known(self.patience[place]),
        )

    def __iter__(self) -> Iterator[Request]:
        return (self[place] for place in range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]  # as of any sequence that is not a tuple

    def where(self, holds: Callable[[RequestOutcome], bool]) -> list[bool]:
        """For each element of ``outcomes``: does ``holds`` return True?"""
        return [holds(one) for one in self.outcomes]

    def finished(self) -> Iterator[float]:
        """When each request ended, in the order of the file."""
        return map(float.__add__, self.intended, self.latency)

    def instants(self, name: str | None = None, *, unsent: bool = False) -> Sequence[float]:
        """The planned instants, sorted, of the requests that were sent, or of those that this machine could
        not send. ``name``: of one kind only. The result is cached.
        """
        key = (name, unsent)
        if key not in self._instants:
            wanted = self.where(lambda one: one.unsent == unsent and name in (None, one.name))
            chosen = compress(self.intended, map(wanted.__getitem__, self.outcome))
            self._instants[key] = array("d", sorted(chosen))
        return self._instants[key]

    def moved(
        self, intended: Iterable[float], sent: Iterable[float], kept: Sequence[int] | None = None
    ) -> Requests:
        """The same requests at other instants. ``kept``: the indices of the requests to keep; None: all."""
        found = Requests()
        found.intended, found.sent = array("d", intended), array("d", sent)
        found.outcomes = self.outcomes
        columns = (self.latency, self.intended_mono, self.sent_mono, self.patience)
        if kept is not None:
            columns = tuple(array("d", map(one.__getitem__, kept)) for one in columns)  # type: ignore[assignment]
        found.latency, found.intended_mono, found.sent_mono, found.patience = columns
        found.outcome = self.outcome if kept is None else array("I", map(self.outcome.__getitem__, kept))
        return found


def _number(value: float | None) -> float:
    return nan if value is None else value


def _known(value: float) -> float | None:
    return None if isnan(value) else value
