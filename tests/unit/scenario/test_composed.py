"""A compose project is read as Compose resolves it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.errors import BadInput
from chaos.scenario.compose import Bind, ComposeProject, read_compose_project
from chaos.scenario.composed.given import ServiceTexts
from chaos.scenario.composed.interpolation import UNKNOWN, interpolate
from chaos.scenario.composed.merge import merged
from chaos.scenario.composed.text import OverrideTag, ResetTag
from tests.folders import write_folder


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$A-$$A-${A}", "1-$A-1"),
        ("${B-x}${B:-y}", "y"),
        ("${C-x}${C:-${B:-${A}}}", "x1"),
        ("${A:+yes}${C:+no}|${B+set}", "yes|set"),
        ("${C?needed}${C}", UNKNOWN * 2),
        ("a $ b ${A", "a $ b ${A"),
        ("${A}}${B:-${A}$${A}}", "1}1${A}"),
        ("${C:-" * 40 + "$A" + "}" * 40, "1"),
        ("${C:-" * 5000 + "$A" + "}" * 5000, UNKNOWN),
        ("${" * 200_000, "${" * 200_000),  # each pair is found once: looking for it again would take hours
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
            "a": {"ports": ["1", "2"], "environment": {"B": "3"}, "command": ["two"], "image": ResetTag()},
            "b": {"ports": OverrideTag(["5"])},
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
        ("services: {a: {extends: c}}\n", "service a extends c, but this file has no such service"),
        ("include: [gone.yaml]\nservices: {a: {image: a}}\n", "no such file gone.yaml"),
        (
            'services: {a: {image: a, ports: ["80:70000"]}}\n',
            "service a: expected a port from 1 to 65535, got 70000",
        ),
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


def read(here: Path, files: dict[str, str], *more: str) -> ComposeProject:
    write_folder(here, files)
    return read_compose_project(here / "a" / "compose.yaml", [here / name for name in more])


def test_tags_of_a_later_file_count_for_what_an_earlier_one_says(here: Path) -> None:
    found = read(
        here,
        {
            "a/compose.yaml": "services:\n"
            "  web: {image: x, ports: ['80:80'], environment: {A: '1'}, depends_on: [old]}\n"
            "  old: {image: y}\n",
            "a/over.yaml": "services:\n"
            "  web: {ports: !override ['81:81'], environment: !reset null, depends_on: !override []}\n"
            "  old: !reset null\n",
        },
        "a/over.yaml",
    )
    (web,) = found.services.values()
    assert (web.ports, web.environment, web.depends_on) == ((81,), (), {})


def test_tags_survive_the_documents_and_includes_of_their_own_file(here: Path) -> None:
    found = read(
        here,
        {
            "a/compose.yaml": "services: {web: {image: x, ports: ['80:80'], command: one}}\n",
            "a/more.yaml": "services: {more: {image: z}}\n",
            "a/over.yaml": "include: [more.yaml]\nservices: {web: {ports: !override ['81:81']}}\n"
            "---\nservices: {web: {ports: ['82:82'], command: !reset null}}\n",
        },
        "a/over.yaml",
    )
    assert (found.services["web"].ports, found.services["web"].words) == ((81, 82), "")
    assert found.services["more"].image == "z"


def test_relative_paths_start_at_the_folder_of_the_first_file(here: Path) -> None:
    """Those of every file that is named; a file that is extended or included has a folder of its own."""
    found = read(
        here,
        {
            "a/compose.yaml": "services: {web: {image: x, volumes: ['./d:/d', named:/n, /anonymous]}}\n",
            "a/b.env": "B=first\n",
            "a/base.yaml": "services: {m: {image: first, volumes: [{type: bind, source: m, target: /m}]}}\n",
            "a/inc/i.yaml": "services: {i: {image: first, volumes: ['./i:/i:ro']}}\n",
            "b/over.yaml": "include: [inc/i.yaml]\nservices:\n"
            "  web: {volumes: ['./e:/e'], env_file: [b.env]}\n"
            "  more: {extends: {file: base.yaml, service: m}, volumes: !override ['./o:/o']}\n",
            "b/b.env": "B=second\n",
        },
        "b/over.yaml",
    ).services
    at = here / "a"
    assert found["web"].mounts == (Bind(at / "d", "/d"), Bind(at / "e", "/e"))
    assert found["web"].environment == (("B", "first"),)
    assert (found["more"].image, found["more"].mounts) == ("first", (Bind(at / "o", "/o"),))
    assert found["i"].mounts == (Bind(at / "inc" / "i", "/i", read_only=True),)


def test_addresses_in_inline_configs_and_secret_files_are_read(here: Path) -> None:
    found = read(
        here,
        {
            "a/compose.yaml": "services:\n"
            "  web:\n    image: x\n    configs: [inline, own]\n"
            "    secrets: [{source: url, target: db_url}, pw]\n"
            "    environment: {DATABASE_URL_FILE: /run/secrets/db_url, PASSWORD_FILE: /run/secrets/pw,\n"
            "      AMQP_URL_FILE: /etc/amqp}\n"
            "configs: {inline: {content: 'proxy_pass http://api:3000;'}, own: {file: ./app.toml}}\n"
            "secrets: {url: {file: ./url.txt}, pw: {file: ./pw.txt}}\n",
            "a/url.txt": "postgres://db:5432/x\n",
            "a/pw.txt": "pw\n",
        },
    )
    assert found.services["web"].given == ServiceTexts(
        (("", "proxy_pass http://api:3000;"), ("DATABASE_URL", "postgres://db:5432/x")),
        ("app.toml", "the file of AMQP_URL_FILE"),
    )


def test_variables_come_from_the_project_and_from_the_lines_above(here: Path) -> None:
    """Of a variable without a value, and of an env file that refers to itself or begins with a mark."""
    (here / ".env").write_text("\ufeffBASE=kv\nDB_HOST=store\nREDIS=redis://${BASE}:6379\n", encoding="utf-8")
    (here / "own.env").write_text("HOST=bus\nURL=amqp://${HOST}:${PORT:-1}/${BASE}\n")
    body = "services: {a: {image: a, env_file: own.env, environment: [DB_HOST, REDIS, GONE_FROM_HERE]}}\n"
    (here / "compose.yml").write_text(body)
    environment = dict(read_compose_project(here / "compose.yml").services["a"].environment)
    assert environment == {
        "HOST": "bus",
        "URL": "amqp://bus:1/kv",
        "DB_HOST": "store",
        "REDIS": "redis://kv:6379",
        "GONE_FROM_HERE": "",
    }
