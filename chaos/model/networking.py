"""Plans the networks of a project with proxies, so that services reach each other as before. Pure.

A client of a link leaves the networks of its project. On its network ``link-CLIENT`` there is only its
Toxiproxy, which has the names of its targets. It reaches every other service with which it shared a network
over a direct network. No two services on a direct network are the ends of a link. A direct network connects
as many services as possible.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chaos.model.links import CLIENTS, LinkName
from chaos.model.stack import ServiceRole

_CALLERS = frozenset((ServiceRole.APP, ServiceRole.HTTP))  # stores and queues do not dial their clients


@dataclass(frozen=True)
class NetworkPlan:
    """``clients``: services that leave the project's networks; each gets a separate network. ``direct``: the
    members of each direct network. ``stayed``: networks of the project on which a service remains.
    """

    clients: tuple[str, ...]
    direct: tuple[tuple[str, ...], ...]
    stayed: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many networks a run creates."""
        return len(self.clients) + len(self.direct) + len(self.stayed)

    def direct_of(self, service: str) -> tuple[int, ...]:
        """The indices in ``direct`` of the networks of a service, in order."""
        return tuple(place for place, members in enumerate(self.direct) if service in members)


def callbacks(
    links: Sequence[LinkName],
    attached: Mapping[str, Collection[str]],
    roles: Mapping[str, ServiceRole],
    ports: Mapping[str, Collection[int]],
) -> tuple[LinkName, ...]:
    """Links that stack.yaml does not name but that need a proxy: a target may call its client back.

    ``attached``: service -> its networks. ``ports``: service -> TCP ports on which it listens, if known.
    """
    known = set(links)
    back = (LinkName(client=link.target, target=link.client) for link in links if link.client != CLIENTS)
    return tuple(
        link
        for link in dict.fromkeys(back)
        if link not in known
        and roles.get(link.client) in _CALLERS
        and ports.get(link.target)
        and _meet(link.client, link.target, attached)
    )


def plan_networks(links: Sequence[LinkName], attached: Mapping[str, Collection[str]]) -> NetworkPlan:
    """The networks of a run. ``links``: with the callbacks. ``attached``: service -> its networks; services
    without a network are left out.
    """
    clients = tuple(dict.fromkeys(link.client for link in links if link.client in attached))
    linked = {frozenset((link.client, link.target)) for link in links}
    pairs = [
        frozenset((one, two))
        for one in clients
        for two in attached
        if one != two and frozenset((one, two)) not in linked and _meet(one, two, attached)
    ]
    direct = list(_covering(dict.fromkeys(pairs), list(attached), linked, attached))
    placed = {name for members in direct for name in members}
    dialled = dict.fromkeys(link.target for link in links if link.target in clients)
    direct += [(name,) for name in dialled if name not in placed]  # for the Toxiproxies that dial it
    stayed = {name: None for service in attached if service not in clients for name in attached[service]}
    return NetworkPlan(clients, tuple(direct), tuple(stayed))


def _covering(
    pairs: Iterable[frozenset[str]],
    services: Sequence[str],
    linked: Collection[frozenset[str]],
    attached: Mapping[str, Collection[str]],
) -> Iterator[tuple[str, ...]]:
    """Groups of services that may share a network, so that every pair is in at least one group."""
    left = dict.fromkeys(pairs)
    while left:
        first = next(iter(left))
        members = [name for name in services if name in first]
        for name in services:
            fits = all(frozenset((name, m)) not in linked and _meet(name, m, attached) for m in members)
            if name not in members and fits and any(frozenset((name, m)) in left for m in members):
                members.append(name)
        for pair in [pair for pair in left if pair <= set(members)]:
            del left[pair]
        yield tuple(members)


def _meet(one: str, two: str, attached: Mapping[str, Collection[str]]) -> bool:
    return bool(set(attached.get(one, ())) & set(attached.get(two, ())))
