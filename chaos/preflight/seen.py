"""The observations from one start of a stack without faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chaos.adapters.connections import Connection
from chaos.timeline.recording import SelectorSeen

NO_ANSWER = 0  # as a status


@dataclass(frozen=True)
class RequestAnswers:
    """The answers to one kind of request of the load.

    ``statuses``: each that was seen, ``NO_ANSWER`` without an answer. ``shape``: the type of the body, and
    for a JSON object its keys.
    """

    request: str
    statuses: tuple[int, ...]
    shape: str
    served: bool  # all of them count as served


@dataclass(frozen=True)
class LeverSeen:
    """A lever without its fault. Its witness must not hold, and its readback must.

    ``absent``: services of inactive profiles, if the scenario does not use the lever: it may need one.
    """

    name: str
    witness: bool | None  # None: it got no answer
    readback: bool | None
    detail: str
    absent: tuple[str, ...] = ()


@dataclass(frozen=True)
class LedgerSeen:
    """A ledger without faults: how many writes were acknowledged, and what its stores hold."""

    name: str
    acknowledged: int
    detail: str  # why a store could not be read, or the first refusal; "" if all is well
    missing: int = 0  # acknowledged writes that its first store does not hold


@dataclass(frozen=True)
class Cost:
    """What a run needs on this machine. ``memory`` in bytes, None if the engine does not say."""

    start_seconds: float
    networks: int
    containers: int
    memory: int | None


@dataclass(frozen=True)
class NotStarted:
    """The stack did not start; ``why`` explains it in lines."""

    why: str


@dataclass(frozen=True)
class NamedPorts:
    """The ports of a service that a run carries to it besides those of its links: what the compose file
    and the image name.
    """

    tcp: tuple[int, ...] = ()
    udp: tuple[int, ...] = ()


@dataclass(frozen=True)
class ObservedStart:
    """One start. ``used``: link -> did the application use it during the load; None: unknown.
    ``connections``: between services, without the proxies; None: gameday may not read them on this machine.
    ``listening``, ``udp``: service -> TCP ports and UDP ports; empty if gameday may not read them.
    ``firing``: alerts. ``lag``: the seconds by which gameday itself was late, at most, while it asked.
    """

    cost: Cost
    answers: tuple[RequestAnswers, ...] = ()
    used: Mapping[str, bool | None] = field(default_factory=dict)
    connections: frozenset[Connection] | None = None
    listening: Mapping[str, frozenset[int]] = field(default_factory=dict)
    udp: Mapping[str, frozenset[int]] = field(default_factory=dict)
    selectors: tuple[SelectorSeen, ...] = ()
    firing: tuple[str, ...] | None = None  # None: there is no Prometheus, or it did not answer
    levers: tuple[LeverSeen, ...] = ()
    ledgers: tuple[LedgerSeen, ...] = ()
    lag: float = 0.0
