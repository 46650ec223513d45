"""A compose project is read as Compose resolves it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.errors import BadInput
from chaos.scenario.compose import read_compose_project
from chaos.scenario.composed.interpolation import UNKNOWN, interpolate
from chaos.scenario.composed.merge import merged
from chaos.scenario.composed.text import Removed, Replaced


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$A-$$A-${A}", "1-$A-1"),
        ("${B-x}${B:-y}", "y"),
        ("${C-x}${C:-${B:-${A}}}", "x1"),
        ("${A:+yes}${C:+no}|${B+set}", "yes|set"),
        ("${C?needed}${C}", UNKNOWN * 2),
        ("a $ b ${A", "a $ b ${A"),
    ],
)
def test_variables_are_filled_in_as_the_specification_says(text: str, expected: str) -> None:
    assert interpolate(text, {"A": "1", "B": ""}) == expected


def test_a_later_file_is_merged_onto_an_earlier_one() -> None:
    base = {
        "services": {"a": {"image": "x", "ports": ["1"], "environment": ["A=1", "B=2"], "command": ["one"]}}
    }
    over = {
        "services": {
            "a": {"ports": ["1", "2"], "environment": {"B": "3"}, "command": ["two"], "image": Removed()},
            "b": {"ports": Replaced(["5"])},
        }
    }
    assert merged(base, over) == {
        "services": {
            "a": {"ports": ["1", "2"], "environment": {"A": "1", "B": "3"}, "command": ["two"]},
            "b": {"ports": ["5"]},
        }
    }


def test_files_that_are_included_have_folders_and_variables_of_their_own(here: Path) -> None:
    (here / "part").mkdir()
    (here / "part" / ".env").write_text("PORT=7000\n")
    (here / "part" / "more.env").write_text("URL=http://a:${PORT:-1}\n")
    (here / "part" / "c.yaml").write_text(
        "services: {b: {image: b, expose: ['${PORT}'], env_file: more.env}}\nvolumes: {data: {}}\n"
    )
    (here / "compose.yaml").write_text("include: [part/c.yaml]\nservices: {a: {image: a}}\n")
    project = read_compose_project(Path("compose.yaml"))
    assert project.services["b"].ports == (7000,)
    assert project.services["b"].environment == (("URL", "http://a:1"),)
    assert project.volumes == ("data",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("include: [compose.yaml]\nservices: {a: {image: a}}\n", "this file includes or extends itself"),
        ("services: {a: {extends: b}, b: {extends: a}}\n", "extends itself"),
        ("services: {a: {extends: c}}\n", "service a extends c, which is not in the same file"),
        ("include: [gone.yaml]\nservices: {a: {image: a}}\n", "gone.yaml: no such file"),
        ('services: {a: {image: a, ports: ["80:70000"]}}\n', "service a: 70000 is not a port"),
        ("services: &s {a: *s}\n", "an alias refers to its own parent"),
    ],
)
def test_what_no_one_can_resolve_is_refused(here: Path, text: str, said: str) -> None:
    (here / "compose.yaml").write_text(text)
    with pytest.raises(BadInput, match=said):
        read_compose_project(Path("compose.yaml"))


def test_scalars_are_those_of_yaml_1_2(here: Path) -> None:
    (here / "compose.yaml").write_text(
        "services:\n  a:\n    image: a\n    ports: [25:25, 2525:25]\n"
        "    environment: {A: on, B: 2024-01-01, C: 010}\n"
    )
    service = read_compose_project(Path("compose.yaml")).services["a"]
    assert service.published == (25,)
    assert service.environment == (("A", "on"), ("B", "2024-01-01"), ("C", "010"))


def test_ports_in_every_form(here: Path) -> None:
    (here / "compose.yaml").write_text(
        "services:\n  a:\n    image: a\n    expose: [9000]\n    ports: ['127.0.0.1:80:8000/tcp',"
        " '5000-5001:6000-6001',"
        " '53:53/udp', {target: 7000, published: '77'}, '${NONE}:${NONE}']\n"
    )
    service = read_compose_project(Path("compose.yaml")).services["a"]
    assert service.published == (8000, 6000, 6001, 7000)
    assert service.ports == (8000, 6000, 6001, 7000, 9000)
    assert service.udp_ports == (53,)
    assert service.unknown_ports == (UNKNOWN,)
