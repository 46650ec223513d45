"""The parts of alertmanager.yml that decide who receives an alert, as typed values.

https://prometheus.io/docs/alerting/latest/configuration/ is the reference. Addresses and templates of
receivers are not read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit
from zoneinfo import ZoneInfoNotFoundError

import yaml

from chaos.alertmanager.hours import Hours, read_hours
from chaos.errors import BadInput, Problem
from chaos.model.base import Frozen
from chaos.model.rules import Matcher, MatchKind
from chaos.patterns import pattern
from chaos.promql.durations import seconds
from chaos.yaml_text import load_text, yaml_problem

Body = Mapping[str, object]
_MATCHER = re.compile(r"\s*([^\s=!~{},]+)\s*(=~|!~|!=|=)(.*)", re.DOTALL)


class Route(Frozen):
    """One node of the routing tree, with what it inherits filled in. Lengths in seconds."""

    receiver: str
    matchers: tuple[Matcher, ...] = ()
    proceeds: bool = False  # `continue`: also try the routes after it
    group_by: tuple[str, ...] = ()
    group_wait: float = 30.0
    group_interval: float = 300.0
    repeat_interval: float = 14_400.0
    mute: tuple[str, ...] = ()  # names of time intervals in which the route sends nothing
    active: tuple[str, ...] = ()  # if not empty: names of the only intervals in which the route sends
    routes: tuple[Route, ...] = ()


class Inhibition(Frozen):
    """While an alert that matches ``source`` fires, Alertmanager does not send alerts that match ``target``
    and have the same values of the labels ``equal``.
    """

    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ()


class Routing(Frozen):
    """A whole alertmanager.yml. ``receivers``: all names, in file order. ``channels``: receiver -> the last
    part of the URL path of each of its webhooks. ``intervals``: name -> its ranges of time.
    """

    root: Route
    receivers: tuple[str, ...]
    inhibitions: tuple[Inhibition, ...] = ()
    intervals: Mapping[str, tuple[Hours, ...]] = {}
    channels: Mapping[str, tuple[str, ...]] = {}


def read_routing(text: str, file: str) -> Routing:
    """Reads the text of an alertmanager.yml. Raises ``BadInput``; ``file`` is its name in the message."""
    try:
        document = load_text(text)
        return _routing(_mapping(document, "the file"))
    except yaml.YAMLError as error:
        raise BadInput([yaml_problem(file, error, text)]) from error
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise BadInput([Problem.about(file, str(error), "run amtool check-config to see where")]) from error


def _routing(document: Body) -> Routing:
    receivers = tuple(str(one.get("name", "")) for one in _bodies(document, "receivers"))
    intervals: dict[str, tuple[Hours, ...]] = {}
    for key in ("time_intervals", "mute_time_intervals"):
        for named in _bodies(document, key):
            ranges = tuple(read_hours(one) for one in _bodies(named, "time_intervals"))
            intervals[str(named.get("name", ""))] = ranges
    root = _route(_mapping(document.get("route"), "route"), Route(receiver=""), receivers, intervals)
    return Routing(
        root=root,
        receivers=receivers,
        inhibitions=tuple(_inhibition(one) for one in _bodies(document, "inhibit_rules")),
        intervals=intervals,
        channels={str(one.get("name", "")): _webhooks(one) for one in _bodies(document, "receivers")},
    )


def _webhooks(receiver: Body) -> tuple[str, ...]:
    urls = [str(one.get("url", "")) for one in _bodies(receiver, "webhook_configs")]
    return tuple(urlsplit(url).path.rstrip("/").rpartition("/")[2] for url in urls)


def _route(body: Body, parent: Route, receivers: tuple[str, ...], intervals: Mapping[str, object]) -> Route:
    receiver = str(body.get("receiver") or parent.receiver)
    if receiver not in receivers:
        raise ValueError(f"route: unknown receiver {receiver!r}")
    mute, active = _names(body, "mute_time_intervals"), _names(body, "active_time_intervals")
    for name in (*mute, *active):
        if name not in intervals:
            raise ValueError(f"route to {receiver}: unknown time interval {name!r}")
    own = Route(
        receiver=receiver,
        matchers=_matchers(body, "match", "match_re", "matchers"),
        proceeds=bool(body.get("continue", False)),
        group_by=_names(body, "group_by") if "group_by" in body else parent.group_by,
        group_wait=_length(body, "group_wait", parent.group_wait),
        group_interval=_length(body, "group_interval", parent.group_interval),
        repeat_interval=_length(body, "repeat_interval", parent.repeat_interval),
        mute=mute,
        active=active,
    )
    children = tuple(_route(child, own, receivers, intervals) for child in _bodies(body, "routes"))
    return own.model_copy(update={"routes": children})


def _inhibition(body: Body) -> Inhibition:
    return Inhibition(
        source=_matchers(body, "source_match", "source_match_re", "source_matchers"),
        target=_matchers(body, "target_match", "target_match_re", "target_matchers"),
        equal=_names(body, "equal"),
    )


def _matchers(body: Body, equal: str, regex: str, texts: str) -> tuple[Matcher, ...]:
    """Reads matchers in the two older forms (mappings) and the newer one (a list of texts)."""
    found = [_matcher(name, MatchKind.EQUAL, value) for name, value in _pairs(body, equal)]
    found += [_matcher(name, MatchKind.REGEX, value) for name, value in _pairs(body, regex)]
    for text in _names(body, texts):
        for one in _split(text.strip().removeprefix("{").removesuffix("}")):
            parts = _MATCHER.fullmatch(one)
            if parts is None:
                raise ValueError(f'expected a matcher such as severity="SEV1", got {one!r}')
            name, value = _unquoted(parts[1]), _unquoted(parts[3].strip())
            found.append(_matcher(name, MatchKind(parts[2]), value))
    return tuple(found)


def _matcher(name: str, kind: MatchKind, value: str) -> Matcher:
    if kind in (MatchKind.REGEX, MatchKind.NOT_REGEX):
        pattern(value)
    return Matcher(label=name, kind=kind, value=value)


def _split(text: str) -> Iterator[str]:
    """Splits at commas that are not inside quotes."""
    part, quoted, escaped = "", False, False
    for letter in text:
        if letter == "," and not quoted:
            yield part
            part = ""
            continue
        if letter == '"' and not escaped:
            quoted = not quoted
        escaped = letter == "\\" and not escaped
        part += letter
    if part.strip():
        yield part


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return str(json.loads(text))
    return text


def _length(body: Body, key: str, inherited: float) -> float:
    return seconds(str(body[key])) if key in body else inherited


def _mapping(value: object, what: str) -> Body:
    if not isinstance(value, Mapping):
        raise ValueError(f"{what}: expected a mapping, got {type(value).__name__}")
    return value


def _bodies(body: Body, key: str) -> Iterator[Body]:
    value = body.get(key) or []
    if not isinstance(value, list):
        raise ValueError(f"{key}: expected a list")
    for one in value:
        yield _mapping(one, key)


def _pairs(body: Body, key: str) -> Iterator[tuple[str, str]]:
    for name, value in _mapping(body.get(key) or {}, key).items():
        yield str(name), str(value)


def _names(body: Body, key: str) -> tuple[str, ...]:
    value = body.get(key) or []
    if not isinstance(value, list):
        raise ValueError(f"{key}: expected a list")
    return tuple(str(one) for one in value)
