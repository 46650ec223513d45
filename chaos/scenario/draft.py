"""First drafts for a stranger's compose file: its services and links, guessed from the file alone."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from chaos.errors import BadInput, Problem
from chaos.files import make_folder, write_file
from chaos.model.stack import CLIENTS, Role
from chaos.scenario.compose import ComposeService, read_compose
from chaos.scenario.environment import mentions_of, secret_names
from chaos.scenario.schema import FOLDER, SCENARIO_FILE, STACK_FILE

# Default ports of images that everybody knows, and the part they play; from each image's documentation.
_KNOWN_IMAGES: dict[str, tuple[Role, int]] = {
    "postgres": (Role.POSTGRES, 5432),
    "postgis": (Role.POSTGRES, 5432),
    "timescaledb": (Role.POSTGRES, 5432),
    "redis": (Role.REDIS, 6379),
    "valkey": (Role.REDIS, 6379),
    "prometheus": (Role.PROMETHEUS, 9090),
    "mysql": (Role.OTHER, 3306),
    "mariadb": (Role.OTHER, 3306),
    "mongo": (Role.OTHER, 27017),
    "memcached": (Role.OTHER, 11211),
    "rabbitmq": (Role.OTHER, 5672),
    "nats": (Role.OTHER, 4222),
    "elasticsearch": (Role.OTHER, 9200),
    "alertmanager": (Role.OTHER, 9093),
    "grafana": (Role.OTHER, 3000),
}
REMEDY = "free some space there, or make the folder writable"
_URL = re.compile(r"https?://[^/\s\"']+?(?::(?P<port>\d+))?(?P<path>/[^\s\"')]*)?(?=[\s\"')]|$)")
_PATH_WORD = re.compile(r"(?<!\S)(/[\w/-]*)(?!\S)")  # a bare path; one with a dot is a file
_CALLERS = frozenset({Role.APP, Role.HTTP})


@dataclass(frozen=True)
class Guess:
    """What a compose file lets one guess of a stack."""

    name: str
    compose: str  # as stack.yaml says it
    roles: Mapping[str, Role]
    links: Mapping[str, int]  # client->target: port
    entry: str  # the service that clients call
    probe_path: str
    secrets: tuple[str, ...] = ()  # environment variables that look secret, in file order

    @property
    def victim(self) -> str:
        """The service whose loss teaches most: the entry's first dependency, else the entry itself."""
        targets = [name.partition("->")[2] for name in self.links if name.startswith(f"{self.entry}->")]
        return targets[0] if targets else self.entry


def guess(compose_file: Path, into: Path | None = None) -> Guess:
    """Read the compose file; ``into`` is where stack.yaml will stand, by default beside it.

    BadInput if nothing in it can be called from outside: no client could see it fail.
    """
    home = (into or compose_file.parent).resolve()
    services = read_compose(compose_file)
    roles = {name: _role(service) for name, service in services.items()}
    inner = {
        f"{name}->{target}": port
        for name, service in services.items()
        if roles[name] in _CALLERS
        for target, port in _targets(service, services)
    }
    called = {link.partition("->")[2] for link in inner}
    apps = [name for name, role in roles.items() if role is Role.APP]
    entries = [name for name in apps if name not in called] or apps
    if not entries:
        message = "no service of its own publishes a port, so no client could see it fail"
        raise BadInput([Problem.about(str(compose_file), message, 'publish a port: ports: ["8000"]')])
    roles |= {name: Role.HTTP for name in apps if name not in entries}
    links = {f"{CLIENTS}->{name}": services[name].published[0] for name in entries} | inner
    name = re.sub(r"[^a-z0-9]+", "-", home.name.lower()).strip("-") or "stack"
    shown = os.path.relpath(compose_file.resolve(), home)
    path = _probe_path(services[entries[0]])
    return Guess(name, shown, roles, links, entries[0], path, secret_names(services, name))


def _role(service: ComposeService) -> Role:
    known = _known(service)
    if known is not None:
        return known[0]
    if "exporter" in service.image:
        return Role.OTHER
    if service.published:
        return Role.APP
    return Role.HTTP if "http" in service.healthcheck or service.built else Role.OTHER


def _known(service: ComposeService) -> tuple[Role, int] | None:
    image = service.image.rpartition("/")[2].partition("@")[0].partition(":")[0]
    return next((facts for word, facts in _KNOWN_IMAGES.items() if word in image.split("-")), None)


def _targets(client: ComposeService, services: Mapping[str, ComposeService]) -> Iterator[tuple[str, int]]:
    """The services that one depends on or whose address is in its environment, with the port dialled."""
    for target, service in services.items():
        mentions = [mention for _, value in client.environment for mention in mentions_of(target, value)]
        dialled = [port for port in mentions if port]
        known = _known(service)
        if target == client.name or not (mentions or target in client.depends_on):
            continue
        ports = [*dialled, *([known[1]] if known else []), *service.ports, *_probe_ports(service)]
        if ports:
            yield target, ports[0]


def _probe_ports(service: ComposeService) -> list[int]:
    return [int(match["port"]) for match in _URL.finditer(service.healthcheck) if match["port"]]


def _probe_path(service: ComposeService) -> str:
    """The path that a health check asks for, ``/`` if it does not say."""
    url = next((match["path"] for match in _URL.finditer(service.healthcheck) if match["path"]), None)
    word = _PATH_WORD.search(service.healthcheck)
    return url or (word[1] if word else "/")


def _quoted(text: str) -> str:
    """``text`` as it may stand in a flow mapping, in quotes where YAML needs them."""
    return text if re.fullmatch(r"[\w/. -]+", text) else json.dumps(text)


def draft_stack(facts: Guess) -> str:
    """Text of a first stack.yaml; it passes ``gameday validate`` as it is."""
    services = "\n".join(f"  {name}: {{role: {role}}}" for name, role in facts.roles.items())
    links = "\n".join(f"  {name}: {port}" for name, port in facts.links.items())
    others = "runbooks" if facts.secrets else "runbooks,\n# redact"
    return f"""\
# What the harness needs to know of this stack: a first draft, guessed from {facts.compose}.
# Read it, then edit.
stack: {facts.name}
compose: {facts.compose}

# role decides how a service is pinged: app, http, postgres, redis, prometheus or other.
# Add tier: 1 (most critical) to 4 where you have tiers.
services:
{services}

# client->target: port of the target inside the network. Each link can be broken while the others live on.
# Guessed from depends_on, from addresses in the environment and from the default ports of known images.
links:
{links}

# What clients send while a scenario runs. Write what yours really ask for; $uuid and $seq are filled in.
load:
  {CLIENTS}:
    entry: {CLIENTS}->{facts.entry}
    requests:
      - {{request: {_quoted(f"GET {facts.probe_path}")}}}

# Also known here, each optional: prometheus (alerts and their deadlines), paced (variables that shrink
# with the pace), breakers, degraded_header, levers (application faults), objectives, expose, {others}.
{_draft_redact(facts.secrets)}"""


def _draft_redact(secrets: Iterable[str]) -> str:
    names = ", ".join(secrets)
    return (
        names
        and f"""
# Variables whose values never reach a log, a report or a plan; guessed from their names and from passwords
# in addresses. Add what was overlooked; left out is a value that is also part of a name of this stack.
redact: [{names}]
"""
    )


def draft_scenario(facts: Guess) -> str:
    """Text of a first scenario, ``<service>-down``; it passes ``gameday validate`` beside the stack.yaml."""
    return f"""\
# A first draft: {facts.victim} is killed for a while. Say under expect what users were promised meanwhile.
scenario: {facts.victim}-down
title: {facts.victim} is killed
tags: [{facts.victim}]
stack: {facts.name}
load: {{profile: {CLIENTS}, rate: 10/s}}
steady_state:
  - http: {{service: {facts.entry}, path: {_quoted(facts.probe_path)}, status: 200}}
timeline:                # production time; the pace compresses it
  - {{at: 1m, fault: container.kill, service: {facts.victim}, for: 4m}}
expect:
  recovery: {{rto: 15m, budget: 30s, healthy_for: 5s}}
#  degradation:          # one entry a promise, for as long as the fault lasts
#    - {{request: {_quoted(f"GET {facts.probe_path}")}, while: fault, status: 503}}
# Nothing is promised yet but recovery: add degradation, detection (alerts) or breaker under expect.
"""


def schema_line(file: Path, schema: str) -> str:
    """The first line of a draft: where an editor finds its schema.

    A relative path inside a checkout; elsewhere the package may lie anywhere, so only its name is given.
    """
    checkout, folder = FOLDER.parents[1], file.resolve().parent
    if (checkout / "pyproject.toml").is_file() and folder.is_relative_to(checkout):
        return (
            f"# yaml-language-server: $schema={Path(os.path.relpath(FOLDER / schema, folder)).as_posix()}\n"
        )
    return f"# The JSON Schema for your editor lies in the installed package: chaos/schema/{schema}\n"


def write_drafts(compose_file: Path, into: Path) -> tuple[Path, ...]:
    """Write stack.yaml and scenarios/<service>-down.yaml below ``into``; the files written.

    Nothing is ever overwritten: BadInput names every file that is there already, and nothing is written then.
    """
    facts = guess(compose_file, into)
    drafts = {
        into / "stack.yaml": draft_stack(facts),
        into / "scenarios" / f"{facts.victim}-down.yaml": draft_scenario(facts),
    }
    there = [path for path in drafts if path.exists() or path.is_symlink()]
    if there:
        fix = "move it away first: init never overwrites"
        raise BadInput([Problem.about(str(path), "this file exists already", fix) for path in there])
    for path, text in drafts.items():
        schema = STACK_FILE if path.name == "stack.yaml" else SCENARIO_FILE
        make_folder(path.parent, REMEDY)
        write_file(path, schema_line(path, schema) + text, REMEDY)
    return tuple(drafts)
