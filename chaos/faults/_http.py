"""The base of HTTP faults: the link, the requests that the fault hits, and the witness."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from chaos.faults._link import LinkFault
from chaos.model.stack import LinkName, ServiceRole, Stack
from chaos.ports import DialOutcome, FaultContext, HttpEffect, HttpReply, HttpRule
from chaos.timeline.events import Measurement

ASKED = "asked"
STRUCK = "affected"
STATUS = "status"
ALL, SOME = 3, 20  # requests of the witness: if the fault hits all requests, or a share of them
PATIENCE = 3.0  # real seconds for one answer
SPEAKING_HTTP = (ServiceRole.APP, ServiceRole.HTTP, ServiceRole.PROMETHEUS)


class HttpFault(LinkFault):
    """A fault of the HTTP requests of one link.

    HAProxy runs between the link's Toxiproxy and the target, only in runs whose scenario has such a fault.
    gameday controls it through its runtime interface.
    """

    effect: ClassVar[HttpEffect]
    fault: str
    path: str = Field(
        default="/",
        pattern=r"^/[A-Za-z0-9._~%/-]*$",
        description="beginning of the path of the requests to hit; if several match, the longest one counts",
    )
    share: float = Field(default=1.0, ge=0.1, le=1, description="share of these requests to hit")
    ask: str | None = Field(
        default=None,
        pattern=r"^/[!-~]*$",
        description="path that the witness requests with GET and the fault hits; default: the path itself",
    )

    def argument(self) -> str:
        """The argument of the HAProxy rule, in addition to path and share."""
        raise NotImplementedError

    def struck(self, reply: HttpReply) -> bool:
        """Does a reply show the effect?"""
        raise NotImplementedError

    def http_links(self) -> tuple[LinkName, ...]:
        return (self.link,)

    def stack_problems(self, stack: Stack) -> tuple[tuple[str, str], ...]:
        found = []
        service = stack.services.get(self.link.target)
        if service is not None and service.role not in SPEAKING_HTTP:
            roles = ", ".join(role.value for role in SPEAKING_HTTP)
            wrong = f"{self.link.target} has the role {service.role.value}; expected one of the roles {roles}"
            found.append(("link", wrong))
        if self.ask is not None and not self.ask.startswith(self.path):
            found.append(("ask", f"expected a path that begins with {self.path}, got {self.ask}"))
        return tuple(found)

    def exclusive(self, stack: Stack) -> frozenset[str]:
        return frozenset({f"the HTTP {self.effect.value} of {self.path} on {self.link}"})

    async def inject(self, context: FaultContext) -> None:
        rule = HttpRule(self.effect, self.path, round(self.share * 100), self.argument())
        await context.http.put(self.link, rule)

    async def revert(self, context: FaultContext) -> None:
        await context.http.remove(self.link, self.effect, self.path)

    async def reverted(self, context: FaultContext) -> bool:
        return not await context.http.holds(self.link, self.effect, self.path)

    async def measure(self, context: FaultContext) -> Measurement:
        """Send the requests at the same time, each over its own connection."""
        path, count = self.ask or self.path, ALL if self.share == 1 else SOME
        asking = (context.http.ask(self.link, path, PATIENCE) for _ in range(count))
        replies = await asyncio.gather(*asking)
        return Measurement(
            subject=f"GET {path} over {self.link}",
            values={
                ASKED: float(count),
                STRUCK: self._count(replies),
                STATUS: _statuses(replies),
            },
        )

    def _count(self, replies: Sequence[HttpReply]) -> float | None:
        """How many replies show the effect; None if none does and one is missing: it might have shown it."""
        struck = sum(self.struck(reply) for reply in replies)
        complete = all(reply.outcome is DialOutcome.ANSWERED for reply in replies)
        return float(struck) if struck or complete else None

    def unfit_baseline(self, before: Measurement) -> str:
        """A request without a complete answer and without the effect shows nothing. One that counts as hit
        without the fault hides it: a busy machine makes an answer as slow as ``http.slow_body`` does.
        """
        if struck := before.values[STRUCK]:
            return f"{before.subject}: {struck:g} of {before.values[ASKED]:g} requests were affected"
        return self._silence(before)

    def unmeasured(self, before: Measurement, now: Measurement) -> str:
        """As for every kind, but a few affected requests do not hide that the effect is gone."""
        return "" if self.unfit_baseline(before) else self._silence(now)

    def _silence(self, seen: Measurement) -> str:
        return f"{seen.subject}: {seen.values[STATUS]}" if seen.values[STRUCK] is None else ""

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """Before, each request was answered and none was hit. Now at least half of the share is hit.

        Half, because the share is exact over any ten requests of all clients together: the application may
        get some of the hits.
        """
        struck = now.values[STRUCK]
        served = before.values[STRUCK] == 0 and NOT_ANSWERED not in str(before.values[STATUS])
        least = max(1.0, float(ALL if self.share == 1 else SOME) * self.share / 2)
        return served and isinstance(struck, float) and struck >= least


NOT_ANSWERED = "no answer"


def _statuses(replies: Sequence[HttpReply]) -> str:
    """Every status or, without a complete answer, the reason; each once, sorted."""
    seen = {
        str(one.status) if one.outcome is DialOutcome.ANSWERED else f"{NOT_ANSWERED} ({one.outcome})"
        for one in replies
    }
    return ", ".join(sorted(seen))
