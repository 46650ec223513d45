"""How Compose merges one file onto another.

https://docs.docker.com/reference/compose-file/merge/
"""

from __future__ import annotations

from collections.abc import Mapping

from chaos.scenario.composed.text import OverrideTag, ResetTag

_PAIRS = frozenset({"environment", "labels", "annotations", "args", "sysctls", "extra_hosts"})  # NAME=VALUE
_NAMES = {"depends_on": "service_started", "networks": None}  # a list of names, or a mapping
_WHOLE = frozenset({"command", "entrypoint", "test"})  # a list that is one value
_SERVICE_LEVEL = 2  # below services and the service's name


def merged(
    base: Mapping[str, object], over: Mapping[str, object], depth: int = 0, keep: bool = False
) -> dict[str, object]:
    """``over`` merged onto ``base``. ``depth``: 0 for whole files, 2 for the bodies of services.

    ``keep``: both are parts of one file, whose tags still count for the files before it.
    """
    found = dict(base)
    for key, value in over.items():
        if isinstance(value, ResetTag) and not keep:
            found.pop(key, None)
        elif isinstance(value, (ResetTag, OverrideTag)) or key not in found or found[key] is None:
            found[key] = value if keep else _clean(value)
        elif value is not None:
            found[key] = _both(key, found[key], value, depth, keep)
    return found


def _both(key: str, old: object, new: object, depth: int, keep: bool) -> object:
    if isinstance(old, ResetTag):
        return OverrideTag(_clean(new))
    if isinstance(old, OverrideTag):
        return OverrideTag(_both(key, old.value, new, depth, keep=False))
    if depth >= _SERVICE_LEVEL:
        old, new = as_mapping(key, old), as_mapping(key, new)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return merged(old, new, depth + 1, keep)
    if isinstance(old, list) and isinstance(new, list) and key not in _WHOLE:
        if key == "volumes":
            targets = {_target(one) for one in new}
            old = [one for one in old if _target(one) not in targets]
        return [*(one for one in old if one not in new), *new]
    return _clean(new)


def as_mapping(key: str, value: object) -> object:
    """The long form of a part of a service that may also be a list; anything else as it is."""
    if not isinstance(value, list):
        return value
    if key in _PAIRS:
        pairs = [str(entry).partition("=") for entry in value]
        return {name: given if equals else None for name, equals, given in pairs}
    if key in _NAMES:
        condition = _NAMES[key]
        return {str(name): {"condition": condition} if condition else None for name in value}
    return value


def _clean(value: object) -> object:
    """A value without the tags of a file that merges onto nothing."""
    if isinstance(value, Mapping):
        return merged({}, value)
    return _clean(value.value) if isinstance(value, OverrideTag) else value


def _target(volume: object) -> str:
    if isinstance(volume, Mapping):
        return str(volume.get("target"))
    parts = str(volume).split(":")
    return parts[1] if len(parts) > 1 else parts[0]
