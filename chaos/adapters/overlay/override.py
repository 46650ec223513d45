"""Writes a compose override: plain values plus Compose's own tags ``!override`` and ``!reset`` (Compose
2.24.4 on).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import yaml


@dataclass(frozen=True)
class OverrideTag:
    """``!override``: replaces the value in the plain file instead of being merged into it."""

    value: Value


@dataclass(frozen=True)
class ResetTag:
    """``!reset``: removes the value in the plain file."""


@dataclass(frozen=True)
class EnvironmentValue:
    """A value that Compose reads from its environment under this name, so that it is on no disk."""

    name: str


Value: TypeAlias = (
    str
    | int
    | float
    | bool
    | Sequence["Value"]
    | Mapping[str, "Value"]
    | OverrideTag
    | ResetTag
    | EnvironmentValue
    | None
)


class _Dumper(yaml.SafeDumper):
    """The safe dumper plus the two tags. Compose interpolates ``$``, so that one is doubled in every text.

    Every text is quoted: Compose reads YAML 1.2, and what PyYAML takes for text (a run id such as 042449
    or 12e456) may be a number there; a run under another label than its own would be left behind.
    """


def _represent_text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value.replace("$", "$$"), style='"')


def _represent_override(dumper: yaml.SafeDumper, value: OverrideTag) -> yaml.Node:
    node = dumper.represent_data(value.value)
    node.tag = "!override"
    return node


def _represent_reset(dumper: yaml.SafeDumper, value: ResetTag) -> yaml.Node:
    return dumper.represent_scalar("!reset", "null")


def _represent_handed(dumper: yaml.SafeDumper, value: EnvironmentValue) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", f"${{{value.name}}}", style='"')


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(EnvironmentValue, _represent_handed)
_Dumper.add_representer(OverrideTag, _represent_override)
_Dumper.add_representer(ResetTag, _represent_reset)


def override_text(document: Mapping[str, Value]) -> str:
    """The YAML text of the override."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
