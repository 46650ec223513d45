"""The override: who is on which network under which names, what is published, what a run may not inherit."""

from __future__ import annotations

import json
from typing import Any, cast

from chaos.adapters.overlay.override import OverrideTag, ResetTag
from chaos.adapters.overlay.splice import fixed_ports, proxy_config, wanted_ports
from chaos.adapters.overlay.topology import plan_topology
from chaos.model.stack import as_link
from tests.unit.adapters.overlay.specimens import Body, read, service, shop, spliced, stack


def networks_of(document: Body, name: str) -> Body:
    networks = document["services"][name]["networks"]
    plain = cast(Body, networks.value if isinstance(networks, OverrideTag) else networks)
    return {key: set((body or {}).get("aliases", [])) for key, body in plain.items()}


def who_answers(document: Body, asker: str, name: str) -> set[str]:
    """Services that ``asker`` may reach under ``name``: all that carry it on any network of its own."""
    mine = set(networks_of(document, asker))
    found = set()
    for other in document["services"]:
        for network, aliases in networks_of(document, other).items():
            if network in mine and other != asker and name in {other, *aliases}:
                found.add(other)
    return found


def test_the_client_finds_its_targets_only_at_its_own_proxy() -> None:
    document = spliced()
    assert who_answers(document, "web", "db") == {"toxiproxy-web"}
    assert who_answers(document, "web", "queue") == {"toxiproxy-web"}


def test_everybody_else_finds_the_real_one_and_nothing_else() -> None:
    document = spliced()
    for asker in ("worker", "watcher"):
        assert who_answers(document, asker, "db") == {"db"}
        assert who_answers(document, asker, "web") == {"web"}


def test_the_client_keeps_everybody_who_is_not_its_target() -> None:
    assert who_answers(spliced(), "web", "worker") == {"worker"}


def test_the_proxy_finds_the_real_target_under_its_second_name() -> None:
    document = spliced()
    assert who_answers(document, "toxiproxy-web", "db.real") == {"db"}
    assert who_answers(document, "toxiproxy-clients", "web.real") == {"web"}


def test_a_proxy_asks_again_for_the_address_of_its_target() -> None:
    """A lookup that fails breaks the connection of a client, so one lost answer must not make it fail."""
    assert "attempts:2" in spliced()["services"]["toxiproxy-web"]["dns_opt"]


def test_two_clients_of_one_target_have_a_proxy_each() -> None:
    document = spliced(of=stack({"web->db": 6379, "worker->db": 6379}))
    assert who_answers(document, "web", "db") == {"toxiproxy-web"}
    assert who_answers(document, "worker", "db") == {"toxiproxy-worker"}
    assert who_answers(document, "watcher", "db") == {"db"}


def test_an_edge_between_two_clients_is_a_link_of_its_own() -> None:
    document = spliced(of=stack({"web->worker": 9000, "worker->db": 6379}))
    assert who_answers(document, "web", "worker") == {"toxiproxy-web"}
    assert who_answers(document, "toxiproxy-web", "worker.real") == {"worker"}
    assert who_answers(document, "worker", "db") == {"toxiproxy-worker"}


def test_two_that_call_each_other() -> None:
    document = spliced(of=stack({"web->worker": 9000, "worker->web": 80}))
    assert who_answers(document, "web", "worker") == {"toxiproxy-web"}
    assert who_answers(document, "worker", "web") == {"toxiproxy-worker"}
    assert who_answers(document, "toxiproxy-worker", "web.real") == {"web"}


def test_every_name_of_a_target_leads_through_the_proxy() -> None:
    project = shop()
    project["services"]["db"] = service(container_name="old-db", networks={"default": {"aliases": ["store"]}})
    project["services"]["web"] = service(links=["db:database"])
    document = spliced(project)
    for name in ("db", "old-db", "store", "database"):
        assert who_answers(document, "web", name) == {"toxiproxy-web"}, name
    assert who_answers(document, "worker", "old-db") == {"db"}


def test_two_targets_on_one_port_get_two_proxies() -> None:
    document = spliced(of=stack({"web->db": 8080, "web->queue": 8080}))
    assert who_answers(document, "web", "db") == {"toxiproxy-web"}
    assert who_answers(document, "web", "queue") == {"toxiproxy-web-2"}


def test_a_client_starts_after_its_proxy_which_has_no_health_check_of_its_own() -> None:
    services = spliced()["services"]
    assert services["web"]["depends_on"] == {"toxiproxy-web": {"condition": "service_started"}}
    assert "healthcheck" not in services["toxiproxy-web"]


def test_all_ports_of_the_plain_file_are_replaced() -> None:
    services = spliced()["services"]
    assert services["web"]["ports"] == OverrideTag([])
    published = [entry for body in services.values() for entry in _ports(body)]
    assert published
    assert all(entry.startswith("127.0.0.1:") for entry in published)


def _ports(body: Body) -> list[Any]:
    ports = body.get("ports", [])
    return list(cast(list[Any], ports.value if isinstance(ports, OverrideTag) else ports))


def test_a_lever_and_prometheus_are_published_beside_every_proxy() -> None:
    call = {"http": {"service": "db", "port": 9999}}
    levers = {"x": dict.fromkeys(("inject", "revert", "readback", "witness"), call)}
    of = stack(levers=levers, prometheus={"service": "watcher", "config": "p.yml"})
    wanted = wanted_ports(of, plan_topology(of, read()))
    assert set(wanted) == {
        ("toxiproxy-clients", 8474),
        ("toxiproxy-clients", 80),
        ("toxiproxy-web", 8474),
        ("toxiproxy-web", 6379),
        ("toxiproxy-web", 6380),
        ("watcher", 9090),
        ("db", 9999),
    }


def test_expose_fixes_the_port_at_which_clients_enter() -> None:
    of = stack({"worker->web": 80, "clients->web": 80}, expose={"web": 8000})
    assert fixed_ports(of, plan_topology(of, read())) == {("toxiproxy-clients", 80): 8000}


def test_a_run_inherits_no_name_and_carries_its_label_everywhere() -> None:
    project = shop()
    project["services"]["db"] |= {
        "container_name": "the-db",
        "restart": "always",
        "labels": {"traefik.enable": "true"},
    }
    document = spliced(project)
    assert document["services"]["db"]["container_name"] == ResetTag()
    for kind in ("services", "networks", "volumes"):
        for name, body in document[kind].items():
            labels = body["labels"]
            assert (labels.value if name == "db" else labels) == {"gameday.run": "abc123"}, name
    assert document["networks"]["default"]["name"] == "gameday-abc123_default"
    assert document["volumes"]["data"]["name"] == "gameday-abc123_data"


def test_containers_of_other_projects_are_left_out() -> None:
    """Their volumes are their owner's data, and they are in no network of the run."""
    project = shop()
    project["services"]["db"] |= {
        "external_links": ["legacy_redis_1:cache"],
        "volumes_from": ["container:legacy", "web:ro"],
    }
    project["services"]["web"]["volumes_from"] = ["db"]
    services = spliced(project)["services"]
    assert services["db"]["external_links"] == OverrideTag([])
    assert services["db"]["volumes_from"] == OverrideTag(["web:ro"])
    assert "volumes_from" not in services["web"]


def test_restart_policies_stay_as_the_owner_has_them() -> None:
    project = shop()
    project["services"]["db"] |= {"restart": "always", "deploy": {"restart_policy": {"condition": "any"}}}
    body = spliced(project)["services"]["db"]
    assert not {"restart", "deploy"} & set(body)
    assert spliced(project)["services"]["toxiproxy-web"]["restart"] == "no"


def test_a_hostname_that_is_dialled_leads_through_the_proxy() -> None:
    project = shop()
    project["services"]["db"]["hostname"] = "db1"
    document = spliced(project)
    assert who_answers(document, "web", "db1") == {"toxiproxy-web"}
    assert who_answers(document, "worker", "db1") == {"db"}


def test_a_service_on_the_hosts_network_keeps_it() -> None:
    project = shop()
    project["services"]["watcher"] = {"image": "redis:8", "network_mode": "host"}
    assert "networks" not in spliced(project)["services"]["watcher"]


def test_environment_and_mounts_reach_the_service_they_are_meant_for() -> None:
    services = spliced(
        environment={"web": {"RESET": "1.5"}}, mounts={"watcher": {"/etc/p.yml": "/run/p.yml"}}
    )["services"]
    assert services["web"]["environment"] == {"RESET": "1.5"}
    assert "environment" not in services["db"]
    assert services["watcher"]["volumes"] == [
        {"type": "bind", "source": "/run/p.yml", "target": "/etc/p.yml", "read_only": True}
    ]


def test_a_built_service_keeps_the_name_that_its_own_project_gives_its_image() -> None:
    project = shop()
    project["services"]["web"] = {"build": {"context": "."}, "networks": {"default": None}}
    assert spliced(project)["services"]["web"]["image"] == "shop-web"


def test_the_proxy_is_named_after_its_link() -> None:
    topology = plan_topology(stack(), read())
    (web,) = (c for c in topology.containers if c.client == "web")
    assert json.loads(proxy_config(web)) == [
        {"name": "web->db", "listen": "0.0.0.0:6379", "upstream": "db.real:6379", "enabled": True},
        {"name": "web->queue", "listen": "0.0.0.0:6380", "upstream": "queue.real:6380", "enabled": True},
    ]


def test_every_port_of_a_target_is_reachable_through_the_proxy() -> None:
    project = shop()
    project["services"]["db"] = service(
        ports=[
            {"target": 6379, "protocol": "tcp"},
            {"target": 53, "protocol": "udp"},
            {"target": 8301, "protocol": "tcp"},
        ],
        expose=["9000-9001", "9002/udp"],
    )
    topology = plan_topology(stack(), read(project).listening(lambda image: ("7000/tcp",)))
    first, second = (c for c in topology.containers if c.client == "web")  # both images expose port 7000
    assert {proxy["name"]: proxy["listen"] for proxy in json.loads(proxy_config(first))} == {
        "web->db": "0.0.0.0:6379",
        "web->db:8301": "0.0.0.0:8301",
        "web->db:9000": "0.0.0.0:9000",
        "web->db:9001": "0.0.0.0:9001",
        "web->db:7000": "0.0.0.0:7000",
    }
    assert {proxy.name for proxy in second.proxies} == {"web->queue", "web->queue:7000"}
    assert first.ports == (8474, 6379), "gameday dials the link's own port alone"
    assert topology.further_ports(as_link("web->queue")) == ("web->queue:7000",)


def test_two_clients_without_a_link_still_find_each_other() -> None:
    document = spliced(of=stack({"web->db": 6379, "worker->db": 6379}))
    assert who_answers(document, "web", "worker") == {"worker"}
    assert who_answers(document, "worker", "web") == {"web"}


def test_a_target_still_reaches_the_client_that_calls_it() -> None:
    project = shop()
    roles = {"web": {"role": "app"}, "queue": {"role": "http"}}
    document = spliced(project, stack({"web->queue": 6380}, services=roles))
    assert who_answers(document, "queue", "web") == {"toxiproxy-queue"}
    assert who_answers(document, "toxiproxy-queue", "web.real") == {"web"}
    assert who_answers(document, "web", "queue") == {"toxiproxy-web"}


def test_outside_clients_need_a_network_of_their_own_only_where_nothing_is_published() -> None:
    assert "link-clients" not in spliced()["networks"]
    project = shop()
    project["networks"]["default"]["internal"] = True
    document = spliced(project, stack({"clients->worker": 80}))
    assert set(networks_of(document, "toxiproxy-clients")) == {"default", "link-clients"}


def test_toxiproxys_own_port_gives_way_to_a_target() -> None:
    topology = plan_topology(stack({"web->db": 8474}), read())
    assert topology.containers[0].api_port == 8475
