"""A stack.yaml that does not fit its compose file is refused with everything that is wrong."""

from __future__ import annotations

import pytest

from chaos.adapters.overlay.topology import plan_topology
from chaos.errors import BadInput
from chaos.model.stack import as_link
from tests.unit.adapters.overlay.specimens import read, shop, stack


def test_every_unknown_service_is_named_at_once() -> None:
    wrong = stack({"web->dbb": 1, "wep->db": 2}, prometheus={"service": "prom", "config": "p.yml"})
    with pytest.raises(BadInput) as caught:
        plan_topology(wrong, read())
    said = str(caught.value)
    assert len(caught.value.problems) == 3
    assert all(name in said for name in ("dbb", "wep", "prom", "known: db, queue, watcher, web, worker"))


def test_a_link_to_a_service_without_a_network_is_refused() -> None:
    project = shop()
    project["services"]["db"] = {"image": "redis:8", "network_mode": "host"}
    with pytest.raises(BadInput, match="network_mode host"):
        plan_topology(stack(), read(project))


def test_a_stack_without_links_has_no_proxy() -> None:
    assert plan_topology(stack({}), read()).containers == ()


def test_the_container_of_an_unknown_link() -> None:
    with pytest.raises(KeyError):
        plan_topology(stack(), read()).container_of(as_link("db->web"))


def test_a_proxys_name_never_hides_a_service() -> None:
    project = shop()
    project["services"]["toxiproxy-web"] = project["services"]["worker"]
    assert "toxiproxy-web" not in {c.service for c in plan_topology(stack(), read(project)).containers}
