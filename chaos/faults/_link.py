"""The base of link faults: the link, the witness, and toxics in one or both directions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from enum import StrEnum
from statistics import median
from typing import ClassVar

from pydantic import Field

from chaos.kinds import BrokenLink, Fault
from chaos.model.stack import LinkName, LinkRef, ServiceRole, Stack
from chaos.ports import DialOutcome, FaultContext, Stream, Toxic
from chaos.timeline.events import Measurement

OUTCOME = "outcome"
ROUND_TRIP = "round_trip_s"
DIALS = 20
DIALLED = "dialled"
STRUCK = "affected"
USUALLY_STRUCK = "usual_affected"  # the second largest number before the fault, of several measurements
UNANSWERED = "unanswered"
USUAL_MOST = "usual_most_s"  # the second largest time before the fault, in real seconds
FEWEST = 3  # measurements from which one stall of the machine can be told apart
HUNG_UP = (DialOutcome.CLOSED, DialOutcome.RESET)  # no answer, and no connection either
ANSWERING = (DialOutcome.ANSWERED, DialOutcome.CONNECTED)


class Direction(StrEnum):
    """Seen from the client: upstream is what it sends, downstream what it receives."""

    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"
    BOTH = "both"

    def streams(self) -> tuple[Stream, ...]:
        return (Stream.UPSTREAM, Stream.DOWNSTREAM) if self is Direction.BOTH else (Stream(self.value),)


class UnusedLink(StrEnum):
    """What a scenario expects of a broken link that the application does not use."""

    EXPECTED = "expected"


UNUSED = (
    "expected: the run counts even if the application does not use the broken link; without this, such a run "
    "is INCONCLUSIVE"
)


class LinkFault(Fault):
    """A fault of one link. Its witness is a round trip over that link, through the proxy."""

    closes: ClassVar[bool] = False  # True: nothing listens while the fault holds

    fault: str
    link: LinkRef = Field(description="the link, written client->target")
    unused: UnusedLink | None = Field(default=None, description=UNUSED)

    def links(self) -> tuple[str, ...]:
        return (str(self.link),)

    def attached_problem(self) -> str:
        return f"it needs a proxy for {self.link}, and only a stack that gameday started has proxies"

    def target(self) -> str:
        return str(self.link)

    def broken_links(self, stack: Stack) -> tuple[BrokenLink, ...]:
        return () if self.unused is UnusedLink.EXPECTED else (BrokenLink(self.link, self.closes),)

    async def measure(self, context: FaultContext) -> Measurement:
        trip = await context.links.round_trip(self.link)
        return Measurement(
            subject=f"link {self.link}", values={OUTCOME: trip.outcome.value, ROUND_TRIP: trip.seconds}
        )

    def unfit_baseline(self, before: Measurement) -> str:
        """If the link does not answer without the fault, its silence does not prove the fault."""
        outcome = before.values.get(OUTCOME)
        if outcome is None or outcome in ANSWERING:
            return ""
        return f"{before.subject} did not answer ({outcome})"

    def sees(self, before: Measurement, now: Measurement, outcomes: tuple[DialOutcome, ...]) -> bool:
        """A client was served before and gets one of ``outcomes`` now."""
        return before.values[OUTCOME] in ANSWERING and now.values[OUTCOME] in outcomes


class ToxicFault(LinkFault):
    """A link fault that consists of one toxic in each affected direction."""

    timed: ClassVar[str] = ""  # the value of ``look``, in real seconds, that a busy machine changes

    direction: Direction = Field(
        default=Direction.DOWNSTREAM, description="the affected direction of the traffic"
    )
    toxicity: float = Field(default=1.0, ge=0.2, le=1, description="share of new connections to affect")

    def kind(self) -> str:
        """Toxiproxy's name for the type of the toxic."""
        raise NotImplementedError

    def attributes(self) -> dict[str, int]:
        """Toxiproxy's parameters, in its units."""
        raise NotImplementedError

    async def struck(self, context: FaultContext) -> bool | None:
        """Does one new connection show the effect? None if it shows neither the effect nor an answer."""
        raise NotImplementedError

    async def look(self, context: FaultContext) -> Measurement:
        """Measure the effect once, if the fault affects every connection."""
        return await super().measure(context)

    def shows(self, before: Measurement, now: Measurement) -> bool:
        """Do two measurements of ``look`` prove the effect?"""
        raise NotImplementedError

    async def measure(self, context: FaultContext) -> Measurement:
        """As ``look``; with a toxicity below 1, how many of ``DIALS`` new connections show the effect."""
        if self.toxicity == 1:
            return await self.look(context)
        struck = await asyncio.gather(*(self.struck(context) for _ in range(DIALS)))
        values: dict[str, str | float | bool | None] = {
            DIALLED: float(DIALS),
            STRUCK: float(struck.count(True)),
        }
        if silent := struck.count(None):
            values[UNANSWERED] = float(silent)
        return Measurement(subject=f"link {self.link}", values=values)

    def baseline(self, before: Sequence[Measurement]) -> Measurement:
        """The median of the measurements that were answered, and the second largest of them, so that one
        stall of the machine does not count. What is taken is the time or, with a toxicity below 1, the number
        of affected connections. If no more than half of them were answered, the last one that was not.
        """
        silent = [one for one in before if self._silence(one)]
        if 2 * len(silent) >= len(before):
            return silent[-1]
        last = next(one for one in reversed(before) if one not in silent)
        name, most = (self.timed, USUAL_MOST) if self.toxicity == 1 else (STRUCK, USUALLY_STRUCK)
        served = (one.values.get(name) for one in before if one not in silent)
        found = sorted(value for value in served if isinstance(value, float))
        if len(found) < FEWEST:  # a recording of an older version, or too few answers
            return last
        usual = {name: median(found), most: found[-2]}
        return last.model_copy(update={"values": {**last.values, **usual}})

    def unfit_baseline(self, before: Measurement) -> str:
        """As for every link; with a toxicity below 1, connections without an answer or with the effect."""
        if struck := before.values.get(STRUCK):
            return f"{before.subject}: {struck:g} of {DIALS} connections were affected"
        return self._silence(before)

    def unmeasured(self, before: Measurement, now: Measurement) -> str:
        """As for every kind, but a few affected connections do not hide that the effect is gone."""
        if self.toxicity == 1:
            return super().unmeasured(before, now)
        return "" if self.unfit_baseline(before) else self._unanswered(now)

    def _silence(self, seen: Measurement) -> str:
        """What was not answered, for people; "" if nothing."""
        return self._unanswered(seen) or super().unfit_baseline(seen)

    def _unanswered(self, seen: Measurement) -> str:
        silent = seen.values.get(UNANSWERED)
        return f"{seen.subject}: {silent:g} of {DIALS} connections were not answered" if silent else ""

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """As ``shows``; with a toxicity below 1: no new connection was affected before, and now at least half
        of the share is, and more than in the second worst measurement before, if there were several.

        Half, because 20 dials are few: with a share of one half, fewer than 5 of them are affected once in
        170 times.
        """
        if self.toxicity == 1:
            return self.shows(before, now)
        struck, most = now.values[STRUCK], before.values.get(USUALLY_STRUCK)
        return (
            before.values[STRUCK] == 0
            and not before.values.get(UNANSWERED)
            and isinstance(struck, float)
            and struck >= max(1.0, DIALS * self.toxicity / 2)
            and not (isinstance(most, float) and struck <= most)
        )

    def made_of(self) -> tuple[Toxic, ...]:
        """The toxics of the fault. The instant in their names distinguishes two faults of one kind on a
        link.
        """
        return tuple(
            Toxic(
                f"{self.kind()}-{stream.value}-at-{self.at:g}",
                self.kind(),
                stream,
                self.attributes(),
                self.toxicity,
            )
            for stream in self.direction.streams()
        )

    def stack_problems(self, stack: Stack) -> tuple[tuple[str, str], ...]:
        """A toxic affects data. If gameday has no request for the target, it cannot prove the effect."""
        service = stack.services.get(self.link.target)
        if service is None or service.role is not ServiceRole.OTHER:
            return ()
        roles = ", ".join(role.value for role in ServiceRole if role is not ServiceRole.OTHER)
        other = ServiceRole.OTHER.value
        wrong = (
            f"{self.link.target} has the role {other}: gameday has no request for it and cannot "
            f"prove that {self.fault} takes effect; expected a target with one of the roles {roles}"
        )
        return (("link", wrong),)

    def exclusive(self, stack: Stack) -> frozenset[str]:
        return frozenset(f"toxic {toxic.name} of {self.link}" for toxic in self.made_of())

    async def inject(self, context: FaultContext) -> None:
        for toxic in self.made_of():
            await context.links.add_toxic(self.link, toxic)

    async def revert(self, context: FaultContext) -> None:
        for toxic in self.made_of():
            await context.links.remove_toxic(self.link, toxic.name)

    async def reverted(self, context: FaultContext) -> bool:
        names = {toxic.name for toxic in self.made_of()}
        return names.isdisjoint(toxic.name for toxic in await context.links.toxics(self.link))


def shown(outcome: DialOutcome, effect: tuple[DialOutcome, ...]) -> bool | None:
    """Whether one connection shows the effect; None if it shows neither the effect nor an answer."""
    return True if outcome in effect else False if outcome in ANSWERING else None


def listener(link: LinkName) -> str:
    """The claim of a fault that closes a link."""
    return f"the listener of {link}"


def milliseconds(seconds: float) -> int:
    """Seconds in Toxiproxy's unit, whole milliseconds."""
    return round(seconds * 1000)
