"""UDP reaches a target past the proxies, under the target's own names."""

from __future__ import annotations

from chaos.adapters.overlay.topology import UdpRelay, plan_topology
from chaos.model.stack import as_link
from tests.unit.adapters.overlay.specimens import Body, read, service, shop, spliced, stack


def with_udp(*names: str) -> Body:
    """The shop, in which these services also listen on UDP 8125."""
    project = shop()
    for name in names:
        project["services"][name] = service(expose=["8125/udp"])
    return project


def test_a_udp_port_of_a_target_has_a_relay_where_its_client_finds_the_targets_names() -> None:
    topology = plan_topology(stack(), read(with_udp("db")))
    assert topology.udp == (UdpRelay("udp-web-db-8125", "toxiproxy-web", 8125, "db.real"),)
    assert "udp-web-db-8125" in topology.own_services()
    relay = spliced(with_udp("db"))["services"]["udp-web-db-8125"]
    assert relay["network_mode"] == "service:toxiproxy-web"
    assert relay["command"] == ["UDP4-LISTEN:8125,reuseaddr,fork,max-children=200", "UDP4:db.real:8125"]
    assert relay["labels"] == {"gameday.run": "abc123"}
    assert "networks" not in relay
    assert "ports" not in relay


def test_so_has_a_udp_port_that_the_image_of_a_target_exposes() -> None:
    compose = read().listening(lambda image: ("6379/tcp", "8125/udp"))
    relays = {(one.target, one.port) for one in plan_topology(stack(), compose).udp}
    assert relays == {("db.real", 8125), ("queue.real", 8125)}


def test_the_client_waits_for_it() -> None:
    services = spliced(with_udp("db"))["services"]
    assert services["web"]["depends_on"]["udp-web-db-8125"] == {"condition": "service_started"}
    assert "depends_on" not in services["worker"]


def test_no_relay_without_a_udp_port_or_without_a_link() -> None:
    assert plan_topology(stack(), read()).udp == ()
    assert plan_topology(stack(), read(with_udp("worker"))).udp == ()


def test_clients_outside_the_stack_have_none() -> None:
    assert plan_topology(stack(), read(with_udp("web"))).udp == ()


def test_two_targets_with_one_udp_port_have_two_toxiproxies() -> None:
    topology = plan_topology(stack(), read(with_udp("db", "queue")))
    of_db, of_queue = (topology.container_of(as_link(f"web->{name}")).service for name in ("db", "queue"))
    assert of_db != of_queue
    relays = {(one.beside, one.target) for one in topology.udp}
    assert relays == {(of_db, "db.real"), (of_queue, "queue.real")}


def test_one_port_may_be_tcp_of_one_target_and_udp_of_another() -> None:
    project = with_udp("db")
    project["services"]["queue"] = service(expose=["8125"])
    topology = plan_topology(stack(), read(project))
    assert len([one for one in topology.containers if one.client == "web"]) == 1
