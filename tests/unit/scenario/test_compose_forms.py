"""Forms that a compose file may take: every draft is accepted, its links are these and no others, and the
project is read as ``docker compose config`` renders it.

``compose_forms/NAME/app`` holds each project. What Compose 2.26 renders of them was compared once, by hand.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chaos.scenario import LoadedScenario, load_scenario
from chaos.scenario.compose import Bind, ComposeProject, read_compose_project
from chaos.scenario.draft import write_drafts
from chaos.scenario.find import find_scenarios

pytestmark = pytest.mark.thorough

FORMS = Path(__file__).parent / "compose_forms"

# form -> every link of the draft
LINKS = {
    "configs-inline": "clients->nginx:80 nginx->api:3000",
    "depends-long": "clients->web:80 web->db:5432 web->search:9200",
    "develop-deploy": "clients->web:3000 web->kv:6379",
    "devices-tmpfs": "app->etcd:2379 clients->app:80",
    "dotnet-java": "catalog->cache:6379 catalog->eureka:8761 catalog->mongo:27017 catalog->pg:5432 "
    "clients->web:8080 web->cache:6379 web->catalog:8080 web->kafka:9092 web->sql:1433",
    "entrypoint-forms": "clients->web:8080 web->bus:4222 web->cache:6379 web->db:5432",
    "env-file-forms": "app->bus:9092 app->db:3306 app->kv:11211 clients->app:8000",
    "extends-chain": "api->db:3306 api->queue:4222 clients->api:8000",
    "extends-other-project": "clients->web:80 web->db:26257",
    "gpu-secrets-build": "api->minio:9000 api->ml:8000 clients->api:8000 ml->qdrant:6333",
    "hooks-attach": "app->search:9200 clients->app:80",
    "include-overrides": "clients->web:8080 web->metrics:9090 web->pg:5432",
    "ipv6": "clients->front:80 front->peer:9000 front->store:6379",
    "label-lists-many": "clients->edge:80",
    "links-external": "clients->web:80 web->cache:11211 web->db:3306",
    "merge-list": "clients->shop:3000 shop->orders:7000",
    "multi-doc-anchors": "a->b:81 a->c:82 clients->a:80",
    "name-and-numbers": "1web->2api:3000 clients->1web:80",
    "nested-braces": "clients->web:80 web->db:5432",
    "network-modes": "clients->web:80 web->vpn:8081",
    "networks-aliases": "app->db:5432 clients->app:5000",
    "override-beside": "api->web:80 clients->api:4000 clients->web:80 web->api:4000",
    "ports-long": "clients->gw:8080 gw->back:9000",
    "profiles-anchors": "clients->web:8080 web->cache:6379 web->db:5432 worker->db:5432 worker->mq:5672",
    "project-env": "clients->web:80 web->api:3000",
    "provider-models": "chat->cache:6379 clients->chat:8080",
    "quoted-keys": "clients->web:80 web->api:3000",
    "scale-and-jobs": "api->m1:27017 api->m2:27017 clients->lb:80 lb->api:8080",
    "secrets-files": "app->db:5432 app->mail:1025 clients->app:80",
    "unicode-crlf": "café-web->api:3000 clients->café-web:80",
    "windows-paths": "clients->web:80 web->api:5000",
}

# form -> what the draft says of what it left out or guessed
SAID = {
    "configs-inline": "api: app.toml may name more services, but gameday did not read it",
    "env-file-forms": "app: its env file local.env does not exist",
    "ipv6": "front: a run has other networks, so it replaces store's fixed address",
    "label-lists-many": "edge: Caddyfile may name more services",
    "network-modes": "torrent: network_mode service:vpn: no proxy fits between it and db",
    "networks-aliases": "gw: it finds services by labels",
    "scale-and-jobs": "init: it is a job that ends, so it reaches m1, m2 without a link",
    "provider-models": "chat: the port at which it dials database is unknown",
}


def copied(name: str, here: Path) -> Path:
    """The compose file of a form, in a folder where drafts may be written."""
    shutil.copytree(FORMS / name, here / name)
    return next((here / name / "app").glob("*compose.y*ml"))


def drafted(name: str, here: Path) -> LoadedScenario:
    file = copied(name, here)
    return load_scenario(write_drafts(file, file.parent)[1])


def project(name: str) -> ComposeProject:
    return read_compose_project(next((FORMS / name / "app").glob("*compose.y*ml")))


def test_every_form_has_an_expectation() -> None:
    assert {folder.name for folder in FORMS.iterdir()} == LINKS.keys()


@pytest.mark.parametrize("name", LINKS)
def test_the_draft_is_accepted_with_these_links_and_no_others(here: Path, name: str) -> None:
    loaded = drafted(name, here)
    assert {f"{link}:{port}" for link, port in loaded.stack.links.items()} == set(LINKS[name].split())


@pytest.mark.parametrize("name", SAID)
def test_the_draft_says_what_it_left_out(here: Path, name: str) -> None:
    drafted(name, here)
    text = (here / name / "app" / "stack.yaml").read_text(encoding="utf-8")
    comments = " ".join(line.lstrip("#- ") for line in text.splitlines() if line.startswith("#"))
    assert SAID[name] in comments


@pytest.mark.parametrize("name", LINKS)
def test_a_folder_with_the_project_in_it_can_be_validated(here: Path, name: str) -> None:
    """No file of a project is taken for a scenario."""
    file = copied(name, here)
    written = write_drafts(file, file.parent)[1]
    assert find_scenarios([str(file.parent)], here) == (written,)


def test_paths_start_where_compose_has_them_start() -> None:
    """At the folder of the file that is extended or included."""
    chain, included = FORMS / "extends-chain" / "app", FORMS / "include-overrides" / "app"
    assert project("extends-chain").services["api"].mounts == (
        Bind(chain / "common" / "conf", "/etc/app", read_only=True),
        Bind(chain / "common" / "data", "/var/lib/app"),
    )
    assert project("include-overrides").services["pg"].mounts == (
        Bind(included / "infra" / "pgdata", "/var/lib/postgresql/data"),
    )


def test_a_volume_without_a_name_is_no_folder_of_the_host() -> None:
    assert "/anonymous" not in map(str, project("devices-tmpfs").binds)


@pytest.mark.parametrize(
    ("name", "note"),
    [
        (
            "links-external",
            "web: a run leaves out containers of other projects: external_links legacy_redis_1:oldredis",
        ),
        ("network-modes", "tail: it joins the network of your container legacy in a run"),
        ("provider-models", "database: the provider awesomecloud creates it; a run gets another one"),
    ],
)
def test_validate_says_what_a_run_leaves_out(here: Path, name: str, note: str) -> None:
    assert [one for one in drafted(name, here).notes if one.startswith(note)]


def test_an_override_file_takes_away_what_it_resets() -> None:
    services = project("override-beside").services
    assert set(services) == {"web", "api"}
    assert services["web"].environment == ()
    assert services["web"].depends_on == {"api": "service_started"}
    assert [(port.inside, port.host) for port in services["web"].all_ports] == [(80, 8080)]


def test_defaults_within_defaults_are_filled_in() -> None:
    web = project("nested-braces").services["web"]
    variables = dict(web.environment)
    assert web.image == "docker.io/acme/web:latest"
    assert variables["CONFIG"] == '{"db": {"host": "db", "port": 5432}}'
    assert variables["URL"] == "postgres://u:p@db:5432/d"
    assert variables["MONEY"] == "a$b${c}"
    assert (variables["ALT"], variables["ALT2"]) == ("", "")
