"""What a plain compose file says of its services. Read as YAML: no engine is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from chaos.errors import BadInput, Problem
from chaos.scenario.places import Document, read_document, yaml_problem
from chaos.yaml_text import Values, load_text


@dataclass(frozen=True)
class ComposeService:
    """One service. ``ports`` are ports inside the container; ``published`` those that it publishes."""

    name: str
    image: str = ""
    built: bool = False
    depends_on: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    published: tuple[int, ...] = ()
    healthcheck: str = ""  # the test's words, joined; empty without one
    environment: tuple[tuple[str, str], ...] = ()
    more_environment: bool = False  # env_file or another service brings variables that are not listed here
    profiles: tuple[str, ...] = ()


class _Values(Values):
    """SafeLoader that takes compose's own tags (!reset, !override) for what they stand before."""


def _any_tag(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.ScalarNode)
    return loader.construct_scalar(node)


_Values.add_multi_constructor("!", _any_tag)


def read_compose(path: Path, shown: str | None = None) -> dict[str, ComposeService]:
    """Services of a compose file, in file order. BadInput if it is missing, no YAML, or has no services."""
    name = shown or str(path)
    document = read_document(path, name)  # for syntax errors and a file that is no mapping
    services = _data(document).get("services")
    if not isinstance(services, dict) or not services:
        message = "expected a compose file with a mapping of services"
        raise BadInput([Problem(name, *document.where(("services",)), message)])
    return {str(key): _service(str(key), body, document) for key, body in services.items()}


def read_volumes(path: Path) -> tuple[str, ...]:
    """Top-level volumes of a compose file; none where it cannot be read, of which ``read_compose`` tells."""
    try:
        volumes = _data(read_document(path)).get("volumes")
    except BadInput:
        return ()
    return tuple(str(name) for name in volumes) if isinstance(volumes, Mapping) else ()


def _data(document: Document) -> Mapping[object, object]:
    """The values of a compose file, with compose's own tags and merge keys. Raises BadInput."""
    try:
        data = load_text(document.text, _Values)
    except yaml.YAMLError as error:
        raise BadInput([yaml_problem(document.file, error)]) from None
    assert isinstance(data, Mapping)  # read_document saw to it
    return data


def _service(name: str, body: object, document: Document) -> ComposeService:
    if not isinstance(body, dict):
        raise BadInput([document.problem(("services", name), f"service {name}: expected a mapping")])
    published, exposed = _ports(body.get("ports")), _ports(body.get("expose"))
    return ComposeService(
        name=name,
        image=str(body.get("image", "")),
        built="build" in body,
        depends_on=tuple(str(entry) for entry in body.get("depends_on") or ()),
        ports=tuple(dict.fromkeys(published + exposed)),
        published=published,
        healthcheck=_healthcheck(body.get("healthcheck")),
        environment=_environment(body.get("environment")),
        more_environment="env_file" in body or "extends" in body,
        profiles=tuple(str(entry) for entry in body.get("profiles") or ()),
    )


def _ports(entries: object) -> tuple[int, ...]:
    """Container ports of entries such as ``8000``, ``"127.0.0.1:80:8000/tcp"`` or ``{target: 8000}``."""
    found: list[int] = []
    for entry in entries if isinstance(entries, list) else ():
        text = str(entry.get("target", "")) if isinstance(entry, Mapping) else str(entry)
        inside = text.rpartition(":")[2].partition("/")[0].partition("-")[0]
        if inside.isdigit():
            found.append(int(inside))
    return tuple(found)


def _healthcheck(body: object) -> str:
    test = body.get("test", "") if isinstance(body, Mapping) else ""
    return " ".join(str(word) for word in test) if isinstance(test, list) else str(test)


def _environment(body: object) -> tuple[tuple[str, str], ...]:
    if isinstance(body, Mapping):
        return tuple((str(key), "" if value is None else str(value)) for key, value in body.items())
    pairs = (str(entry).partition("=") for entry in body) if isinstance(body, list) else ()
    return tuple((key, value) for key, _, value in pairs)
