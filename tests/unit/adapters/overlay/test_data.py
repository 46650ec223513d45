"""What belongs to the owner is not what a run writes to."""

from __future__ import annotations

import pytest

from chaos.adapters.overlay.data import copies_of, dialled_by_name
from chaos.adapters.overlay.override import OverrideTag, ResetTag
from chaos.adapters.overlay.topology import plan_topology
from chaos.model.owners import InPlace, in_place_of
from tests.unit.adapters.overlay.specimens import Body, read, service, shop, spliced, stack, wiring

OWN = {"labels": {"gameday.run": "abc123"}}


def owners() -> Body:
    project = shop()
    project["networks"]["outer"] = {"name": "outer", "external": True}
    project["volumes"] |= {
        "kept": {"name": "kept", "external": True},
        "disk": {"name": "disk", "driver_opts": {"type": "none", "o": "bind", "device": "/srv/disk"}},
    }
    project["services"]["db"]["volumes"] = [
        {"type": "bind", "source": "/home/me/pgdata", "target": "/var/lib/postgresql/data"},
        {"type": "bind", "source": "/home/me/db.conf", "target": "/etc/db.conf"},
        {"type": "bind", "source": "/home/me/seed", "target": "/seed", "read_only": True},
        {"type": "volume", "source": "data", "target": "/more"},
    ]
    return project


def test_networks_and_volumes_of_the_owner_are_replaced_by_those_of_the_run() -> None:
    document = spliced(owners())
    assert document["networks"]["outer"] == OverrideTag({"name": "gameday-abc123_outer", **OWN})
    assert document["volumes"]["kept"] == OverrideTag({"name": "gameday-abc123_kept", **OWN})
    assert document["volumes"]["disk"] == OverrideTag({"name": "gameday-abc123_disk", **OWN})


def test_data_is_an_empty_volume_and_configuration_cannot_be_written() -> None:
    document = spliced(owners())
    assert document["services"]["db"]["volumes"] == [
        {"type": "volume", "source": "data-home-me-pgdata", "target": "/var/lib/postgresql/data"},
        {"type": "bind", "source": "/home/me/db.conf", "target": "/etc/db.conf", "read_only": True},
    ]
    assert document["volumes"]["data-home-me-pgdata"] == {"name": "gameday-abc123_data-home-me-pgdata", **OWN}


def test_what_stack_yaml_names_is_used_as_it_is() -> None:
    named = frozenset(("network outer", "volume kept", "bind /home/me/pgdata", "bind /home/me/db.conf"))
    document = spliced(owners(), as_is=named)
    assert "outer" not in document["networks"]
    assert set(document["volumes"]) == {"data", "disk"}
    assert "volumes" not in document["services"]["db"]


@pytest.mark.parametrize(
    ("target", "empty", "expected"),
    [
        ("/var/lib/mysql", False, InPlace.EMPTY),
        ("/bitnami/postgresql", False, InPlace.EMPTY),
        ("/app/uploads", False, InPlace.EMPTY),
        ("/meili_data", False, InPlace.EMPTY),
        ("/var/jenkins_home", False, InPlace.EMPTY),
        ("/data/db", False, InPlace.EMPTY),
        ("/app", True, InPlace.EMPTY),
        ("/app", False, InPlace.READ_ONLY),
        ("/etc/nginx/conf.d", False, InPlace.READ_ONLY),
        ("/docker-entrypoint-initdb.d", False, InPlace.READ_ONLY),
        ("/var/lib/grafana/grafana.ini", False, InPlace.READ_ONLY),
        ("/var/run/mysqld/mysqld.sock", False, InPlace.READ_ONLY),
        ("/var/run/docker.sock", False, InPlace.EMPTY),
        ("/tmp/podman.sock", False, InPlace.EMPTY),
    ],
)
def test_what_takes_the_place_of_a_mount(target: str, empty: bool, expected: InPlace) -> None:
    assert in_place_of(target, False, empty) is expected
    assert in_place_of(target, True, empty) is InPlace.SAME


def test_fixed_addresses_are_those_of_one_network_so_a_run_dials_by_name() -> None:
    project = shop()
    project["networks"]["default"]["ipam"] = {"config": [{"subnet": "10.77.0.0/24"}]}
    project["services"]["db"] = service(networks={"default": {"ipv4_address": "10.77.0.5"}})
    project["services"]["web"]["environment"] = {"URL": "redis://:pw@10.77.0.5:6379/0", "OTHER": "10.77.0.55"}
    assert dialled_by_name(read(project)) == {"web": {"URL": "redis://:pw@db:6379/0"}}
    assert spliced(project)["networks"]["default"]["ipam"] == ResetTag()


def test_a_fixed_ipv6_address_is_dialled_by_name_without_its_brackets() -> None:
    project = shop()
    project["services"]["db"] = service(networks={"default": {"ipv6_address": "fd00:1::5"}})
    variables = {"URL": "redis://:pw@[fd00:1::5]:6379/0", "HOST": "fd00:1::5", "OTHER": "[fd00:1::55]:1"}
    project["services"]["web"]["environment"] = variables
    assert dialled_by_name(read(project)) == {"web": {"URL": "redis://:pw@db:6379/0", "HOST": "db"}}


def test_jobs_are_those_that_others_wait_for_or_that_are_never_restarted() -> None:
    project = shop()
    project["services"]["web"]["depends_on"] = {"queue": {"condition": "service_completed_successfully"}}
    project["services"]["worker"]["restart"] = "no"
    assert read(project).jobs() == {"queue", "worker"}


def test_a_service_without_replicas_does_not_start() -> None:
    project = shop()
    project["services"]["worker"]["scale"] = 0
    project["services"]["queue"]["deploy"] = {"replicas": 0}
    assert set(read(project).with_profiles(()).services) == {"web", "db", "watcher"}


def test_the_socket_of_the_engine_is_never_copied() -> None:
    project = shop()
    socket = {"type": "bind", "source": "/var/run/docker.sock", "target": "/var/run/docker.sock"}
    project["services"]["worker"]["volumes"] = [socket]
    compose = read(project)
    assert copies_of(compose, wiring(plan_topology(stack(), compose))) == ()
    (mount,) = spliced(project)["services"]["worker"]["volumes"]
    assert (mount["type"], mount["target"]) == ("volume", "/var/run/docker.sock")
