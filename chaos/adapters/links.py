"""The ``Links`` port over Toxiproxy: one server for each client service, one proxy for each link.

This module remembers which faults should be in place, so that it can restore them after it had to reset or
restart a server to remove a toxic (Toxiproxy issue 558: the removal can hang for 25 s while a connection
holds unflushed data).
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from chaos.adapters.exchanges import ending, exchange, lasts
from chaos.adapters.http_proxies import ProxyEndpoint
from chaos.adapters.link_use import OwnUse
from chaos.adapters.pings import PINGS, round_trip
from chaos.adapters.toxiproxy_client import ToxiproxyServer, ToxiproxyTimeout
from chaos.errors import GamedayError, ToolProblem
from chaos.model.rhythm import ROUND_TRIP_TIMEOUT
from chaos.model.stack import LinkName, ServiceRole
from chaos.ports import Exchange, RoundTrip, Toxic

CALL_DEADLINE = 10.0
"""Real seconds for one call to Toxiproxy. It takes 3 ms; on a saturated machine more than 2 s were seen. Half
of the time for an undo (``chaos.runner.undo``): if one call of it gets no answer, a second attempt has the
other half. Enabling a proxy is such a call, because it undoes the disabling."""
REMOVAL_DEADLINE = 2.0
"""Real seconds for the removal of a toxic, and for each call with which gameday insists on it. A removal may
really hang, and what ends it must fit into the time for an undo, too."""
DISABLE_DEADLINE = 15.0
"""Real seconds for disabling a proxy: while Toxiproxy dials a target that has just died it waits for that
dial to fail (seen: 1 s for the name, 3 s for the connection, when both are bounded), and the machine may be
slow. Only injections disable a proxy, apart from the removal of a toxic. An injection that gets no answer is
an error of the run."""
BACK_DEADLINE = 5.0  # real seconds for a restarted Toxiproxy to answer; its container starts in 0.3 s
BACK_EVERY = 0.1

T = TypeVar("T")
Restart = Callable[[LinkName], Awaitable[None]]


@dataclass(frozen=True)
class LinkEndpoint:
    """Where a link can be reached from the harness. ``role`` is that of the target: it decides how the link
    is pinged. A fault of the link hits ``further`` proxies too: those of the target's other ports.
    """

    api_base: str  # of the Toxiproxy that carries it: http://127.0.0.1:32768
    dial_host: str  # published address of the proxy's listener
    dial_port: int
    role: ServiceRole
    proxy: str = ""  # its name within that Toxiproxy; default: the name of the link
    further: tuple[str, ...] = ()  # names within the same Toxiproxy

    @property
    def proxies(self) -> tuple[str, ...]:
        return (self.proxy, *self.further)


@dataclass
class _Wanted:
    enabled: bool = True
    toxics: dict[str, Toxic] = field(default_factory=dict)


class ToxiproxyLinks:
    """The links of one run. ``restart`` restarts the Toxiproxy of a link, as the last resort of an undo."""

    def __init__(
        self,
        endpoints: Mapping[LinkName, LinkEndpoint],
        restart: Restart | None = None,
        deadline: float = CALL_DEADLINE,
        removal_deadline: float = REMOVAL_DEADLINE,
        disable_deadline: float = DISABLE_DEADLINE,
    ) -> None:
        """The deadlines are real seconds for one call each."""
        self._endpoints = {
            link: replace(endpoint, proxy=endpoint.proxy or str(link)) for link, endpoint in endpoints.items()
        }
        bases = sorted({endpoint.api_base for endpoint in endpoints.values()})
        self._servers = {base: ToxiproxyServer(base, deadline) for base in bases}
        self._hurried = {base: ToxiproxyServer(base, removal_deadline) for base in bases}
        self._patient = {base: ToxiproxyServer(base, disable_deadline) for base in bases}
        self._restart = restart
        self._own: defaultdict[LinkName, OwnUse] = defaultdict(OwnUse)
        self._wanted: defaultdict[LinkName, _Wanted] = defaultdict(_Wanted)
        # One change at a time on a server: a reset removes what another change has just added.
        self._turns = {base: asyncio.Lock() for base in self._servers}

    async def enable(self, link: LinkName) -> None:
        await self._set_enabled(link, True)

    async def disable(self, link: LinkName) -> None:
        await self._set_enabled(link, False)

    async def enabled(self, link: LinkName) -> bool:
        endpoint, server = self._at(link)
        return all([await self._call(server.enabled, proxy) for proxy in endpoint.proxies])

    async def add_toxic(self, link: LinkName, toxic: Toxic) -> None:
        endpoint, server = self._at(link)
        async with self._turns[endpoint.api_base]:
            self._wanted[link].toxics[toxic.name] = toxic
            for proxy in endpoint.proxies:
                await self._call(server.add_toxic, proxy, toxic)

    async def remove_toxic(self, link: LinkName, name: str) -> None:
        endpoint, server = self._at_once(link)
        async with self._turns[endpoint.api_base]:
            self._wanted[link].toxics.pop(name, None)
            try:
                for proxy in endpoint.proxies:
                    await self._call(server.remove_toxic, proxy, name)
            except ToxiproxyTimeout as hung:
                await self._insist(link, name, hung)

    async def toxics(self, link: LinkName) -> tuple[Toxic, ...]:
        return await self._toxics(*self._at(link))

    async def _toxics(self, endpoint: LinkEndpoint, server: ToxiproxyServer) -> tuple[Toxic, ...]:
        found = [toxic for proxy in endpoint.proxies for toxic in await self._call(server.toxics, proxy)]
        return tuple({toxic.name: toxic for toxic in reversed(found)}.values())[::-1]

    def own_use(self, link: LinkName) -> OwnUse:
        """The traffic of ``round_trip`` on the link so far; never less than its proxy saw."""
        return self._own[link]

    def dialled(self, link: LinkName) -> ProxyEndpoint:
        """Where a client dials the link, and the counter for gameday's own use of it."""
        endpoint, _ = self._at(link)
        return ProxyEndpoint(endpoint.dial_host, endpoint.dial_port, partial(self._count, link))

    async def round_trip(self, link: LinkName, timeout: float = ROUND_TRIP_TIMEOUT) -> RoundTrip:
        endpoint, _ = self._at(link)
        # Counted before the dial, so that the proxy never sees more than was counted.
        self._count(link, len(PINGS.get(endpoint.role, b"")), dials=1)
        host, port, role = endpoint.dial_host, endpoint.dial_port, endpoint.role
        return await round_trip(host, port, role, timeout, time.perf_counter)

    async def exchange(self, link: LinkName, size: int, timeout: float) -> Exchange:
        endpoint, _ = self._at(link)
        self._count(link, dials=1)
        host, port, role = endpoint.dial_host, endpoint.dial_port, endpoint.role
        return await exchange(host, port, role, size, timeout, time.perf_counter, partial(self._count, link))

    async def ending(self, link: LinkName, timeout: float) -> Exchange:
        endpoint, _ = self._at(link)
        self._count(link, dials=1)
        host, port, role = endpoint.dial_host, endpoint.dial_port, endpoint.role
        return await ending(host, port, role, timeout, time.perf_counter, partial(self._count, link))

    async def lasts(self, link: LinkName, seconds: float) -> bool:
        endpoint, _ = self._at(link)
        self._count(link, dials=1)
        host, port, role = endpoint.dial_host, endpoint.dial_port, endpoint.role
        return await lasts(host, port, role, seconds, partial(self._count, link))

    def _count(self, link: LinkName, sent: int = 0, dials: int = 0) -> None:
        own = self._own[link]
        self._own[link] = OwnUse(own.dials + dials, own.sent + sent)

    def leading_to(self, service: str) -> tuple[LinkName, ...]:
        return tuple(link for link in self._endpoints if link.target == service)

    async def _set_enabled(self, link: LinkName, enabled: bool) -> None:
        endpoint, usual = self._at(link)
        server = usual if enabled else self._patient[endpoint.api_base]
        async with self._turns[endpoint.api_base]:
            self._wanted[link].enabled = enabled
            for proxy in endpoint.proxies:
                await self._call(server.set_enabled, proxy, enabled)

    async def _insist(self, link: LinkName, name: str, hung: ToxiproxyTimeout) -> None:
        """Removes a toxic that Toxiproxy failed to remove. It tries three ways, each more disruptive for the
        link than the one before, and stops at the first that works.
        """
        seen = [str(hung)]
        for way in (self._by_disabling, self._by_reset, self._by_restart):
            try:
                await way(link, name)
                if name not in {toxic.name for toxic in await self._toxics(*self._at_once(link))}:
                    return
                seen.append(f"{way.__name__.strip('_').replace('_', ' ')}: it is still listed")
            except GamedayError as error:  # another task is restarting it
                seen.append(f"{way.__name__.strip('_').replace('_', ' ')}: {error}")
        raise ToolProblem(f"toxic {name} cannot be removed from {link}: " + "; ".join(seen))

    async def _by_disabling(self, link: LinkName, name: str) -> None:
        """Drops the connections, and with them the unflushed data that the removal waits for."""
        endpoint, server = self._at_once(link)
        for proxy in endpoint.proxies:
            await self._call(server.set_enabled, proxy, False)
            await self._call(server.remove_toxic, proxy, name)
            await self._call(server.set_enabled, proxy, self._wanted[link].enabled)

    async def _by_reset(self, link: LinkName, name: str) -> None:
        endpoint, server = self._at_once(link)
        await self._call(server.reset)
        await self._put_back(endpoint.api_base)

    async def _by_restart(self, link: LinkName, name: str) -> None:
        endpoint, server = self._at_once(link)
        if self._restart is None:
            raise ToolProblem("gameday cannot restart Toxiproxy here")
        await self._restart(link)
        deadline = time.perf_counter() + BACK_DEADLINE
        while True:
            try:
                await self._call(server.enabled, endpoint.proxy)
                break
            except ToolProblem as error:
                if time.perf_counter() >= deadline:
                    message = f"Toxiproxy does not answer {BACK_DEADLINE:g} s after its restart: {error}"
                    raise ToolProblem(message) from error
            await asyncio.sleep(BACK_EVERY)
        await self._put_back(endpoint.api_base)

    async def _put_back(self, api_base: str) -> None:
        """Restores other faults: after a reset or restart every proxy is enabled and has no toxics."""
        for link, wanted in self._wanted.items():
            endpoint, server = self._at(link)
            if endpoint.api_base == api_base:
                for proxy in endpoint.proxies:
                    for toxic in wanted.toxics.values():
                        await self._call(server.add_toxic, proxy, toxic)
                    await self._call(server.set_enabled, proxy, wanted.enabled)

    def _at(self, link: LinkName) -> tuple[LinkEndpoint, ToxiproxyServer]:
        endpoint = self._endpoints.get(link)
        if endpoint is None:
            known = ", ".join(str(name) for name in self._endpoints)
            raise ToolProblem(f"no proxy carries the link {link}; known: {known}")
        return endpoint, self._servers[endpoint.api_base]

    def _at_once(self, link: LinkName) -> tuple[LinkEndpoint, ToxiproxyServer]:
        """As ``_at``, with the short deadline of what removes a toxic."""
        endpoint, _ = self._at(link)
        return endpoint, self._hurried[endpoint.api_base]

    async def _call(self, work: Callable[..., T], *arguments: object) -> T:
        """In a thread. Every call of the client is bounded; several may follow each other (replacing a
        toxic is four).
        """
        return await asyncio.to_thread(work, *arguments)
