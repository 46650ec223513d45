"""An HTTP proxy stands in a link only where a fault asks for it, and a container of its own only likewise."""

from __future__ import annotations

import json

from chaos.adapters.haproxy import proxy_files
from chaos.adapters.overlay.http_proxy import HTTP_FOLDER
from chaos.adapters.overlay.splice import proxy_config, splice, wanted_ports
from chaos.adapters.overlay.topology import Requested, plan_topology
from chaos.model.stack import as_link
from chaos.ports import HttpEffect
from tests.unit.adapters.overlay.specimens import Body, read, shop, stack, wiring

DB = as_link("web->db")
HTTP = Requested(http=frozenset({DB}))


def test_without_a_request_nothing_is_added() -> None:
    topology = plan_topology(stack(), read())
    assert topology.http == ()
    assert topology.own_services() == ("toxiproxy-clients", "toxiproxy-web")


def test_the_links_toxiproxy_leads_to_the_http_proxy_and_that_to_the_target() -> None:
    topology = plan_topology(stack(), read(), HTTP)
    (proxy,) = topology.http
    upstreams = {one["name"]: one["upstream"] for one in json.loads(proxy_config(topology.container_of(DB)))}
    assert upstreams == {"web->db": f"{proxy.service}:6379", "web->queue": "queue.real:6380"}
    assert (proxy.service, proxy.port, proxy.target) == ("haproxy-web-db", 6379, "db.real")
    assert "server real db.real:6379 " in proxy_files(proxy)["haproxy.cfg"]
    assert "bind :6379\n" in proxy_files(proxy)["haproxy.cfg"]
    assert proxy.service in topology.own_services()


def test_no_rule_is_in_place_at_the_start() -> None:
    (proxy,) = plan_topology(stack(), read(), HTTP).http
    maps = {name: text for name, text in proxy_files(proxy).items() if name.endswith(".map")}
    assert maps == {f"{effect.value}.map": "" for effect in HttpEffect}
    script = proxy_files(proxy)["faults.lua"]
    assert all(f'effect("{effect.value}")' in script for effect in HttpEffect)


def test_its_service_reads_these_files_and_meets_toxiproxy_and_target() -> None:
    body = with_http()["services"]["haproxy-web-db"]
    assert body["image"] == "haproxy:3.0"
    assert body["networks"] == {"default": None}
    assert [one["target"] for one in body["volumes"]] == [f"{HTTP_FOLDER}/haproxy.cfg"]
    assert body["labels"] == {"gameday.run": "abc123"}
    assert body["ports"] == ["127.0.0.1:30001:8474"]


def test_its_runtime_interface_is_published_and_never_at_the_port_of_the_target() -> None:
    topology = plan_topology(stack(), read(), HTTP)
    assert ("haproxy-web-db", 8474) in wanted_ports(stack(), topology)
    elsewhere = stack({"web->db": 8474})
    (proxy,) = plan_topology(elsewhere, read(), HTTP).http
    assert proxy.api_port == 8475


def test_where_nothing_is_published_from_the_targets_network_it_joins_that_of_the_client() -> None:
    project = shop()
    project["networks"]["default"]["internal"] = True
    (proxy,) = plan_topology(stack(), read(project), HTTP).http
    assert proxy.networks == ("default", "link-web")


def test_a_link_apart_has_a_toxiproxy_of_its_own() -> None:
    topology = plan_topology(stack(), read(), Requested(apart=frozenset({DB})))
    of_db, of_queue = topology.container_of(DB), topology.container_of(as_link("web->queue"))
    assert of_db is not of_queue
    assert {proxy.link for proxy in of_db.proxies} == {DB}
    assert of_db.own_network == of_queue.own_network == "link-web"


def with_http() -> Body:
    topology = plan_topology(stack(), read(), HTTP)
    files = {"haproxy-web-db": {f"{HTTP_FOLDER}/haproxy.cfg": "/run/haproxy.cfg"}}
    more = wiring(topology, http_files=files)
    ports = {**more.ports, ("haproxy-web-db", 8474): 30001}
    return dict(splice(read(), topology, wiring(topology, http_files=files, ports=ports)))
