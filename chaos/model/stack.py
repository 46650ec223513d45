"""What the harness must know of a stack: the typed form of ``stack.yaml``.

Written by hand or by ``gameday init``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, JsonValue, PlainSerializer, WithJsonSchema

from chaos.model.base import Frozen
from chaos.timing import Duration

CLIENTS = "clients"  # the pseudo-service in a link's name for whoever calls from outside


class Role(StrEnum):
    """What part a service plays: decides how a link to it is pinged and which fault kinds it accepts."""

    APP = "app"
    HTTP = "http"
    POSTGRES = "postgres"
    REDIS = "redis"
    PROMETHEUS = "prometheus"
    OTHER = "other"


class Service(Frozen):
    role: Role = Role.OTHER
    tier: int | None = Field(default=None, ge=1, le=4, description="service tier, 1 is the most critical")


class LinkName(Frozen):
    """An edge between two services, written ``client->target``."""

    client: str
    target: str

    def __str__(self) -> str:
        return f"{self.client}->{self.target}"

    def __hash__(self) -> int:
        return hash((self.client, self.target))


def _read_link_name(value: object) -> object:
    if isinstance(value, str):
        client, arrow, target = value.partition("->")
        if not arrow or not client.strip() or not target.strip():
            raise ValueError(f"expected a link as client->target, got {value!r}")
        return LinkName(client=client.strip(), target=target.strip())
    return value


LinkRef = Annotated[
    LinkName,
    BeforeValidator(_read_link_name),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\S+\s*->\s*\S+$", "examples": ["api->db"]}),
]


class HttpCall(Frozen):
    """One HTTP request to a service, and what its answer must be for the call to count as done or true."""

    service: str
    port: int | None = Field(
        default=None, description="port inside the network; default: the port of a link to the service"
    )
    method: str = "GET"
    path: str = "/"
    headers: dict[str, str] = {}
    json_body: JsonValue = Field(default=None, alias="json")
    status: int | str | None = Field(
        default=None, description="expected status; a $parameter of the lever is allowed"
    )
    json_equals: JsonValue = Field(
        default=None, description="keys that the JSON answer must hold, with their values"
    )
    timeout: Duration = 5.0


class CommandCall(Frozen):
    """One command run inside a container of the stack; true when it exits 0."""

    service: str
    argv: list[str] = Field(min_length=1)
    timeout: Duration = 10.0


class LeverAction(Frozen):
    """Exactly one of the two ways to act on a stack."""

    http: HttpCall | None = None
    command: CommandCall | None = None


class LeverParam(Frozen):
    default: JsonValue = None
    description: str = ""


class Lever(Frozen):
    """An application fault declared as data. ``$name`` in any text is replaced by that parameter."""

    description: str = ""
    params: dict[str, LeverParam] = {}
    inject: LeverAction
    revert: LeverAction
    readback: LeverAction = Field(description="holds once the lever is reverted")
    witness: LeverAction = Field(description="holds while the fault bites, and not before")


class BreakerFacts(Frozen):
    """How a circuit breaker of the stack shows itself in Prometheus."""

    metric: str = Field(description="PromQL selector of the state gauge")
    states: dict[str, float] = Field(
        description="name of each state (closed, open, half_open) -> value of the gauge"
    )
    reset: str | None = Field(
        default=None, description="the paced variable, SERVICE.VARIABLE, that is its reset time"
    )


class PrometheusFacts(Frozen):
    service: str
    port: int = 9090
    config: str = Field(description="prometheus.yml on the host, relative to stack.yaml")
    rules: list[str] = Field(
        default=[], description="rule files on the host, relative to stack.yaml, in production time"
    )


class LoadRequest(Frozen):
    """One kind of request of a load profile.

    ``$uuid``, ``$seq`` and the columns of ``data`` are filled in.
    """

    request: str = Field(pattern=r"^[A-Z]+ /\S*$", description="METHOD /path?query")
    weight: int = Field(default=1, ge=1)
    headers: dict[str, str] = {}
    json_body: JsonValue = Field(default=None, alias="json")
    expect_status: list[int] = Field(
        default=[], description="statuses that count as served; default any below 400"
    )


class LoadProfile(Frozen):
    entry: LinkRef
    data: str | None = Field(default=None, description="CSV file, relative to stack.yaml")
    requests: list[LoadRequest] = Field(min_length=1)
    timeout: Duration = 10.0


class Objective(Frozen):
    rto: Duration
    rpo: Duration


def _canonical_links(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {str(_read_link_name(name)): port for name, port in value.items()}


class Stack(Frozen):
    """The whole of ``stack.yaml``. Paths are relative to it."""

    stack: str = Field(description="name by which scenarios refer to it")
    compose: str = "docker-compose.yml"
    services: dict[str, Service]
    links: Annotated[dict[str, int], BeforeValidator(_canonical_links)] = Field(
        default={}, description="client->target: port of the target inside the network"
    )
    prometheus: PrometheusFacts | None = None
    paced: dict[str, dict[str, float]] = Field(
        default={}, description="service -> variable -> production seconds"
    )
    breakers: dict[str, BreakerFacts] = {}
    degraded_header: str | None = Field(
        default=None, description="an answer that carries it counts as degraded"
    )
    levers: dict[str, Lever] = {}
    load: dict[str, LoadProfile] = {}
    objectives: dict[str, Objective] = {}
    expose: dict[str, int] = Field(
        default={}, description="service -> fixed host port of its first link, instead of a free one"
    )
    runbooks: str | None = None
    redact: list[str] = Field(
        default=[], description="environment variables whose values never reach a report or log"
    )

    def link_names(self) -> tuple[LinkName, ...]:
        """All links, in file order."""
        return tuple(as_link(name) for name in self.links)

    def linked(self) -> set[str]:
        """Every name at an end of a link, ``clients`` included: what a run cannot do without."""
        return {name for link in self.link_names() for name in (link.client, link.target)}

    def port_of(self, link: LinkName) -> int:
        """The target's port of a link of this stack (KeyError if there is none)."""
        return self.links[str(link)]


def as_link(name: str) -> LinkName:
    """``"api->db"`` as a value; ValueError if it is no link."""
    read = _read_link_name(name)
    assert isinstance(read, LinkName)
    return read
