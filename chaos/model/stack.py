"""What gameday must know about a stack: the typed form of ``stack.yaml``.

People write the file, or ``gameday init`` does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, JsonValue, model_validator

from chaos.model.base import Frozen
from chaos.model.calls import CommandCall, HttpCall
from chaos.model.headers import Headers
from chaos.model.ledger import LedgerFacts
from chaos.model.links import CLIENTS, LinkName, LinkRef, as_link, read_link_name
from chaos.model.owners import OwnersData
from chaos.timing import Duration

__all__ = [
    "CLIENTS",
    "CommandCall",
    "HttpCall",
    "LinkName",
    "LinkRef",
    "as_link",
]  # where users look for them


POOL_NETWORKS = 30
"""Networks that fit into Docker's default address pools, without the default bridge: 15 of 172.17.0.0/12 and
16 of 192.168.0.0/16 (https://docs.docker.com/engine/network/#subnet-allocation)."""


class ServiceRole(StrEnum):
    """The role of a service. It decides which request measures a link to it, and which faults it accepts."""

    APP = "app"
    HTTP = "http"
    POSTGRES = "postgres"
    REDIS = "redis"
    PROMETHEUS = "prometheus"
    OTHER = "other"


class Service(Frozen):
    role: ServiceRole = ServiceRole.OTHER
    tier: int | None = Field(default=None, ge=1, le=4, description="service tier; 1 is the most critical")
    profile: str | None = Field(default=None, description="the Compose profile that starts it")
    one_shot: bool = Field(
        default=False,
        description="a job that runs once: it is done when it ends with code 0, and may end while "
        "others wait for it",
    )


class LeverAction(Frozen):
    """An HTTP call or a command. With neither, only a procedure can undo the fault."""

    http: HttpCall | None = None
    command: CommandCall | None = None

    @property
    def empty(self) -> bool:
        return self.http is None and self.command is None


class LeverParam(Frozen):
    default: JsonValue = None
    description: str = ""


class LeverPhase(StrEnum):
    """What an action of a lever is for."""

    INJECT = "inject"
    REVERT = "revert"
    READBACK = "readback"
    WITNESS = "witness"


class Lever(Frozen):
    """An application fault, declared as data. ``$name`` in a text is replaced by that parameter."""

    description: str = ""
    params: dict[str, LeverParam] = {}
    inject: LeverAction
    revert: LeverAction = Field(
        default=LeverAction(), description="without it only a procedure (answer:) can undo the fault"
    )
    readback: LeverAction = Field(description="must hold once the lever is reverted")
    witness: LeverAction = Field(description="must hold while the fault takes effect, and not before")

    @property
    def actions(self) -> dict[LeverPhase, LeverAction]:
        """All of its actions."""
        return {
            LeverPhase.INJECT: self.inject,
            LeverPhase.REVERT: self.revert,
            LeverPhase.READBACK: self.readback,
            LeverPhase.WITNESS: self.witness,
        }


class BreakerFacts(Frozen):
    """How Prometheus shows the state of a circuit breaker of the stack."""

    metric: str = Field(description="PromQL selector of the state gauge")
    states: dict[str, float] = Field(
        description="name of each state (closed, open, half_open) -> value of the gauge"
    )
    reset: str | None = Field(
        default=None, description="the paced variable, SERVICE.VARIABLE, with its reset time"
    )


class StandIn(Frozen):
    """A threshold that replaces that of a rule in every run of this stack.

    Use it if the stack cannot reach the threshold, such as 2 GiB of memory in a container that may use only
    256 MiB. Plan, report and coverage mention it.
    """

    threshold: float = Field(description="the number in the rule")
    instead: float = Field(description="the number that replaces it in a run")
    because: str = Field(min_length=1, description="why the rule's own threshold cannot be reached here")

    @property
    def sentence(self) -> str:
        return f"stand-in for its threshold: {self.threshold:g} -> {self.instead:g}, because {self.because}"


class PrometheusFacts(Frozen):
    service: str
    port: int = Field(default=9090, ge=1, le=65535)
    config: str = Field(description="prometheus.yml on the host, relative to stack.yaml")
    rules: list[str] = Field(
        default=[], description="rule files on the host, relative to stack.yaml, with production times"
    )
    stand_ins: dict[str, StandIn] = Field(
        default={}, description="alert -> the threshold that replaces its own in runs of this stack"
    )


class SinkFacts(Frozen):
    """The service that receives the notifications. A GET to ``path`` must return the JSON that
    ``chaos/collectors/notifications.py`` describes.
    """

    service: str
    port: int = Field(ge=1, le=65535)
    path: str = Field(default="/notifications", pattern="^/")


class AlertmanagerFacts(Frozen):
    service: str
    port: int = Field(default=9093, ge=1, le=65535, description="port of its API inside the network")
    config: str = Field(description="alertmanager.yml on the host, relative to stack.yaml")
    notifications: SinkFacts | None = Field(
        default=None, description="the service that receives the notifications and lists them"
    )


class LoadRequest(Frozen):
    """One kind of request of a load profile.

    ``$uuid``, ``$seq`` and the columns of ``data`` are filled in.
    """

    request: str = Field(pattern=r"^[A-Z]+ /\S*$", description="METHOD /path?query")
    weight: int = Field(default=1, ge=1)
    headers: Headers = {}
    json_body: JsonValue = Field(default=None, alias="json")
    expect_status: list[int] = Field(
        default=[], description="statuses that count as served; default any below 400"
    )

    @property
    def name(self) -> str:
        """``METHOD /path`` without the query. Placeholders stay, so that all such requests have one name."""
        method, _, target = self.request.partition(" ")
        return f"{method} {target.partition('?')[0].replace('$$', '$')}"

    def served_by(self, status: int) -> bool:
        """Does an answer with this status count as served? 0: there was no complete answer."""
        return counts_as_served(status, self.expect_status)


def counts_as_served(status: int, expected: Collection[int]) -> bool:
    """``expected``: the statuses that do; if it is empty, any below 400. 0: there was no complete answer."""
    return status in expected if expected else 0 < status < 400


class LoadProfile(Frozen):
    entry: LinkRef
    data: str | None = Field(default=None, description="CSV file, relative to stack.yaml")
    requests: list[LoadRequest] = Field(min_length=1)
    timeout: Duration = Field(default=10.0, gt=0)


class Objective(Frozen):
    """The objectives of a service in real time. ``rto``: the longest outage. ``rpo``: the age of the oldest
    data that may be lost.
    """

    rto: Duration
    rpo: Duration
    tier: int | None = Field(
        default=None, ge=1, le=4, description="default: the tier of the service with that name"
    )


class OutageCost(Frozen):
    """What an hour without service costs. Reports use it to show what a measured outage costs."""

    per_hour: float = Field(gt=0)
    currency: str = "USD"


class BackupFacts(Frozen):
    """A backup that must exist: how often policy takes it, and its maximum age when it is examined."""

    service: str
    every: Duration = Field(
        gt=0, description="interval by policy; data written since the last backup may be lost"
    )
    max_age: Duration = Field(gt=0, description="maximum age of the newest backup when it is examined")
    log: bool = Field(
        default=False,
        description="its log is archived continuously: less than `every` may be lost",
    )

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        if self.max_age < self.every:
            raise ValueError(
                "max_age is less than every: each backup would be too old before the next is taken"
            )
        return self


def _canonical_links(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {str(read_link_name(name)): port for name, port in value.items()}


class Stack(Frozen):
    """A whole ``stack.yaml``. Paths are relative to that file."""

    stack: str = Field(description="name that scenarios use for this stack")
    compose: str = "docker-compose.yml"
    overrides: list[str] = Field(
        default=[],
        description="further compose files to merge onto it, in this order; default: the override "
        "file that Compose finds beside it",
    )
    parts: list[str] = Field(
        default=[], description="further files, relative to stack.yaml, that add levers, load and ledgers"
    )
    services: dict[str, Service]
    links: Annotated[dict[LinkRef, int], BeforeValidator(_canonical_links)] = Field(
        default={}, description="client->target: port of the target inside the network"
    )
    prometheus: PrometheusFacts | None = None
    alertmanager: AlertmanagerFacts | None = None
    paced: dict[str, dict[str, float]] = Field(
        default={}, description="service -> variable -> production seconds"
    )
    breakers: dict[str, BreakerFacts] = {}
    degraded_header: str | None = Field(default=None, description="header that marks an answer as degraded")
    degraded_states: list[str] = Field(
        default=[], description="all possible values of the degraded header, for gameday coverage"
    )
    states: dict[str, str] = Field(
        default={},
        description="name -> PromQL, in production time, that yields a sample while the stack is in that "
        "state; each run records which it reached, for gameday coverage",
    )
    levers: dict[str, Lever] = {}
    load: dict[str, LoadProfile] = {}
    ledgers: dict[str, LedgerFacts] = {}
    objectives: dict[str, Objective] = {}
    outage_cost: OutageCost | None = None
    backups: dict[str, BackupFacts] = {}
    use_as_is: list[Annotated[str, Field(pattern=r"^(volume|network|bind) \S.*$")]] = Field(
        default=[],
        description="what a run may use although it belongs to the owner: external 'volume NAME' and "
        "'network NAME', and 'bind PATH' that is written to; the run replaces all others with its own, empty",
    )
    data: OwnersData = Field(
        default=OwnersData.EMPTY,
        description="what the volumes of the run contain that replace the owner's volumes and data "
        "folders: nothing, or a copy made before the start",
    )
    copy_most_mib: int = Field(
        default=1024, ge=1, le=102_400, description="with data: copy: how much may be copied in all, in MiB"
    )
    start_within: Duration = Field(
        default=180.0,
        gt=0,
        le=3600,
        description="real time for all services to become healthy, including start periods",
    )
    steady_within: Duration = Field(
        default=45.0, gt=0, le=3600, description="real time to reach the steady state under load"
    )
    networks: int = Field(
        default=POOL_NETWORKS,
        ge=1,
        description="how many networks of one run fit into the engine's address pools; default: those of a "
        "new Docker installation",
    )
    offsite: list[str] = Field(
        default=[], description="Compose volumes that represent off-site storage: they survive every disaster"
    )
    procedures: str | None = Field(
        default=None, description="folder of procedure files, relative to stack.yaml"
    )
    expose: dict[str, int] = Field(
        default={}, description="service -> fixed host port of its first link, instead of a free one"
    )
    runbooks: str | None = None
    redact: list[str] = Field(
        default=[],
        description="environment variables whose values never reach a report or log, in addition to those "
        "that look secret",
    )
    not_secret: list[str] = Field(
        default=[],
        description="environment variables that look secret and are not: gameday shows their values",
    )

    @property
    def compose_files(self) -> tuple[str, ...]:
        """All compose files of the project, in the order in which they are merged."""
        return (self.compose, *self.overrides)

    def link_names(self) -> tuple[LinkName, ...]:
        """All links, in file order."""
        return tuple(self.links)

    def hiding(self, found: Iterable[str]) -> Stack:
        """This stack with the variables ``found`` redacted too, except those that it says are not secret."""
        more = [name for name in found if name not in (*self.redact, *self.not_secret)]
        return self.model_copy(update={"redact": [*self.redact, *more]}) if more else self

    def with_profiles(self, active: Collection[str]) -> Stack:
        """This stack without the services whose profile is not active, and without their links."""
        absent = {
            name
            for name, service in self.services.items()
            if service.profile and service.profile not in active
        }
        if not absent:
            return self
        return self.model_copy(
            update={
                "services": {name: service for name, service in self.services.items() if name not in absent},
                "links": {
                    link: port for link, port in self.links.items() if not {link.client, link.target} & absent
                },
            }
        )

    def linked(self) -> set[str]:
        """Every name at an end of a link, ``clients`` included."""
        return {name for link in self.link_names() for name in (link.client, link.target)}

    def port_of(self, link: LinkName) -> int:
        """The port of the target of a link. KeyError for an unknown link."""
        return self.links[link]
