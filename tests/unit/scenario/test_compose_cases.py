"""What ``gameday init`` drafts from compose projects as people write them, and that validate accepts it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chaos.errors import BadInput
from chaos.model.stack import as_link
from chaos.scenario import LoadedScenario, load_scenario, load_stack
from chaos.scenario.compose import ComposeProject, read_compose_project
from chaos.scenario.draft import write_drafts

pytestmark = pytest.mark.thorough

CASES = Path(__file__).parent / "compose_cases"
NAMES = ("compose.yml", "docker-compose.yml")
REFUSED = {
    "min-18-host-network": "shop has network_mode host, so it cannot have a proxy",
    "min-31-service-clients": "a service is named 'clients'",
}
BY_HAND = """\
stack: x
compose: compose.yml
services: {vpn: {role: app}, shop: {role: app}, store: {role: postgres}}
links:
  clients->vpn: 8000
  shop->store: 5432
load: {c: {entry: clients->vpn, requests: [{request: GET /}]}}
"""
FOLDERS = sorted({file.parent for name in NAMES for file in CASES.rglob(name)})


def drafted(here: Path, case: str) -> LoadedScenario:
    """The drafts of a case, read again by what ``gameday validate`` reads with."""
    folder = here / Path(case).name
    shutil.copytree(CASES / case, folder)
    (folder / "stack.yaml").unlink(missing_ok=True)
    shutil.rmtree(folder / "scenarios", ignore_errors=True)
    (compose,) = (folder / name for name in NAMES if (folder / name).is_file())
    return load_scenario(write_drafts(compose, folder)[1])


def links(loaded: LoadedScenario) -> dict[str, int]:
    return {str(link): port for link, port in loaded.stack.links.items()}


def roles_of(loaded: LoadedScenario) -> dict[str, str]:
    return {name: str(found.role) for name, found in loaded.stack.services.items()}


def remarks(loaded: LoadedScenario) -> str:
    lines = (loaded.stack_root / "stack.yaml").read_text(encoding="utf-8").splitlines()
    return " ".join(line.strip("# ") for line in lines if line.startswith(("# - ", "#   ")))


@pytest.mark.parametrize("case", [str(folder.relative_to(CASES)) for folder in FOLDERS])
def test_every_draft_is_accepted_or_refused_with_the_reason(here: Path, case: str) -> None:
    if case in REFUSED:
        with pytest.raises(BadInput, match=REFUSED[case]):
            drafted(here, case)
    else:
        assert drafted(here, case).stack.links


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("min-04-port-var", {"clients->shop": 8000, "shop->store": 5432}),
        ("min-05-include", {"clients->shop": 8000, "shop->store": 5432}),
        ("min-06-extends", {"clients->shop": 8000, "shop->store": 5432}),
        (
            "min-07-image-worker",
            {
                "clients->shop": 8000,
                "shop->store": 5432,
                "shop->queue": 6379,
                "worker->store": 5432,
                "worker->queue": 6379,
            },
        ),
        ("min-10-published-store", {"clients->shop": 8000, "shop->events": 9092}),
        ("min-11-first-port", {"clients->forge": 8080}),
        ("min-11b-udp-first", {"clients->tracer": 16686}),
        ("min-12-sexagesimal", {"clients->mailer": 8025}),
        ("min-16-links", {"clients->shop": 8000, "shop->store": 5432, "shop->cache": 6379}),
        ("min-17-container-name", {"clients->shop": 8000, "shop->store": 5433, "shop->cache": 6380}),
        ("min-18b-sidecar", {"clients->vpn": 8000}),
        ("min-20-oneshot", {"clients->shop": 8000, "shop->store": 5432}),
        ("min-22-udp", {"clients->shop": 8000}),
        ("min-23-static-ip", {"clients->shop": 8000, "shop->store": 5432}),
        ("min-30-hostname", {"clients->shop": 8000, "shop->bus": 5672}),
        ("min-36-unknown-port", {"clients->front": 80, "front->shop": 5000}),
        ("min-40-command-address", {"clients->shop": 8000, "shop->store": 5432, "shop->cache": 6379}),
        ("min-41-quoted-name", {"clients->shop": 8000, "shop->1234": 5432}),
        ("min-48-env-file", {"clients->shop": 8000, "shop->store": 5433}),
        ("min-49-nested-default", {"clients->shop": 8000, "shop->cache": 6380}),
        ("min-50-required-var", {"clients->shop": 8000, "shop->store": 5432}),
        ("min-53-first-of-many-ports", {"clients->shop": 8000, "shop->registry": 8500}),
    ],
)
def test_links(here: Path, case: str, expected: dict[str, int]) -> None:
    assert links(drafted(here, case)) == expected


@pytest.mark.parametrize(
    ("case", "entry", "path"),
    [
        ("min-10-published-store", "shop", "/"),
        ("min-13-health-path", "shop", "/"),
        ("min-13c-health-nonhttp", "shop", "/"),
        ("min-13d-health-noscheme", "shop", "/health"),
        ("min-14-health-dollar", "shop", "/health"),
        ("min-14b-health-var", "shop", "/"),
        ("min-27-seed-client", "shop", "/"),
        ("min-08-image-words", "shop", "/"),
    ],
)
def test_the_entry_speaks_http_to_people(here: Path, case: str, entry: str, path: str) -> None:
    profile = drafted(here, case).stack.load["clients"]
    assert (profile.entry.target, profile.requests[0].request) == (entry, f"GET {path}")


def test_roles_by_the_last_part_of_an_image(here: Path) -> None:
    roles = {
        name: str(found.role) for name, found in drafted(here, "min-09-image-variants").stack.services.items()
    }
    assert [name for name, role in roles.items() if role == "postgres"] == ["a", "f", "h", "i"]
    assert [name for name, role in roles.items() if role == "redis"] == ["j"]


def test_what_serves_a_store_is_no_store(here: Path) -> None:
    roles = {
        name: str(found.role) for name, found in drafted(here, "min-08-image-words").stack.services.items()
    }
    assert [name for name, role in roles.items() if role in ("postgres", "redis")] == ["store", "cache"]


@pytest.mark.parametrize(
    ("case", "service", "profile"),
    [("min-01-profile", "adminui", "tools"), ("min-26-dotenv-profiles", "mailer", "full")],
)
def test_a_profile_stands_in_the_draft(here: Path, case: str, service: str, profile: str) -> None:
    loaded = drafted(here, case)
    assert loaded.stack.services[service].profile == profile
    assert not loaded.scenario.profiles


def test_the_override_file_beside_counts_for_the_run_too(here: Path) -> None:
    stack = drafted(here, "min-28-override-beside").stack
    assert list(stack.services) == ["shop", "store", "cache"]
    assert stack.compose_files == ("docker-compose.yml", "docker-compose.override.yml")


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("min-18b-sidecar", "shop: network_mode service:vpn: no proxy fits between it and vpn, store"),
        ("min-20-oneshot", "migrate: it is a job that ends, so it reaches store without a link"),
        ("min-22-udp", "shop: no link to stats: it uses UDP (8125), which bypasses the proxies"),
        ("min-23-static-ip", "shop: a run has other networks, so it replaces store's fixed address"),
        ("min-36-unknown-port", "front: gameday guessed port 5000 of shop from the command of shop"),
        ("min-45-multidoc", "shop: no address of another service found"),
    ],
)
def test_what_was_left_out_stands_in_a_comment(here: Path, case: str, said: str) -> None:
    assert said in remarks(drafted(here, case))


@pytest.mark.parametrize("case", ["min-05b-include-by-hand", "min-26-dotenv-profiles"])
def test_a_stack_by_hand_is_accepted(case: str) -> None:
    assert load_scenario(CASES / case / "scenarios" / "store-down.yaml").stack.links


def test_validate_refuses_a_link_on_which_no_proxy_fits(here: Path) -> None:
    shutil.copytree(CASES / "min-18b-sidecar", here / "case")
    (here / "case" / "stack.yaml").write_text(BY_HAND)
    with pytest.raises(BadInput, match="6:3: no proxy can carry shop->store: service shop has network_mode"):
        load_stack(here / "case" / "stack.yaml", "stack.yaml")


def test_every_port_of_a_target_stands_before_the_proxies() -> None:
    shop = project_of_case("min-53-first-of-many-ports")
    assert shop.services["registry"].ports == (8300, 8400, 8500)


def project_of_case(case: str) -> ComposeProject:
    files = (CASES / case / name for name in NAMES)
    return read_compose_project(next(file for file in files if file.is_file()))


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("min-18b-sidecar", "shop: it shares the network of vpn"),
        ("min-53-first-of-many-ports", "shop->registry: a fault on the link affects TCP alone; UDP (53)"),
    ],
)
def test_validate_says_what_a_proxy_cannot_carry(here: Path, case: str, said: str) -> None:
    assert any(note.startswith(said) for note in drafted(here, case).notes)


MANY = """\
services:
  shop: {image: acme/shop, ports: ["8000:8000"], depends_on: [work], deploy: {replicas: 1}}
  work: {image: acme/work, expose: ["9000"], deploy: {replicas: 3}}
"""


def test_a_service_with_replicas_is_broken_by_its_link(here: Path) -> None:
    (here / "compose.yml").write_text(MANY)
    loaded = load_scenario(write_drafts(here / "compose.yml", here)[1])
    assert "fault: link.down, link: shop->work" in loaded.text
    assert any(note.startswith("work: 3 replicas") for note in loaded.notes)


def test_a_fault_in_one_of_several_containers_is_refused(here: Path) -> None:
    (here / "compose.yml").write_text(MANY)
    scenario = write_drafts(here / "compose.yml", here)[1]
    text = scenario.read_text().replace("link.down, link: shop->work", "container.kill, service: work")
    scenario.write_text(text)
    with pytest.raises(BadInput, match=r"container\.kill: work has 3 replicas, and the fault would hit"):
        load_scenario(scenario)


MONITORED = """\
services:
  shop: {image: acme/shop, ports: ["8000:8000"], depends_on: [store]}
  store: {image: "postgres:16"}
  watch:
    image: prom/prometheus:v2.53.0
    volumes: ["./prom:/etc/prometheus:ro"]
"""
RULES = """\
groups:
  - name: shop
    rules: [{alert: breaker_open, expr: "payment_breaker_state == 1", for: 1m}]
"""


def monitored(here: Path) -> Path:
    (here / "prom" / "rules").mkdir(parents=True)
    (here / "prom" / "prometheus.yml").write_text("rule_files: [rules/*.yml]\n")
    (here / "prom" / "rules" / "shop.yml").write_text(RULES)
    (here / "compose.yml").write_text(MONITORED)
    return here / "compose.yml"


def test_init_proposes_the_prometheus_that_the_project_has(here: Path) -> None:
    loaded = drafted_from(monitored(here))
    assert loaded.stack.prometheus is not None
    assert loaded.stack.prometheus.rules == ["prom/rules/shop.yml"]
    assert loaded.detection is not None
    assert [rule.alert for rule in loaded.detection.rules] == ["breaker_open"]
    text = (here / "stack.yaml").read_text()
    assert "#   payment_breaker_state: {metric: payment_breaker_state" in text
    assert "#   store: {rto: 4h, rpo: 1h}" in text


def test_a_prometheus_that_cannot_be_read_is_left_out_with_the_reason(here: Path) -> None:
    file = monitored(here)
    (here / "prom" / "rules" / "shop.yml").write_text("groups: [")
    loaded = drafted_from(file)
    assert loaded.stack.prometheus is None
    assert (
        "# prometheus: left out, because gameday cannot read its files" in (here / "stack.yaml").read_text()
    )


def test_every_dependency_gets_a_scenario_for_each_kind_of_fault(here: Path) -> None:
    (here / "compose.yml").write_text(
        MANY.replace("acme/shop,", "acme/shop, environment: {DB: 'redis://db'},")
    )
    with (here / "compose.yml").open("a") as file:
        file.write("  db: {image: redis}\n")
    written = write_drafts(here / "compose.yml", here, every=True)
    names = {path.stem for path in written}
    assert {f"db-{kind}" for kind in ("kill", "hang", "slow", "cut", "reset")} <= names
    assert "work-cut" in names
    assert "work-kill" not in names, "one of three containers would be hit"
    assert all(load_scenario(path) for path in written[1:])


@pytest.mark.parametrize("case", ["min-07-image-worker", "min-51-many-clients", "min-01-profile"])
def test_every_scenario_of_every_dependency_is_accepted(here: Path, case: str) -> None:
    shutil.copytree(CASES / case, here / "case")
    compose = next(here / "case" / name for name in NAMES if (here / "case" / name).is_file())
    written = write_drafts(compose, here / "case", every=True)
    assert len(written) > 5
    assert all(load_scenario(path) for path in written[1:])


def chained(here: Path, count: int) -> Path:
    """A project in which each service calls the next, so that each needs networks of its own."""
    services = "".join(
        f"  s{n}: {{image: acme/s{n}, ports: ['8000'], environment: {{NEXT: 'http://s{n + 1}:8000'}}}}\n"
        for n in range(count)
    )
    (here / "compose.yml").write_text(f"services:\n{services}  s{count}: {{image: redis, ports: ['8000']}}\n")
    return here / "compose.yml"


def test_init_leaves_out_links_that_the_engine_has_no_networks_for(here: Path) -> None:
    loaded = drafted_from(chained(here, 40))
    assert "the engine's address pools hold 30; left out: s39->s40" in remarks(loaded)
    assert as_link("s0->s1") in loaded.stack.links


def drafted_from(compose: Path) -> LoadedScenario:
    return load_scenario(write_drafts(compose, compose.parent)[1])


def test_validate_counts_networks(here: Path) -> None:
    loaded = drafted_from(chained(here, 8))
    file = loaded.stack_root / "stack.yaml"
    text = file.read_text()
    file.write_text(text + "networks: 5\n")
    with pytest.raises(BadInput, match=r"needs \d+ networks, but the engine's address pools hold only 5"):
        load_stack(file, "stack.yaml")
    file.write_text(text + "networks: 60\n")
    assert load_stack(file).stack.networks == 60


def with_as_is(here: Path, entry: str) -> Path:
    """A scenario that loses an external volume, where stack.yaml uses ``entry`` as it is."""
    shutil.copytree(CASES / "min-56-lose-external", here / "case")
    stack = here / "case" / "stack.yaml"
    stack.write_text(stack.read_text(encoding="utf-8") + f"use_as_is: [{entry}]\n", encoding="utf-8")
    return here / "case" / "scenarios" / "lost.yaml"


def test_a_volume_of_the_owner_may_be_lost_because_the_run_has_its_own(here: Path) -> None:
    assert load_scenario(with_as_is(here, "volume uploads")).scenario.scenario == "lost"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("volume pg", "losing it would delete the owner's data"),
        ("volume upload", "use_as_is: the compose file has no volume upload"),
        ("network outer", "use_as_is: the compose file has no network outer"),
        ("bind ./gone", "use_as_is: the compose file has no bind ./gone"),
        ("uploads", "expected text of the form"),
    ],
)
def test_use_as_is_names_something_that_is_there_and_survives(here: Path, entry: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        load_scenario(with_as_is(here, entry))
