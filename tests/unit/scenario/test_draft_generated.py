"""Compose files that a generator makes: whatever init drafts, validate accepts."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from chaos.errors import BadInput
from chaos.scenario import load_scenario
from chaos.scenario.draft import write_drafts

REASONS = ("publishes a port", "cannot have a proxy", "has no value", "expected a port")

names = st.sampled_from(
    [
        "shop",
        "main_db",
        "1234",
        "on",
        "null",
        "1e5",
        "a.b",
        "DB",
        "x-y_z",
        "0x1f",
        "-",
        "_",
        "true",
        "web",
    ]
)
images = st.sampled_from(
    [
        "postgres:16",
        "redis",
        "nginx",
        "acme/shop",
        "${R:-docker.io/}mysql",
        "prom/prometheus",
        "x/redis_exporter",
        "$I",
    ]
)
ports = st.one_of(
    st.integers(1, 65_535),
    st.sampled_from(
        [
            "80",
            "8000:8000",
            "25:25",
            "0.0.0.0::90",
            "[::1]:80:80",
            "53:53/udp",
            "${P}:1",
            "1-3:4-6",
            "${P:-80}",
            "x",
            "",
        ]
    ),
    st.fixed_dictionaries(
        {"target": st.integers(0, 9000)}, optional={"protocol": st.sampled_from(["udp", "tcp"])}
    ),
)
texts = st.one_of(
    st.sampled_from(
        [
            "http://shop:80/a?b=$$C",
            "postgres://u:p@main_db/x",
            "redis://1234:1",
            "on:70000",
            "host=DB port=1 x",
            "a, b",
        ]
    ),
    st.text(max_size=12),
)
healths = st.one_of(
    texts,
    st.sampled_from(
        ["curl localhost/a#b: c", "curl -f http://localhost:99999/ü x", "wget 127.0.0.1:80/${X}/y"]
    ),
)
service = st.fixed_dictionaries(
    {},
    optional={
        "image": images,
        "build": st.just("."),
        "ports": st.lists(ports, max_size=3),
        "expose": st.lists(st.one_of(st.integers(1, 9000), st.just("7000/udp")), max_size=2),
        "depends_on": st.lists(names, max_size=3),
        "environment": st.one_of(
            st.dictionaries(st.sampled_from(["A", "DB_HOST", "on", "PASSWORD", "A B"]), texts, max_size=3),
            st.lists(texts, max_size=2),
        ),
        "command": st.one_of(texts, st.lists(texts, max_size=3)),
        "healthcheck": st.fixed_dictionaries({"test": st.one_of(healths, st.lists(healths, max_size=3))}),
        "profiles": st.lists(st.sampled_from(["tools", "1", "on", "a: b"]), max_size=2),
        "restart": st.sampled_from(["no", False, "always"]),
        "network_mode": st.sampled_from(["host", "none", "service:shop"]),
        "container_name": names,
        "hostname": names,
        "links": st.lists(names.map(lambda name: f"{name}:alias"), max_size=2),
        "networks": st.sampled_from(
            [["a"], {"a": {"aliases": ["b"], "ipv4_address": "10.0.0.2"}}, {"a": None}]
        ),
    },
)
services = st.dictionaries(names, service, max_size=4)
front = service.map(lambda body: {k: v for k, v in body.items() if k not in ("network_mode", "image")})
projects = st.builds(
    lambda more, body: {"services": {**more, "front": {**body, "build": ".", "ports": ["8000:8000"]}}},
    services,
    front,
)


folders = st.sampled_from(["shop", "on", "2024", "my stack #1", "a: b", "проект", "'", "-"])


@pytest.mark.thorough
@settings(max_examples=150, deadline=None)
@given(project=projects, folder=folders)
def test_the_drafts_validate(project: dict[str, object], folder: str) -> None:
    with tempfile.TemporaryDirectory() as home:
        here = Path(home) / folder
        here.mkdir()
        (here / "compose.yaml").write_text(yaml.safe_dump(project, allow_unicode=True), encoding="utf-8")
        outcome = _drafted(here / "compose.yaml", Path(home) / "into #2")
    assert outcome == "" or any(reason in outcome for reason in REASONS)


def _drafted(compose: Path, into: Path) -> str:
    """Why there is no draft, "" if there is one; ``BadInput`` if validate refuses it."""
    try:
        scenario = write_drafts(compose, into)[1]
    except BadInput as refused:
        return str(refused)
    load_scenario(scenario)
    return ""
