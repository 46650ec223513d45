from __future__ import annotations

from pathlib import Path

import pytest

from chaos.errors import BadInput
from chaos.scenario import load_stack
from tests.unit.scenario.files import COMPOSE, SCENARIO, STACK, complaints, lay_out, load, swapped


def stack_complaints() -> list[str]:
    try:
        load_stack(Path("stack/stack.yaml"))
    except BadInput as bad:
        return [str(problem) for problem in bad.problems]
    return []


def test_a_right_stack_becomes_typed_values(here: Path) -> None:
    lay_out(here)
    loaded = load_stack(Path("stack/stack.yaml"))
    assert loaded.root == here / "stack"
    assert [str(link) for link in loaded.stack.link_names()] == ["clients->till", "till->shelf"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("compose:", "compos:", "2:1: unknown key 'compos' (did you mean 'compose'?)"),
        ("role: redis", "role: reddis", "5:17: role: expected 'app', 'http', 'postgres', 'redis', "),
        ("tier: 1", "tier: 5", "4:27: tier: expected at most 4, got 5"),
        (
            "  shelf: {role",
            "  shelv: {role",
            "5:3: service 'shelv' is not in compose.yaml (did you mean 'shelf'?)",
        ),
        ("  watch: {", "  clients: {", "6:3: 'clients' stands for callers from outside"),
        (
            "clients->till: 8000",
            "clients-till: 8000",
            "8:3: links: expected a link as client->target, got 'clients-till'",
        ),
        (
            "till->shelf: 6379",
            "till->self: 6379",
            "9:3: link till->self: unknown service 'self' (did you mean 'shelf'?)",
        ),
        (
            "till->shelf: 6379",
            "till->clients: 6379",
            "9:3: link till->clients: unknown service 'clients' (known: ",
        ),
        ("till->shelf: 6379", "till->shelf: x", "9:16: till->shelf: expected a whole number, got 'x'"),
        ("service: watch", "service: witch", "10:23: unknown service 'witch' (did you mean 'watch'?)"),
        (
            "config: prometheus.yml",
            "config: p.yml",
            "10:38: no such file 'p.yml' (paths are relative to stack.yaml)",
        ),
        ("[rules.yml]", "[rule.yml]", "10:62: no such file 'rule.yml' (paths are relative to stack.yaml)"),
        ("paced: {till", "paced: {tilt", "11:9: unknown service 'tilt' (did you mean 'till'?)"),
        (
            "till.PATIENCE",
            "till.PATIENT",
            "13:68: breaker shelf: 'till.PATIENT' is not a paced variable (did you mean ",
        ),
        (
            "json: {status: $status}",
            "json: {status: $state}",
            "17:13: lever shelf.errors, inject: $state is not a parameter",
        ),
        (
            "json: {status: $status}",
            "json: {status: $status, note: 5$}",
            "17:13: lever shelf.errors, inject: a $ in '5$' is not a placeholder",
        ),
        (
            "{command: {service: till,",
            "{command: {service: tilt,",
            "19:35: lever shelf.errors, readback: unknown service",
        ),
        (
            "{http: {service: till, path: /, ",
            "{htp: {service: till, path: /, ",
            "20:15: unknown key 'htp' (did you mean",
        ),
        (
            "entry: clients->till",
            "entry: clients->shelf",
            "23:12: load profile shoppers: unknown link clients->shelf",
        ),
        (
            "data: wares.csv",
            "data: wares.csv\n    timeout: 0s",
            "25:14: timeout: expected more than 0, got '0s'",
        ),
        ("data: wares.csv", "data: ware.csv", "24:11: load profile shoppers: no such file 'ware.csv'"),
        (
            "ware=$ware",
            "ware=$were",
            "25:16: load profile shoppers: $were is neither built in nor a column of its data",
        ),
        (
            "ware=$ware&",
            "",
            "24:11: load profile shoppers: no request uses a column of wares.csv (columns: price, ware)",
        ),
        (
            "GET /?ware",
            "get /?ware",
            "25:26: request: expected text of the form ^[A-Z]+ /\\S*$, got 'get /?ware",
        ),
    ],
)
def test_one_mistake_is_a_problem_at_its_place(here: Path, old: str, new: str, expected: str) -> None:
    lay_out(here, stack=swapped(STACK, old, new))
    found = stack_complaints()
    assert any(problem.startswith(f"stack/stack.yaml:{expected}") for problem in found), found


@pytest.mark.parametrize(
    ("wares", "expected"),
    [
        ("ware,price\n", "stack/wares.csv: holds no data row"),
        ("ware,price\nsoap,3,4\n", "stack/wares.csv:2:1: expected 2 columns as in the first line"),
        ("ware,price\nsoap,3\ntea\n", "stack/wares.csv:3:1: expected 2 columns as in the first line"),
        ('ware,price\nsoap,"3\n', "stack/wares.csv:2:1: cannot be read as CSV: unexpected end of data"),
        ("ware,price\nчай,3\n", "stack/wares.csv:2:1: ware is sent in a header: expected one line of Latin"),
        ('ware,price\n"tea\nX: y",3\n', "stack/wares.csv:3:1: ware is sent in a header: expected one line"),
    ],
)
def test_rows_that_no_request_can_hold_are_refused_before_anything_starts(
    here: Path, wares: str, expected: str
) -> None:
    header = '{request: "GET /?ware=$ware&id=$uuid", headers: {X-Ware: $ware}}'
    lay_out(here, stack=swapped(STACK, '{request: "GET /?ware=$ware&id=$uuid"}', header), wares=wares)
    assert [problem[: len(expected)] for problem in stack_complaints()] == [expected]


def test_a_lever_acts_in_exactly_one_way(here: Path) -> None:
    lay_out(here, stack=swapped(STACK, "{command: {service: till, argv: [test, -f, /quiet]}}", "{}"))
    assert stack_complaints() == [
        "stack/stack.yaml:19:15: lever shelf.errors, readback: expected exactly one of http, command"
    ]


def test_two_dollars_are_a_dollar_sign_and_one_alone_is_nothing(here: Path) -> None:
    text = swapped(STACK, "&id=$uuid", "&id=${uuid}&sum=5$$state")
    lay_out(here, stack=swapped(text, "path: /, status: $status", "path: /$$state, status: $status"))
    assert stack_complaints() == []
    lay_out(here, stack=swapped(STACK, "&id=$uuid", "&sum=5$"))
    (found,) = stack_complaints()
    assert found.startswith(
        "stack/stack.yaml:25:16: load profile shoppers: a $ in 'GET /?ware=$ware&sum=5$' is no"
    )


def test_a_lever_to_a_service_that_no_one_dials_names_its_port(here: Path) -> None:
    text = swapped(STACK, "revert: {http: {service: till,", "revert: {http: {service: watch,")
    lay_out(here, stack=text)
    assert stack_complaints() == [
        "stack/stack.yaml:18:20: lever shelf.errors, revert: no link leads to 'watch', "
        "so its port is unknown (add port:)"
    ]
    lay_out(here, stack=swapped(text, "service: watch, method", "service: watch, port: 9090, method"))
    assert stack_complaints() == []


@pytest.mark.parametrize(
    ("compose", "expected"),
    [
        ("", "stack/compose.yaml:1:1: the file is empty"),
        ("services: []\n", "stack/compose.yaml:1:11: expected a compose file with a mapping of services"),
        ("services: {till: [}\n", "stack/compose.yaml:1:19: not valid YAML"),
        ("services: {till: 3}\n", "stack/compose.yaml:1:18: service till: expected a mapping"),
    ],
)
def test_a_compose_file_that_is_none(here: Path, compose: str, expected: str) -> None:
    lay_out(here, compose=compose)
    assert [problem[: len(expected)] for problem in stack_complaints()] == [expected]


def test_compose_may_use_its_own_tags_and_merge_keys(here: Path) -> None:
    compose = COMPOSE + "  more: {<<: {image: x}, ports: !override [], build: !reset null}\n"
    lay_out(here, compose=compose)
    assert stack_complaints() == []


def test_a_missing_compose_file(here: Path) -> None:
    lay_out(here)
    Path("stack/compose.yaml").unlink()
    assert stack_complaints() == ["stack/compose.yaml: no such file (check the path)"]


@pytest.mark.parametrize("reference", ["./stack/stack.yaml", "stack/", "shop"])
def test_a_stack_is_found_by_path_and_by_name(here: Path, reference: str) -> None:
    path = lay_out(here, scenario=swapped(SCENARIO, "stack: shop", f"stack: {reference}"))
    assert load(path).stack.stack == "shop"


def test_the_nearest_stack_of_a_name_wins_and_others_are_passed_by(here: Path) -> None:
    lay_out(here)
    inner = here / "deep" / "er"
    inner.mkdir(parents=True)
    (here / "deep" / "stack.yaml").write_text("stack: another\n")
    (inner / "it.yaml").write_text(SCENARIO)
    assert load(inner / "it.yaml").stack_root == here / "stack"


def test_an_unreadable_stack_file_is_what_is_complained_about(here: Path) -> None:
    path = lay_out(here, stack="stack: [")
    assert complaints(path)[0].startswith("stack/stack.yaml:1:9: not valid YAML")


PART = """\
levers:
  shelf.full:
    inject: {command: {service: shelf, argv: [fill]}}
    readback: {command: {service: shelf, argv: [empty]}}
    witness: {command: {service: SERVICE, argv: [full]}}
"""


def lay_out_with_part(here: Path, part: str, named: str = "parts: [levers/shelf.yaml]\n") -> None:
    lay_out(here, stack=STACK + named)
    (here / "stack" / "levers").mkdir()
    (here / "stack" / "levers" / "shelf.yaml").write_text(part)


def test_a_part_adds_its_levers_to_those_of_the_stack_file(here: Path) -> None:
    lay_out(here)
    alone = set(load_stack(Path("stack/stack.yaml")).stack.levers)
    lay_out_with_part(here, PART.replace("SERVICE", "shelf"))
    assert set(load_stack(Path("stack/stack.yaml")).stack.levers) == alone | {"shelf.full"}


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (
            PART.replace("SERVICE", "shelv"),
            "stack/levers/shelf.yaml:5:34: lever shelf.full, witness: unknown service 'shelv'",
        ),
        (PART.replace("inject:", "injekt:"), "stack/levers/shelf.yaml:3:5: unknown key 'injekt'"),
        (
            "services: {}\n",
            "stack/levers/shelf.yaml:1:1: unknown key 'services' in a part (a part can have levers",
        ),
        ("levers: []\n", "stack/levers/shelf.yaml:1:9: expected a mapping of names"),
        ("levers: {a: 1, a: 2}\n", "stack/levers/shelf.yaml:1:16: duplicate key 'a'"),
    ],
)
def test_what_is_wrong_in_a_part_is_named_where_it_stands(here: Path, part: str, expected: str) -> None:
    lay_out_with_part(here, part)
    found = stack_complaints()
    assert any(line.startswith(expected) for line in found), found


def test_a_part_that_is_not_there_and_a_name_given_twice_are_refused(here: Path) -> None:
    lay_out_with_part(here, PART, "parts: [levers/self.yaml]\n")
    (missing,) = stack_complaints()
    assert "no such file 'levers/self.yaml' (paths are relative to stack.yaml)" in missing
    part = PART.replace("SERVICE", "shelf")
    (here / "stack" / "stack.yaml").write_text(STACK + "parts: [levers/shelf.yaml, levers/again.yaml]\n")
    for name in ("shelf", "again"):
        (here / "stack" / "levers" / f"{name}.yaml").write_text(part)
    (twice,) = stack_complaints()
    assert twice.startswith("stack/levers/again.yaml:2:3: levers: 'shelf.full' is in another file")
