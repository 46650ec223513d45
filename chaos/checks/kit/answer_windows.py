"""Computes before a run whether a fault leaves enough answers to judge."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from chaos.checks.kit.fault_stretches import windows_before
from chaos.kinds import Objection, ScenarioContext
from chaos.model.rhythm import probe_every
from chaos.model.scenario import ANY, Scenario
from chaos.model.stack import Stack
from chaos.model.windows import (
    FEWEST_ANSWERS,
    JudgedWindow,
    answers_at_best,
    answers_in,
    remedy_for,
    rounded_up,
)
from chaos.timing import format_duration

_FASTEST_LOAD = 200.0  # the fastest rate that a scenario may ask for


@dataclass(frozen=True)
class RequestRate:
    """How often a request is sent: by the load, as a share of its rate, or by a probe."""

    per_second: float  # of the whole load, or of the probe
    share: float = 1.0
    is_load: bool = False

    @property
    def rate(self) -> float:
        return self.per_second * self.share

    def words(self) -> str:
        """``5/s``, or ``0.2 of the load of 5/s``."""
        part = f"{self.share:.3g} of the load of " if self.share != 1 else ""
        return f"{part}{self.per_second:.3g}/s"


def asked_by_probe(patience: float) -> RequestRate:
    """How often a probe that waits ``patience`` seconds for each answer sends its request."""
    return RequestRate(1 / probe_every(patience))


def asked_by_load(name: str | None, scenario: Scenario, stack: Stack) -> RequestRate:
    """How often the load requests ``name`` (METHOD /path without a query); None: any request.

    The scenario has a load, of a known profile.
    """
    assert scenario.load is not None
    requests = stack.load[scenario.load.profile].requests
    mine = sum(one.weight for one in requests if name in (None, one.request.partition("?")[0]))
    return RequestRate(
        scenario.load.rate.per_second, mine / sum(one.weight for one in requests), is_load=True
    )


@dataclass(frozen=True)
class Answers:
    """The answers that a check judges while the faults of a scenario hold.

    ``settles_in``: real seconds after the first effect during which answers may still differ.
    """

    what: str
    asking: RequestRate
    settles_in: float
    chosen: tuple[str, ...] = (ANY,)  # the faults during which to judge

    def objections(self, context: ScenarioContext) -> Iterator[Objection]:
        """Why there can never be enough answers.

        Empty if a procedure ends a fault: only the run shows how long that takes.
        """
        if not context.scenario.timeline:
            message = f"nothing is broken, so {self.what} is never judged"
            yield Objection((), message, "remove it, or add a timeline")
            return
        windows = self._windows(context)
        number = answers_at_best(windows, self.asking.rate)
        if windows and number < FEWEST_ANSWERS:
            longest = max(windows, key=lambda window: window.left_at_best)
            message = (
                f"{self.what} cannot be judged{_at(context)}: {self._said(longest, longest.left_at_best)} "
                f"that is {number} answers at best"
            )
            yield Objection((), f"{message}, and {FEWEST_ANSWERS} are needed", self._fix(windows, context))

    def remarks(self, context: ScenarioContext) -> Iterator[str]:
        """A remark that there may be too few answers, depending on the instant of the last measurement."""
        windows = self._windows(context)
        number = answers_in(windows, self.asking.rate)
        if windows and number < FEWEST_ANSWERS:
            longest = max(windows, key=lambda window: window.left)
            yield (
                f"there may be too few answers to judge {self.what}: {self._said(longest, longest.left)} "
                f"that is {number} answers for certain, and {FEWEST_ANSWERS} are needed; "
                f"{self._fix(windows, context)}"
            )

    def remarks_on_slow(self, within: float, context: ScenarioContext) -> Iterator[str]:
        """A remark that too few of the answers that take the whole promised time can be judged.

        ``within``: the promised real seconds. Requests sent later than that before the undo still wait then.
        """
        slow = replace(self, settles_in=self.settles_in + within)
        windows = slow._windows(context)
        number = answers_in(windows, self.asking.rate)
        if (
            not windows
            or number >= FEWEST_ANSWERS
            or answers_in(self._windows(context), self.asking.rate) == 0
        ):
            return
        longest = max(windows, key=lambda window: window.hold)
        yield (
            f"answers that take the whole promised {_shown(within)} can hardly be judged by {self.what}: of "
            f"{_shown(longest.hold)} {_shown(longest.left)} are left in which they can be asked for; at "
            f"{self.asking.words()} that is {number}, and {FEWEST_ANSWERS} are needed; "
            f"{slow._fix(windows, context)}"
        )

    def _windows(self, context: ScenarioContext) -> list[JudgedWindow]:
        return windows_before(self.chosen, context, self.settles_in)

    def _said(self, window: JudgedWindow, left: float) -> str:
        return (
            f"{_shown(left)} are left of {_shown(window.hold)} once the effect is measured and answers have "
            f"settled; at {self.asking.words()}"
        )

    def _fix(self, windows: list[JudgedWindow], context: ScenarioContext) -> str:
        remedy = remedy_for(windows, self.asking.rate)
        holds = format_duration(rounded_up(context.production(remedy.hold)))
        rate = None if remedy.rate is None else math.ceil(remedy.rate / self.asking.share)
        faster = self.asking.is_load and rate is not None and rate <= _FASTEST_LOAD
        fixes = [f"write for: {holds} or more"]
        if faster:
            fixes.append(f"a rate of {rate}/s or more")
        if (context.pace or 1) > 1:
            fixes.append("a lower --pace")
        return ", or ".join(fixes)


def _at(context: ScenarioContext) -> str:
    return f" at pace {context.pace:g}" if context.pace not in (None, 1) else ""


def _shown(real: float) -> str:
    return format_duration(round(real, 1))
