"""Events about how well the run could observe: what was planned, and what this machine could provide.

Since schema version 3. Rates are real; lengths are real seconds.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from chaos.model.base import Frozen
from chaos.timeline.event_base import Reading, TimedEvent


class ProbeKind(StrEnum):
    HTTP = "http"
    PROMQL = "promql"
    OTHER = "other"  # evidence that a check needs


class ProbeStarted(TimedEvent):
    """A probe begins: one reading is planned every ``every`` seconds from now until the teardown."""

    event: Literal["probe_started"] = "probe_started"
    probe: str
    kind: ProbeKind
    every: float
    patience: float  # seconds after which a reading without an answer counts as a time-out


class ProbeWaiting(TimedEvent):
    """A reading that had no answer yet when the probe was stopped; ``waited`` seconds by then."""

    event: Literal["probe_waiting"] = "probe_waiting"
    probe: str
    started: float
    started_mono: float
    waited: float


class WritersStarted(TimedEvent):
    """The writers of one ledger begin: write number k is planned k / ``rate`` seconds from now."""

    event: Literal["writers_started"] = "writers_started"
    ledger: str
    rate: float  # new writes a second


class WritersStopped(TimedEvent):
    """``planned`` new writes were due by now; ``left_out`` of them were not made because too many calls were
    under way.
    """

    event: Literal["writers_stopped"] = "writers_stopped"
    ledger: str
    planned: int
    left_out: int


class WriterCounts(Frozen):
    """The planned writes of one ledger's writers, and what they left out."""

    ledger: str
    rate: float
    planned: int = 0
    left_out: int = 0


class ContainersRead(Reading):
    """The states of all containers were read since the last such event (or the start of the reading).

    ``container_state`` holds what changed; this says that there was a look even where nothing did.
    """

    event: Literal["containers_read"] = "containers_read"
    every: float  # seconds planned between two readings
    reads: int  # readings that the engine answered
    failed: int  # readings that it did not answer
    longest_gap: float  # seconds between two answered readings, or since the last one
    slowest: float  # seconds that the engine took for the slowest answer


class LinkCounts(Frozen):
    """What the proxy of one link has carried since it started. Counters: a smaller one than before belongs to
    a proxy that was restarted.

    ``sent``, ``received``: bytes that clients sent into the link and received from it, as Toxiproxy counts
    them (``toxiproxy_proxy_received_bytes_total`` upstream, ``toxiproxy_proxy_sent_bytes_total`` downstream):
    those of connections that have ended. ``open``: connections that clients hold open now, with what they
    have carried so far, as the kernel counts it (``open_sent``, ``open_received``). None: this machine does
    not let us read it.
    ``own_dials``, ``own_sent``: connections that gameday's own witnesses opened, and bytes that they sent, by
    their own count; the rest is the application's.
    ``refused``: TCP resets that the proxy's network has sent: dials at a closed listener, which Toxiproxy
    itself cannot see. It counts all links of one client together (the kernel's ``OutRsts``). None: this
    machine does not let us read it.
    """

    link: str  # client->target
    sent: int
    received: int
    own_dials: int
    own_sent: int
    refused: int | None = None
    open: int | None = None
    open_sent: int | None = None
    open_received: int | None = None


class LinkUse(Reading):
    """The counters of every link that could be read at this instant."""

    event: Literal["link_use"] = "link_use"
    links: tuple[LinkCounts, ...]


class LinkUseUnknown(TimedEvent):
    """The counters of some links could not be read from here on. Written when that begins."""

    event: Literal["link_use_unknown"] = "link_use_unknown"
    detail: str


class RuleGroupState(Frozen):
    """One rule group as Prometheus counts it itself, since its start."""

    group: str  # FILE;GROUP
    iterations: int  # scheduled evaluations, missed ones included
    missed: int
    failures: int  # rules whose evaluation failed
    last: float | None  # seconds since the epoch (run axis in a Recording) of the last evaluation
    interval: float  # real seconds between two evaluations


class RulesEvaluated(Reading):
    """Prometheus's own counters of its rule groups at this instant."""

    event: Literal["rules_evaluated"] = "rules_evaluated"
    groups: tuple[RuleGroupState, ...]


class MachineReading(Reading):
    """What this machine could give since the last such event (``over`` seconds). None: this system does not
    say. Shares are 0 to 1.
    """

    event: Literal["machine"] = "machine"
    over: float
    cpu_busy: float | None = None  # share of all cores' time that was not idle (/proc/stat)
    cpu_steal: float | None = None  # share that the hypervisor took away (/proc/stat)
    cpu_pressure: float | None = None  # share of the time in which some task waited for a core (PSI)
    memory_pressure: float | None = None  # share of the time in which some task waited for memory (PSI)
    io_pressure: float | None = None
    lag: float | None = None  # the longest that gameday's own event loop came late, in seconds


class WatchedOn(TimedEvent):
    """The run has reached health again and keeps watching for ``planned`` seconds, to see a relapse."""

    event: Literal["watched_on"] = "watched_on"
    planned: float
