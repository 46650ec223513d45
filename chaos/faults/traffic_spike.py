"""``traffic.spike``: far more requests than usual, from all clients or from one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field

from chaos.kinds import Fault, Objection, ScenarioContext
from chaos.model.scenario import Rate
from chaos.model.spikes import spike_profile
from chaos.model.stack import CLIENTS, LinkRef, Stack
from chaos.ports import FaultContext, Spike
from chaos.timeline.events import Measurement
from chaos.timing import format_duration

SPEED = "bytes_per_s"
WINDOW = 1.0  # real seconds over which bytes are counted
MOST_SECONDS = 600.0  # real; a spike ends on its own after that
LEAST_RATE = 10.0  # requests a second; fewer could not be distinguished from an ordinary load
# Of one request over a connection of its own: request line, Host, Connection, User-Agent and Accept.
LEAST_BYTES = 120
ONE_CLIENT = "192.0.2.77"  # from the range for documentation: no client of a profile has it


class Clients(StrEnum):
    """Who sends the additional requests."""

    ALL = "all"
    ONE = "one"


class TrafficSpike(Fault):
    """Send additional requests over a link of clients, on top of the load; the undo ends them.

    The requests are the GET and HEAD requests of a load profile, so that nothing is written twice. A separate
    process sends them, open loop, only to this machine, for at most 10 real minutes. They are not part of the
    load that the checks judge. With ``clients: one`` all come from one client: give the header that
    identifies a client to the stack. The first request goes out one to five real seconds after the injection
    began.

    For example ``{at: 1m, fault: traffic.spike, link: "clients->web", rate: 150/s, for: 3m}``, and for one
    client ``{..., clients: one, header: X-Forwarded-For}``.

    What a client sees: slower answers or refused requests, as far as the stack cannot serve both. Connections
    stay open.

    What the witness measures: how many bytes a second clients send over the link, as Toxiproxy counts them.
    It measures three times before the injection. The bytes must exceed the largest of these by at least half
    of the spike's rate times 120 bytes, the least size of a request. It also records the outcomes of the
    requests of the spike.
    """

    baselines: ClassVar[int] = 3

    fault: Literal["traffic.spike"]
    link: LinkRef = Field(description="the clients' link, written clients->target")
    rate: Rate = Field(description="additional requests, 10/s to 200/s; real time")
    clients: Clients = Field(default=Clients.ALL, description="who sends the requests: all clients, or one")
    header: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9-]+$",
        description="with clients: one, the request header that identifies a client to the stack",
    )
    profile: str | None = Field(
        default=None, description="load profile of the stack; default: the only one that uses the link"
    )

    def links(self) -> tuple[str, ...]:
        return (str(self.link),)

    def target(self) -> str:
        return str(self.link)

    def summary(self) -> str:
        return f"{self.fault} {self.link} {self.rate.per_second:g}/s of {self.clients.value}"

    def stack_problems(self, stack: Stack) -> tuple[tuple[str, str], ...]:
        found = []
        if self.link.client != CLIENTS:
            found.append(("link", f"expected a link of clients, got {self.link}"))
        elif self.link in stack.links:
            try:
                spike_profile(stack, self.link, self.profile)
            except ValueError as error:
                found.append(("profile", str(error)))
        if not self.rate.per_second >= LEAST_RATE:
            wrong = f"expected {LEAST_RATE:g}/s or more, got {self.rate.per_second:g}/s: too few to measure"
            found.append(("rate", wrong))
        if (self.clients is Clients.ONE) != (self.header is not None):
            wrong = (
                "expected `header` with `clients: one`, and only there: it identifies the client to the stack"
            )
            found.append(("header", wrong))
        return tuple(found)

    def problems(self, context: ScenarioContext) -> Iterator[Objection]:
        holds = context.real(self.hold)
        if context.pace is not None and holds > MOST_SECONDS:
            yield Objection(
                ("for",),
                f"expected at most {format_duration(MOST_SECONDS)} of real time, "
                f"got {format_duration(holds)}",
                "write a shorter for:, or run at a faster pace",
            )

    def exclusive(self, stack: Stack) -> frozenset[str]:
        return frozenset({self._name()})

    async def inject(self, context: FaultContext) -> None:
        headers = {self.header: ONE_CLIENT} if self.header else {}
        spike = Spike(self.link, self.profile, self.rate.per_second, MOST_SECONDS, headers)
        await context.traffic.begin(self._name(), spike)

    async def revert(self, context: FaultContext) -> None:
        await context.traffic.end(self._name())

    async def reverted(self, context: FaultContext) -> bool:
        return not context.traffic.flowing(self._name())

    def measured_in(self) -> float:
        return WINDOW

    async def measure(self, context: FaultContext) -> Measurement:
        """The bytes that clients send in a second, and the outcomes of the spike's requests so far."""
        context.traffic.flowing(self._name())  # raises if it ended unexpectedly: that is an error of gameday
        began, first = context.clock.mono(), await context.traffic.carried(self.link)
        await context.clock.sleep(WINDOW)
        last, took = await context.traffic.carried(self.link), context.clock.mono() - began
        outcomes = await context.traffic.outcomes(self._name())
        values: dict[str, str | float | bool | None] = {SPEED: round((last - first) / took, 1)}
        values |= {f"requests: {outcome}": float(count) for outcome, count in sorted(outcomes.items())}
        return Measurement(subject=f"link {self.link}", values=values)

    def baseline(self, before: Sequence[Measurement]) -> Measurement:
        """The measurement with the most bytes."""
        return max(before, key=_speed)

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """Clients send more bytes than in any measurement before, by at least half of what the spike adds.

        Half, because a slow machine sends some requests late.
        """
        return _speed(now) - _speed(before) >= self.rate.per_second * LEAST_BYTES / 2

    def _name(self) -> str:
        return f"the spike on {self.link}"


def _speed(seen: Measurement) -> float:
    speed = seen.values[SPEED]
    return speed if isinstance(speed, float) else 0.0
