"""Which networks a spliced project gets, so that whatever could talk before can talk afterwards. Pure.

A client of a link leaves the networks of its project: on ``link-CLIENT`` it meets only its Toxiproxy, which
carries the names of its targets. Whomever else it shared a network with, it meets on a direct network, on
which no two services are the ends of a link. One direct network serves as many services as possible.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chaos.model.links import CLIENTS, LinkName
from chaos.model.stack import Role

_CALLERS = frozenset((Role.APP, Role.HTTP))  # stores and queues never dial whoever dials them


@dataclass(frozen=True)
class NetworkPlan:
    """``clients``: services that leave the project's networks. ``direct``: members of each direct network.

    ``stayed``: networks of the project on which a service remains. Each client has a network of its own more.
    """

    clients: tuple[str, ...]
    direct: tuple[tuple[str, ...], ...]
    stayed: tuple[str, ...]

    @property
    def count(self) -> int:
        """All networks that a run creates."""
        return len(self.clients) + len(self.direct) + len(self.stayed)

    def direct_of(self, service: str) -> tuple[int, ...]:
        """The places in ``direct`` of the networks on which a service is, in order."""
        return tuple(place for place, members in enumerate(self.direct) if service in members)


def callbacks(
    links: Sequence[LinkName],
    attached: Mapping[str, Collection[str]],
    roles: Mapping[str, Role],
    ports: Mapping[str, Collection[int]],
) -> tuple[LinkName, ...]:
    """Edges that no link names and that need a proxy: a target that may call its client back.

    ``attached``: service -> its networks. ``ports``: service -> TCP ports that it is known to listen on.
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
    """``links``: with the callbacks. ``attached``: service -> its networks, for those that have any."""
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
    direct += [(name,) for name in dialled if name not in placed]  # where the Toxiproxies of others find it
    stayed = {name: None for service in attached if service not in clients for name in attached[service]}
    return NetworkPlan(clients, tuple(direct), tuple(stayed))


def _covering(
    pairs: Iterable[frozenset[str]],
    services: Sequence[str],
    linked: Collection[frozenset[str]],
    attached: Mapping[str, Collection[str]],
) -> Iterator[tuple[str, ...]]:
    """Groups in which all may meet all, until each pair is in one of them."""
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
