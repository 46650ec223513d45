"""Reading what ``docker compose config`` prints."""

from __future__ import annotations

import json

import pytest

from chaos.adapters.overlay.compose_file import Mount, read_compose_json
from chaos.errors import ToolProblem
from tests.unit.adapters.overlay.specimens import read


@pytest.mark.parametrize("text", ["", "not json", "[]", '{"services": {}}', '{"name": "x", "services": []}'])
def test_anything_else_is_an_error_of_the_tool(text: str) -> None:
    with pytest.raises(ToolProblem, match="cannot be read"):
        read_compose_json(text)


def test_a_project_without_anything() -> None:
    empty = read_compose_json('{"name": "x", "services": {}}')
    assert (empty.services, empty.networks, empty.volumes) == ({}, {}, {})


def test_a_dollar_sign_that_compose_doubled_is_one() -> None:
    """Otherwise a secret with a dollar sign would not be found in the logs, nor a file in such a folder."""
    mount = {"type": "bind", "source": "/a$$b", "target": "/c"}
    body = {"image": "i", "environment": {"TOKEN": "a$$b$$$$c"}, "volumes": [mount]}
    (service,) = read_compose_json(json.dumps({"name": "x", "services": {"s": body}})).services.values()
    assert service.environment == {"TOKEN": "a$b$$c"}
    assert service.mounts[0].source == "/a$b"


def test_where_a_mount_shows_a_host_file() -> None:
    assert Mount("bind", "/s/p.yml", "/etc/p.yml").shows("/s/p.yml") == "/etc/p.yml"
    assert Mount("bind", "/s", "/etc/prom").shows("/s/rules/a.yml") == "/etc/prom/rules/a.yml"
    assert Mount("bind", "/s/p", "/etc/p").shows("/s/p.yml") is None
    assert Mount("volume", "/s", "/etc").shows("/s/p.yml") is None


def test_every_name_of_a_service() -> None:
    body = {"image": "i", "container_name": "c", "networks": {"n": {"aliases": ["a", "b"]}, "m": None}}
    assert read({"name": "x", "services": {"s": body}}).services["s"].names() == ("s", "c", "a", "b")
