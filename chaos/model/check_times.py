"""The times that a check declares: when an alert must fire, which limits count, how long a run goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class AlertDeadline(NamedTuple):
    """An alert that must fire within this many seconds of production time after the first injection.

    ``resolves_within``: it must resolve this long after the end of the last fault; None: not expected.
    ``labels``: those that it must have; None: any.
    """

    alert: str
    within: float
    resolves_within: float | None = None
    labels: Mapping[str, str] | None = None


class RealLimit(NamedTuple):
    """A limit in real seconds that is not a parameter of the scenario; a slow machine may miss it."""

    name: str
    seconds: float


class Wait(NamedTuple):
    """How long a run continues after the last fault, so that a check can be judged. Real seconds.

    ``needed``: time within which everything expected should happen. ``healthy_for``: how long clients must be
    healthy without a break. ``watch``: how long the run continues after that.
    """

    needed: float = 0.0
    healthy_for: float = 0.0
    watch: float = 0.0
