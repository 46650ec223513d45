"""What one start of a stack without faults showed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chaos.adapters.connections import Connection
from chaos.timeline.recording import SelectorSeen

NO_ANSWER = 0  # as a status


@dataclass(frozen=True)
class Answer:
    """What one kind of request of the load got.

    ``statuses``: each that was seen, ``NO_ANSWER`` without an answer. ``shape``: the type of the body, and
    for a JSON object its keys.
    """

    request: str
    statuses: tuple[int, ...]
    shape: str
    served: bool  # all of them count as served


@dataclass(frozen=True)
class LeverSeen:
    """A lever in quiet. Its witness must not hold, and its read-back must."""

    name: str
    witness: bool
    readback: bool
    detail: str


@dataclass(frozen=True)
class LedgerSeen:
    """A ledger in quiet: how many writes were acknowledged, and what each store says of them."""

    name: str
    acknowledged: int
    detail: str  # why a store could not be read, or the first refusal; "" if all is well
    missing: int = 0  # acknowledged writes that its first store does not hold


@dataclass(frozen=True)
class Cost:
    """What a run needs of this machine. ``memory`` in bytes, None where the engine does not say."""

    start_seconds: float
    networks: int
    containers: int
    memory: int | None


@dataclass(frozen=True)
class NotStarted:
    """The stack did not start; ``why`` explains it in lines."""

    why: str


@dataclass(frozen=True)
class Seen:
    """One start. ``used``: link -> did the application carry anything over it while it was asked; None:
    unknown. ``connections``: between services, past the proxies. ``listening``: service -> TCP ports; None:
    this machine does not let gameday see either. ``firing``: alerts.
    """

    cost: Cost
    answers: tuple[Answer, ...] = ()
    used: Mapping[str, bool | None] = field(default_factory=dict)
    connections: frozenset[Connection] | None = None
    listening: Mapping[str, frozenset[int]] = field(default_factory=dict)
    selectors: tuple[SelectorSeen, ...] = ()
    firing: tuple[str, ...] | None = None  # None: there is no Prometheus, or it did not answer
    levers: tuple[LeverSeen, ...] = ()
    ledgers: tuple[LedgerSeen, ...] = ()
