from __future__ import annotations

import json
from pathlib import Path

import pytest

from chaos.errors import BadInput
from chaos.model.stack import ServiceRole, as_link
from chaos.scenario import load_scenario, load_stack
from chaos.scenario.draft import draft_stack, schema_line, write_drafts
from chaos.scenario.guess import guess
from chaos.scenario.schema import SCENARIO_SCHEMA, STACK_SCHEMA

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "counter"

SHOP = """\
services:
  front: {build: ., ports: ["127.0.0.1:80:8080/tcp"], environment: [B=http://back:9000/x], depends_on: [db]}
  back: {build: ./back, ports: [9000], depends_on: {cache: {condition: service_healthy}, queue: {}}}
  db: {image: "postgres:17", ports: ["5432:5432"]}
  cache: {image: valkey/valkey:8}
  queue: {image: "queue:1", expose: ["7000"]}
  probe: {image: oliver006/redis_exporter, ports: ["9121:9121"], depends_on: [cache]}
  watch: {image: "prom/prometheus:v2", ports: ["9090:9090"], depends_on: [front]}
  idle: {image: idle}
"""


def drafts(here: Path, compose: str) -> tuple[Path, ...]:
    (here / "compose.yaml").write_text(compose)
    return write_drafts(Path("compose.yaml"), Path("."))


def test_roles_and_links_are_guessed_from_the_compose_file(here: Path) -> None:
    drafts(here, SHOP)
    stack = load_stack(Path("stack.yaml")).stack
    assert {name: service.role for name, service in stack.services.items()} == {
        "front": ServiceRole.APP,
        "back": ServiceRole.HTTP,
        "db": ServiceRole.POSTGRES,
        "cache": ServiceRole.REDIS,
        "queue": ServiceRole.OTHER,
        "probe": ServiceRole.OTHER,
        "watch": ServiceRole.PROMETHEUS,
        "idle": ServiceRole.OTHER,
    }
    assert {str(link): port for link, port in stack.links.items()} == {
        "clients->front": 8080,
        "front->back": 9000,
        "front->db": 5432,
        "back->cache": 6379,
        "back->queue": 7000,
    }


def test_a_store_that_is_never_restarted_is_no_job(here: Path) -> None:
    compose = """\
services:
  web: {build: ., ports: ["80"], restart: "no", depends_on: [db]}
  db: {image: "postgres:17", restart: "no"}
"""
    drafts(here, compose)
    assert load_stack(Path("stack.yaml")).stack.links[as_link("web->db")] == 5432


def test_the_drafts_validate_as_they_are(here: Path) -> None:
    written = drafts(here, SHOP)
    assert written == (Path("stack.yaml"), Path("scenarios/back-down.yaml"))
    loaded = load_scenario(written[1])
    assert loaded.stack_root == here
    assert loaded.scenario.scenario == "back-down"


@pytest.mark.parametrize(
    ("test", "path"),
    [
        ("[CMD, curl, -f, http://localhost:8080/up]", "/up"),
        ("curl -fsS 'http://127.0.0.1/health/ready' || exit 1", "/health/ready"),
        ("[CMD, python, /app/check.py, '8000', /live]", "/"),
        ("[CMD, wget, -q, localhost]", "/"),
        ("curl 'http://localhost:80/up?deep=1,2'", "/up?deep=1,2"),
        ("wget -q http://$$HOSTNAME:80/up#now || exit 1", "/up"),
        ("'[ $(curl -s localhost:80/up) = ok ]'", "/up"),
    ],
)
def test_the_probe_asks_what_the_health_check_asks(here: Path, test: str, path: str) -> None:
    compose = f"services:\n  web:\n    build: .\n    ports: ['80']\n    healthcheck:\n      test: {test}\n"
    (scenario,) = drafts(here, compose)[1:]
    assert scenario == Path("scenarios/web-down.yaml")
    condition = load_scenario(scenario).scenario.steady_state[0].http
    assert condition is not None
    assert condition.path == path


def test_nothing_is_ever_overwritten(here: Path) -> None:
    first = [path.read_text() for path in drafts(here, SHOP)]
    Path("stack.yaml").unlink()
    Path("scenarios/back-down.yaml").write_text("mine")
    with pytest.raises(BadInput) as caught:
        write_drafts(Path("compose.yaml"), Path("."))
    fix = "gameday never overwrites a file: move it, or choose another name"
    assert str(caught.value) == f"scenarios/back-down.yaml: this file already exists ({fix})"
    assert not Path("stack.yaml").exists()
    assert Path("scenarios/back-down.yaml").read_text() == "mine" != first[1]


def test_the_first_line_names_the_schema_by_a_path_only_where_that_holds(here: Path) -> None:
    firsts = [path.read_text().splitlines()[0] for path in drafts(here, SHOP)]
    assert firsts == [
        f"# The JSON Schema for your editor is in the installed package: chaos/schema/{name}"
        for name in (STACK_SCHEMA, SCENARIO_SCHEMA)
    ]
    line = schema_line(EXAMPLE / "scenarios" / "x.yaml", SCENARIO_SCHEMA)
    assert line == "# yaml-language-server: $schema=../../../chaos/schema/scenario.schema.json\n"


def test_drafts_may_stand_elsewhere(here: Path) -> None:
    (here / "app").mkdir()
    (here / "app" / "compose.yaml").write_text(SHOP)
    _, scenario = write_drafts(Path("app/compose.yaml"), Path("drills"))
    assert load_scenario(scenario).stack.compose == "../app/compose.yaml"


@pytest.mark.parametrize(
    ("compose", "expected"),
    [
        ("services: {db: {image: postgres, ports: ['5432']}}", "no service publishes a port"),
        ("version: 3", "expected a compose file with a mapping of services"),
        ("", "the file is empty"),
    ],
)
def test_a_compose_file_without_anything_to_call(here: Path, compose: str, expected: str) -> None:
    with pytest.raises(BadInput, match=expected):
        drafts(here, compose)
    assert [path.name for path in here.iterdir()] == ["compose.yaml"]


def test_the_committed_draft_of_the_example_is_what_init_writes() -> None:
    first = schema_line(EXAMPLE / "stack.draft.yaml", STACK_SCHEMA)
    written = first + draft_stack(guess(EXAMPLE / "docker-compose.yml"))
    assert written == (EXAMPLE / "stack.draft.yaml").read_text(encoding="utf-8")


def test_the_example_s_compose_file_knows_nothing_of_the_harness() -> None:
    text = (EXAMPLE / "docker-compose.yml").read_text(encoding="utf-8").lower()
    assert not [word for word in ("toxi", "gameday", "chaos", "prox", "label") if word in text]


@pytest.mark.parametrize(
    ("value", "port"),
    [
        ("postgresql://u:p@svc/orders", 5432),
        ("postgresql+psycopg://u:${PW:?set it}@svc/orders?sslmode=off", 5432),
        ("jdbc:mysql://svc/orders", 3306),
        ("redis://cache/0 redis://svc/0", 6379),
        ("http://svc", 80),
        ("http://svc?deep=1", 80),
        ("https://svc/x", 443),
        ("amqp://u:p@svc", 5672),
        ("mongodb://other,svc/db", 27017),
        ("mongodb://u:p@other:1,svc:2/db", 2),
        ("http://${HOST:-svc}:${PORT:-8080}/", 8080),
        ("http://svc:${PORT}/", 9999),
        ("tcp://svc", 9999),
        ("svc:7000", 7000),
        ("other:1,svc:7000", 7000),
    ],
)
def test_an_address_in_the_environment_is_a_link(here: Path, value: str, port: int) -> None:
    compose = (
        f"services:\n  web: {{build: ., ports: [80], environment: {{A: '{value}'}}}}\n"
        "  svc: {image: own, expose: [9999]}\n  other: {image: own}\n  cache: {image: own}\n"
    )
    drafts(here, compose)
    assert load_stack(Path("stack.yaml")).stack.links[as_link("web->svc")] == port


@pytest.mark.parametrize("value", ["http://svc.example.com", "http://x/svc", "svc", "http://u:svc@x"])
def test_a_name_that_is_no_host_is_no_link(here: Path, value: str) -> None:
    compose = (
        f"services:\n  web: {{build: ., ports: [80], environment: {{A: '{value}'}}}}\n"
        "  svc: {image: own, expose: [9999]}\n"
    )
    drafts(here, compose)
    assert [str(link) for link in load_stack(Path("stack.yaml")).stack.links] == ["clients->web"]


def test_variables_that_look_secret_are_proposed_for_redaction(here: Path) -> None:
    variables = {
        "DB_PASSWORD": "hunter22",
        "client_secret": "hunter22",
        "AUTH_TOKEN": "${AUTH_TOKEN}",
        "MAIL_API_KEY": "hunter22",
        "DATABASE_URL": "postgresql://u:${PW:?set it}@web/orders",
        "PLAIN_URL": "http://web:80/a@b",
        "USER_URL": "http://u@web/",
        "DB_PASSWORD_FILE": "/run/x",
        "TOKEN_TTL_SECONDS": "3600",
        "POSTGRES_PASSWORD": "postgres",
        "LEVEL": "info",
    }
    body = "".join(f"      {name}: '{value}'\n" for name, value in variables.items())
    drafts(
        here,
        f"services:\n  postgres: {{image: 'postgres:17'}}\n  web:\n    build: .\n    ports: [80]\n"
        f"    environment:\n{body}",
    )
    stack = load_stack(Path("stack.yaml")).stack
    assert stack.redact == ["DB_PASSWORD", "client_secret", "AUTH_TOKEN", "MAIL_API_KEY", "DATABASE_URL"]


def test_the_drafted_scenario_ends_with_what_it_does_not_promise_yet(here: Path) -> None:
    last = drafts(here, SHOP)[1].read_text().splitlines()[-1]
    assert last.startswith("# So far this expects only recovery: add degradation, detection")


def test_a_link_that_leads_nowhere_is_not_replaced(here: Path) -> None:
    (here / "stack.yaml").symlink_to(here / "gone.yaml")
    (here / "docker-compose.yml").write_text('services: {web: {image: nginx, ports: ["8000"]}}\n')
    with pytest.raises(BadInput, match="already exists"):
        write_drafts(here / "docker-compose.yml", here)
    assert (here / "stack.yaml").is_symlink()


def test_a_folder_that_is_a_link_is_not_written_through(here: Path) -> None:
    outside = here.parent / "outside"
    outside.mkdir()
    (here / "scenarios").symlink_to(outside)
    (here / "docker-compose.yml").write_text('services: {web: {image: nginx, ports: ["8000"]}}\n')
    with pytest.raises(BadInput, match="already exists"):
        write_drafts(here / "docker-compose.yml", here)
    assert not list(outside.iterdir())
    assert not (here / "stack.yaml").exists()


@pytest.mark.parametrize(
    "name", ["../x", "/tmp/x", "a\nstack: other", "..", "x: {role: app}\n#", "\x1b[2J", "a b", "#"]
)
def test_whatever_a_service_is_called_the_drafts_stay_inside_and_are_accepted_or_refused(
    here: Path, name: str
) -> None:
    services = {name: {"image": "nginx", "ports": ["8000"]}, "db": {"image": "postgres"}}
    (here / "docker-compose.yml").write_text(json.dumps({"services": services}))
    before = set(here.parent.rglob("*"))
    try:
        made = write_drafts(here / "docker-compose.yml", here)
    except BadInput:
        made = ()
    new = {path for path in set(here.parent.rglob("*")) - before if path.is_file()}
    assert new == {here / path for path in made}
    if made:
        stack = load_stack(made[0]).stack
        assert (stack.stack, list(stack.services)) != ("other", [])
        assert set(stack.services) <= {name, "db"}


@pytest.mark.parametrize(
    ("line", "dotenv", "name"),
    [
        ("", "", "folder"),
        ("name: from-file", "", "from-file"),
        ("name: ${SHOP:-from_default}", "", "from_default"),
        ("name: ${NO_SUCH}", "", "folder"),
        ("name: from-file", "COMPOSE_PROJECT_NAME=from-env", "from-env"),
        ("include: [part.yml]", "", "folder"),
    ],
)
def test_the_stack_has_the_name_of_the_project(
    here: Path, monkeypatch: pytest.MonkeyPatch, line: str, dotenv: str, name: str
) -> None:
    monkeypatch.delenv("COMPOSE_PROJECT_NAME", raising=False)
    folder = here / "folder"
    folder.mkdir()
    (folder / ".env").write_text(dotenv)
    (folder / "part.yml").write_text("name: part\nservices: {db: {image: postgres}}\n")
    (folder / "compose.yml").write_text(f"{line}\nservices: {{web: {{image: nginx, ports: ['80']}}}}\n")
    assert load_stack(write_drafts(folder / "compose.yml", here / "drafts")[0]).stack.stack == name
