"""Whatever could talk in the plain project can talk in the spliced one, on as few networks as possible."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chaos.model.links import LinkName, as_link
from chaos.model.networking import NetworkPlan, callbacks, plan_networks
from chaos.model.stack import POOL_NETWORKS, ServiceRole

NAMES = ("a", "b", "c", "d", "e", "f")
ONE = dict.fromkeys(NAMES, ("default",))


def meet(plan: NetworkPlan, attached: dict[str, tuple[str, ...]], one: str, two: str) -> bool:
    """Do two services of the spliced project share a network?"""
    places = {name: {f"direct-{place}" for place in plan.direct_of(name)} for name in (one, two)}
    for name in (one, two):
        if name not in plan.clients:
            places[name] |= set(attached[name])
    return bool(places[one] & places[two])


edges = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=8).map(
    lambda pairs: tuple(dict.fromkeys(LinkName(client=a, target=b) for a, b in pairs if a != b))
)
networks = st.fixed_dictionaries(
    {
        name: st.lists(st.sampled_from(("x", "y", "z")), min_size=1, max_size=2, unique=True).map(tuple)
        for name in NAMES
    }
)


@given(edges, networks)
def test_who_could_talk_directly_still_can_and_no_link_is_passed_by(
    links: tuple[LinkName, ...], attached: dict[str, tuple[str, ...]]
) -> None:
    plan = plan_networks(links, attached)
    linked = {frozenset((link.client, link.target)) for link in links}
    for one in NAMES:
        for two in NAMES:
            if one == two or (one not in plan.clients and two not in plan.clients):
                continue
            shared = bool(set(attached[one]) & set(attached[two]))
            expected = shared and frozenset((one, two)) not in linked
            assert meet(plan, attached, one, two) is expected, (one, two)


@given(edges, networks)
def test_the_proxies_of_others_find_each_client_that_is_dialled(
    links: tuple[LinkName, ...], attached: dict[str, tuple[str, ...]]
) -> None:
    plan = plan_networks(links, attached)
    assert all(plan.direct_of(link.target) for link in links if link.target in plan.clients)


def test_two_clients_without_a_link_share_a_network() -> None:
    plan = plan_networks((as_link("a->c"), as_link("b->c")), dict.fromkeys(("a", "b", "c"), ("default",)))
    assert plan.direct == (("a", "b"),)


def test_sixteen_services_need_no_more_networks_than_the_engine_has() -> None:
    parts = [f"part{number}" for number in range(15)]
    links = [as_link(f"front->{part}") for part in parts] + [as_link(f"{part}->store") for part in parts]
    attached = dict.fromkeys(("front", *parts, "store"), ("default",))
    roles = dict.fromkeys(attached, ServiceRole.HTTP) | {"store": ServiceRole.POSTGRES}
    back = callbacks(links, attached, roles, {"front": [8000]})
    plan = plan_networks((*links, *back), attached)
    assert plan.count == 19
    assert plan.count <= POOL_NETWORKS


def test_only_what_may_call_back_gets_a_way_back() -> None:
    links = [as_link("web->mail"), as_link("web->db"), as_link("clients->web")]
    attached = dict.fromkeys(("web", "mail", "db"), ("default",))
    roles = {"web": ServiceRole.APP, "mail": ServiceRole.HTTP, "db": ServiceRole.POSTGRES}
    assert callbacks(links, attached, roles, {"web": [80]}) == (as_link("mail->web"),)
    assert callbacks(links, attached, roles, {}) == ()
    assert callbacks(links, attached | {"mail": ("other",)}, roles, {"web": [80]}) == ()
