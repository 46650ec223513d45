"""Ten kinds of projects as they are met: what their owner finds in the draft, and what it says it guessed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chaos.scenario import load_scenario
from chaos.scenario.draft import write_drafts

pytestmark = pytest.mark.thorough

KINDS = Path(__file__).parent / "compose_kinds"

# kind -> (links that must be there, links that must not, roles, words of the comments)
EXPECTED: dict[str, tuple[str, str, dict[str, str], tuple[str, ...]]] = {
    "rails": (
        "clients->web:3000 web->db:5432 web->redis:6379 web->search:9200 sidekiq->redis:6379",
        "migrate->db web->migrate",
        {"web": "app", "db": "postgres", "sidekiq": "other", "migrate": "other"},
        ("migrate: it is a job that ends", "no link to migrate: it is a job that ends"),
    ),
    "django": (
        "clients->web:8000 worker->rabbitmq:5672 beat->postgres:5432 web->cache:11211 flower->rabbitmq:5672",
        "clients->rabbitmq",
        {"postgres": "postgres", "rabbitmq": "other"},
        (),
    ),
    "wordpress": (
        "clients->wordpress:80 wordpress->mariadb:3306 phpmyadmin->mariadb:3306",
        "clients->traefik traefik->mariadb",
        {"wordpress": "app", "mariadb": "other"},
        ("traefik: it finds services by labels", "so clients bypass it and call wordpress directly"),
    ),
    "kafka": (
        "clients->orders:8000 kafka->zookeeper:2181 orders->mysql:3306 billing->mongo:27017 "
        "schema-registry->kafka:9092 orders->schema-registry:8081",
        "clients->kafka",
        {"orders": "app", "kafka": "other"},
        (),
    ),
    "front": (
        "clients->nginx:80 nginx->users:3001 nginx->catalog:3003 users->users-db:27017 "
        "orders->orders-db:5432 catalog->pricing:50051",
        "clients->users",
        {"nginx": "app", "orders-db": "postgres"},
        ("gameday guessed port 3003 of catalog from its variable PORT", "nginx.conf may name more services"),
    ),
    "supabase": (
        "clients->kong:8000 auth->db:5432 meta->db:5432 rest->db:5432 studio->meta:8080",
        "clients->db",
        {"db": "postgres", "kong": "app", "meta": "http"},
        ("kong.yml may name more services",),
    ),
    "aliases": (
        "clients->gateway:9000 gateway->shop:8080 gateway->valkey:6379 shop->mysql-primary:3306 "
        "shop->mysql-replica:3306",
        "clients->shop",
        {"valkey": "redis"},
        (),
    ),
    "extends": (
        "clients->api:8080 api->pg:5432 jobs->cache:6379 jobs-slow->pg:5432",
        "clients->jobs",
        {"api": "app", "jobs": "other", "pg": "postgres", "cache": "redis"},
        (),
    ),
    "secrets": (
        "clients->app:8080 app->db:5432 app->mail:1025 app->minio:9000",
        "clients->minio",
        {"db": "postgres"},
        (),
    ),
    "build-only": (
        "clients->frontend:5173 clients->backend:4000 frontend->backend:4000 backend->mongo:27017 "
        "backend->broker:5671 backend->directory:389",
        "",
        {"frontend": "app", "backend": "app"},
        ("backend: clients call it too",),
    ),
}


def test_every_kind_has_an_expectation() -> None:
    assert {folder.name for folder in KINDS.iterdir()} == EXPECTED.keys()


@pytest.mark.parametrize("kind", EXPECTED)
def test_the_draft_is_what_its_owner_would_write(here: Path, kind: str) -> None:
    folder = here / kind
    shutil.copytree(KINDS / kind, folder)
    loaded = load_scenario(write_drafts(folder / "docker-compose.yml", folder)[1])
    there, missing, roles, said = EXPECTED[kind]
    links = {f"{link}:{port}" for link, port in loaded.stack.links.items()}
    assert set(there.split()) <= links
    assert not set(missing.split()) & {link.rpartition(":")[0] for link in links}
    found = {name: str(service.role) for name, service in loaded.stack.services.items()}
    assert found.items() >= roles.items()
    comments = " ".join(
        line.strip("# ")
        for line in (folder / "stack.yaml").read_text(encoding="utf-8").splitlines()
        if line.startswith(("# - ", "#   "))
    )
    assert [words for words in said if words not in comments] == []
