"""Application faults that a mock can be ordered to show: what each does to one call.

An order is JSON such as ``{"mode": "errors", "status": 503, "path": "/whatsapp"}``;
``path`` limits it to the calls below that path, for a mock that stands in for several providers.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Json = dict[str, object]


class Mode(StrEnum):
    NONE = "none"
    ERRORS = "errors"  # every call is answered with `status`
    AUTH = "auth"  # the caller's credentials are refused with 401
    RATE_LIMITED = "rate_limited"  # 429 with Retry-After
    MALFORMED = "malformed"  # status 200 and a body that is cut off in the middle
    SLOW_BODY = "slow_body"  # the head comes at once, the body `seconds` later
    SLOW = "slow"  # nothing comes for `seconds`
    FAIL_FIRST = "fail_first"  # the next `count` calls are answered with 500, then all is well
    FLAPPING = "flapping"  # 500 for `seconds`, then well for `seconds`, and so on
    BAD_SIGNATURE = "bad_signature"  # webhooks are signed with a wrong secret
    DUPLICATES = "duplicates"  # each webhook is delivered `count` times


COMMON = frozenset(Mode) - {Mode.BAD_SIGNATURE, Mode.DUPLICATES}


class OrderError(ValueError):
    """The order names no mode of this mock, or a figure out of its range."""


@dataclass(frozen=True)
class Order:
    """What is asked for. `status` 400 to 599; `seconds` above 0, at most 60; `count` 1 to 1000."""

    mode: Mode = Mode.NONE
    path: str = ""
    status: int = 500
    seconds: float = 5.0
    count: int = 2

    def as_json(self) -> Json:
        """The mode, and the figures that matter to it."""
        figures: Json = {}
        if self.mode is Mode.ERRORS:
            figures["status"] = self.status
        if self.mode in (Mode.SLOW, Mode.SLOW_BODY, Mode.FLAPPING):
            figures["seconds"] = self.seconds
        if self.mode in (Mode.FAIL_FIRST, Mode.DUPLICATES):
            figures["count"] = self.count
        if self.path:
            figures["path"] = self.path
        return {"mode": self.mode.value, **figures}


NO_FAULT = Order()


def read_order(wish: object, modes: frozenset[Mode]) -> Order:
    """An order out of its JSON. Raises OrderError, which says what was expected."""
    if not isinstance(wish, Mapping):
        raise OrderError("expected a JSON object")
    known = sorted(mode.value for mode in modes)
    mode = wish.get("mode")
    if mode not in known:
        raise OrderError(f"expected mode out of {', '.join(known)}, got {mode!r}")
    if unknown := set(wish) - {"mode", "path", "status", "seconds", "count"}:
        raise OrderError(f"unknown: {', '.join(sorted(map(str, unknown)))}")
    path = wish.get("path", "")
    if not isinstance(path, str) or (path and not path.startswith("/")):
        raise OrderError("expected a path that begins with /")
    return Order(
        Mode(mode),
        path,
        int(_number(wish, "status", 500, 400, 599)),
        _number(wish, "seconds", 5.0, 0.001, 60),
        int(_number(wish, "count", 2, 1, 1000)),
    )


def _number(wish: Mapping[str, object], name: str, default: float, least: float, most: float) -> float:
    value = wish.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise OrderError(f"expected {name} from {least:g} to {most:g}, got {value!r}")
    return value


class Switch:
    """The order in force, and what of it was used up."""

    def __init__(self, modes: frozenset[Mode] = COMMON) -> None:
        self._modes = modes
        self._order = NO_FAULT
        self._since = time.monotonic()
        self._failed = 0
        self.met = False  # whether the order in force was applied to a call or a webhook yet

    @property
    def order(self) -> Order:
        return self._order

    def set(self, wish: object) -> None:
        """Replace the order. Raises OrderError and changes nothing."""
        self._order = read_order(wish, self._modes)
        self._since, self._failed, self.met = time.monotonic(), 0, False

    def clear(self) -> None:
        self._order, self.met = NO_FAULT, False

    def in_force(self, path: str) -> Order:
        """What a call of `path` meets now; counts it where the order is for a number of calls."""
        order = self._now(path)
        self.met = self.met or order is not NO_FAULT
        return order

    def _now(self, path: str) -> Order:
        order = self._order
        if not path.startswith(order.path):
            return NO_FAULT
        if order.mode is Mode.FAIL_FIRST:
            self._failed += 1
            return order if self._failed <= order.count else NO_FAULT
        if order.mode is Mode.FLAPPING:
            well = int((time.monotonic() - self._since) / order.seconds) % 2 == 1
            return NO_FAULT if well else order
        return order
