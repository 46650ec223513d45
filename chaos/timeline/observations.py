"""Events about how well the run could observe: planned rates, and the state of this machine.

Since schema version 3. Rates are per real second; lengths are real seconds.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from chaos.model.base import Frozen, Instant
from chaos.timeline.event_base import Reading, TimedEvent


class ProbeKind(StrEnum):
    HTTP = "http"
    PROMQL = "promql"
    OTHER = "other"  # evidence that a check needs


class ProbeStarted(TimedEvent):
    """A probe begins. It plans one reading every ``every`` seconds from now until the teardown."""

    event: Literal["probe_started"] = "probe_started"
    probe: str
    kind: ProbeKind
    every: float
    patience: float  # seconds after which a reading without an answer counts as a time-out


class ProbeWaiting(TimedEvent):
    """A reading had no answer when its probe was stopped. ``waited``: seconds since it began."""

    event: Literal["probe_waiting"] = "probe_waiting"
    probe: str
    started: float
    started_mono: float
    waited: float


class WritersStarted(TimedEvent):
    """The writers of one ledger begin. Write number k is planned k / ``rate`` seconds from now."""

    event: Literal["writers_started"] = "writers_started"
    ledger: str
    rate: float  # new writes a second


class WritersStopped(TimedEvent):
    """The writers of one ledger have stopped. ``planned``: new writes that were due. ``left_out``: how many
    of them gameday did not make, because too many calls were waiting.
    """

    event: Literal["writers_stopped"] = "writers_stopped"
    ledger: str
    planned: int
    left_out: int


class WriterCounts(Frozen):
    """The planned writes of one ledger, and those that gameday left out. ``rate``: writes a second."""

    ledger: str
    rate: float
    planned: int = 0
    left_out: int = 0


class ContainersRead(Reading):
    """How often the states of all containers were read since the last such event, or since the first reading.

    ``container_state`` records changes only; this event shows that gameday looked even if nothing changed.
    """

    event: Literal["containers_read"] = "containers_read"
    every: float  # seconds planned between two readings
    reads: int  # readings that the engine answered
    failed: int  # readings that it did not answer
    longest_gap: float  # seconds between two answered readings, or since the last one
    slowest: float  # seconds that the engine took for the slowest answer


class LinkCounts(Frozen):
    """Counters of the proxy of one link since its start. A smaller value than before means that it restarted.

    ``sent``, ``received``: bytes that clients sent and received over connections that have ended, as
    Toxiproxy counts them (``toxiproxy_proxy_received_bytes_total`` upstream,
    ``toxiproxy_proxy_sent_bytes_total`` downstream). ``open``: connections that clients have open now;
    ``open_sent``, ``open_received``: their bytes so far, as the kernel counts them.
    ``own_dials``, ``own_sent``: connections that gameday's witnesses opened, and bytes that they sent, as
    they count them; the rest is the application's.
    ``refused``: TCP resets that the network of the proxy has sent (the kernel's ``OutRsts``), for dials at a
    closed listener, which Toxiproxy cannot see. It counts all links of one client together.
    None: this machine does not allow reading it.
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
    """From now on the counters of some links cannot be read. Written once, when that begins."""

    event: Literal["link_use_unknown"] = "link_use_unknown"
    detail: str


class RuleGroupState(Frozen):
    """The counters of one rule group since Prometheus started, from its own metrics."""

    group: str  # FILE;GROUP
    iterations: int  # scheduled evaluations, missed ones included
    missed: int
    failures: int  # rules whose evaluation failed
    last: Instant | None  # seconds since the epoch (run axis in a Recording) of the last evaluation
    interval: float = Field(gt=0, allow_inf_nan=False)  # real seconds between two evaluations


class RulesEvaluated(Reading):
    """The counters of all rule groups at this instant, from Prometheus's own metrics."""

    event: Literal["rules_evaluated"] = "rules_evaluated"
    groups: tuple[RuleGroupState, ...]


class MachineReading(Reading):
    """How busy this machine was in the ``over`` seconds since the last such event. None: this system does not
    provide it. Shares are 0 to 1.
    """

    event: Literal["machine"] = "machine"
    over: float
    cpu_busy: float | None = None  # share of all cores' time that was not idle (/proc/stat)
    cpu_steal: float | None = None  # share that the hypervisor took away (/proc/stat)
    cpu_pressure: float | None = None  # share of the time in which some task waited for a core (PSI)
    memory_pressure: float | None = None  # share of the time in which some task waited for memory (PSI)
    io_pressure: float | None = None
    lag: float | None = None  # the longest delay of gameday's own event loop, in seconds


class WatchedOn(TimedEvent):
    """Clients are healthy again; the run keeps watching for a relapse for ``planned`` seconds."""

    event: Literal["watched_on"] = "watched_on"
    planned: float
