"""A ledger that cannot be written or read back, and an expectation of it, are refused at their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.errors import BadInput
from chaos.registry import kinds
from chaos.scenario import load_scenario, load_stack
from tests.unit.scenario.files import COMPOSE, STACK, lay_out, swapped

LEDGER = """\
ledgers:
  sales:
    entry: clients->till
    write: {request: POST /sales, headers: {Key: $id}, json: {box: B-$slot, since: $from}, refused: [409]}
    observe: {request: "GET /sales?key=$id"}
    fields: {box: B-$slot, since: $from}
    exclusive: {resource: box, from: since, to: until}
    conflict: 0.1
    stores:
      shelf:
        command: {service: shelf, argv: [list, $prefix]}
        format: jsonl
        id: key
        fields: {box: b, since: o, until: u}
      till: {http: {service: till, path: "/sales?p=$prefix"}, rows: sales, id: key}
"""
WHOLE = STACK + LEDGER
SCENARIO = """\
scenario: shelf-killed
title: The shelf is killed
stack: shop
ledgers: [{ledger: sales, rate: 2/s}]
steady_state:
  - http: {service: till, path: /ready}
timeline:
  - {at: 1m, fault: container.kill, service: shelf, for: 1m}
expect:
  data: {ledger: sales, rpo: 1m}
"""


def stack_complaints() -> list[str]:
    try:
        load_stack(Path("stack/stack.yaml"))
    except BadInput as bad:
        return [str(problem) for problem in bad.problems]
    return []


def test_a_right_ledger_becomes_typed_values(here: Path) -> None:
    lay_out(here, stack=WHOLE)
    facts = load_stack(Path("stack/stack.yaml")).stack.ledgers["sales"]
    assert (facts.authority, list(facts.stores)) == ("shelf", ["shelf", "till"])


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("    entry: clients->till\n    w", "    w", "write sends a request, but there is no entry:"),
        ("    entry: clients->till\n    w", "    entry: clients->tilt\n    w", "unknown link clients->tilt"),
        ("    entry: clients->till\n    w", "    entry: till->shelf\n    w", "writers are clients"),
        ("Key: $id", "Key: $seq", "ledger sales: write does not use $id"),
        ("since: $from}, refused", "since: $form}, refused", "sales, write: unknown placeholder $form"),
        ("since: $from}, refused", "since: 5$}, refused", "write: a $ in '5$' is not a placeholder"),
        ("key=$id", "key=$seq", "ledger sales, observe: unknown placeholder $seq"),
        ("[list, $prefix]", "[list, $id]", "ledger sales, stores: unknown placeholder $id"),
        ("fields: {box: B-$slot, since: $from}", "fields: {box: $box}", "fields: unknown placeholder"),
        ("refused: [409]", "refused: [201]", "ledger sales: 201 is under both acknowledged and refused"),
        ("refused: [409]", "timeout: 0s", "timeout: expected more than 0, got '0s'"),
        ("key=$id\"", "key=$id\", timeout: 0s", "timeout: expected more than 0, got '0s'"),
        ("argv: [list, $prefix]", "argv: [list, $prefix], timeout: 0s", "timeout: expected more than 0, got"),
        ("path: \"/sales?p=$prefix\"", "path: /s, timeout: 0s", "timeout: expected more than 0, got '0s'"),
        ("refused: [409]", "prints: OK", "ledger sales: prints needs command"),
        ("{service: shelf, argv: [list", "{service: shelv, argv: [list", "unknown service 'shelv'"),
        ("service: till, path: \"/s", "service: watch, path: \"/s", "no link leads to 'watch'"),
        ("format: jsonl", "format: jsonl\n        rows: a.b", "rows is a path in a JSON answer, and the"),
        ("{box: b, since", "{bax: b, box: b, since", "'bax' is not a field of the ledger"),
        (", until: u", "", "exclusive needs 'until' in every row, and shelf does not have it"),
        ("{box: B-$slot, since: $from}, refused", "{}, refused", "without $slot, $from or $to no write can"),
        ("conflict: 0.1", "conflict: 0.9", "conflict: expected at most 0.5, got 0.9"),
        ("write: {request: POST /sales", "write: {command: {service: till, argv: [x]}, request: POST /sales",
         "expected exactly one of request, command"),
    ],
)  # fmt: skip
def test_one_mistake_is_a_problem_at_its_place(here: Path, old: str, new: str, expected: str) -> None:
    lay_out(here, stack=swapped(WHOLE, old, new))
    (found,) = {problem for problem in stack_complaints() if expected in problem} or {str(stack_complaints())}
    assert expected in found
    line = int(found.split(":")[1])
    assert found.startswith(f"stack/stack.yaml:{line}:")
    assert line > STACK.count("\n"), "it stands in the ledger"


def complaints(here: Path, text: str, stack: str = WHOLE, compose: str = COMPOSE) -> list[str]:
    path = lay_out(here, stack=stack, scenario=text, compose=compose)
    try:
        load_scenario(path, kinds())
    except BadInput as bad:
        return [str(problem).partition(":")[2] for problem in bad.problems]
    return []


def test_a_right_expectation_is_right(here: Path) -> None:
    assert complaints(here, SCENARIO) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[{ledger: sales", "[{ledger: sails", "4:20: unknown ledger 'sails' (did you mean 'sales'?)"),
        ("2/s}]", "2/s}, {ledger: sales}]", "4:48: ledger sales is listed twice"),
        ("data: {ledger: sales", "data: {ledger: sails", "10:18: unknown ledger 'sails' (did you mean"),
        ("ledgers: [{ledger: sales, rate: 2/s}]\n", "", "9:18: no load writes to ledger sales"),
        ("rpo: 1m", "lost: 2", "10:31: lost: 2 has no effect: with an RPO of 0s no lost write is allowed"),
        (
            "{ledger: sales, rpo: 1m}",
            "[{ledger: sales}, {ledger: sales, store: shelf}]",
            "10:27: two expectations are about store shelf of ledger sales",
        ),
        ("rpo: 1m", "store: shelv", "10:32: ledger sales has no store 'shelv' (did you mean 'shelf'?)"),
        ("rpo: 1m", "rpo: 2m", "10:30: the RPO 2m is longer than the objective of shelf in stack.yaml, 1m"),
        ("rpo: 1m", "after_failure: discarded", "10:40: no step of the timeline has an answer"),
        ("rpo: 1m", "point_in_time: true", "10:40: a recovery to a point in time discards"),
        ("rpo: 1m", "after_failure: gone", "10:40: after_failure: expected "),
    ],
)
def test_what_a_scenario_cannot_expect_of_a_ledger(here: Path, old: str, new: str, expected: str) -> None:
    stack = WHOLE + "objectives: {shelf: {rto: 1h, rpo: 1m}}\n"
    found = complaints(here, swapped(SCENARIO, old, new), stack)
    assert any(problem.startswith(expected) for problem in found), found


PROCEDURE = """\
procedure: put-back
title: Put the shelf back
objective: shelf
steps:
  - {step: put, title: Put, planned: 1m, check: {run: docker compose ps}}
"""


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ("{data: {ledger: sales, rpo: 1m}, recovery: {rto: 1h}}", []),
        ("{data: {ledger: sales, rpo: 2m}}", ["the RPO 2m is longer than the objective shelf of"]),
        ("{data: [{ledger: sales}, {ledger: sales, rpo: 2m}]}", ["the RPO 2m is longer than"]),
        (
            "{recovery: {rto: 2h}}",
            ["the RTO 2h is longer than the objective shelf of procedure put-back, 1h"],
        ),
    ],
)
def test_an_answered_fault_is_allowed_no_more_than_its_procedures_objective(
    here: Path, expected: str, said: list[str]
) -> None:
    stack = WHOLE + "objectives: {shelf: {rto: 1h, rpo: 1m}}\nprocedures: procedures\n"
    answered = swapped(SCENARIO, "for: 1m", "answer: put-back, close_links: false")
    text = answered.partition("expect:")[0] + f"expect: {expected}\n"
    (here / "stack" / "procedures").mkdir(parents=True)
    (here / "stack" / "procedures" / "put-back.yaml").write_text(PROCEDURE)
    found = [problem for problem in complaints(here, text, stack) if "objective" in problem]
    assert len(found) == len(said)
    assert all(words in problem for words, problem in zip(said, found, strict=True))
    found = complaints(here, text.replace("answer: put-back", "answer: put-bach"), stack)
    (unknown,) = (problem for problem in found if "two expectations" not in problem)
    assert "unknown procedure 'put-bach' (did you mean 'put-back'?)" in unknown


@pytest.mark.parametrize(("when", "said"), [("prepare", True), ("rehearse", True), ("answer", False)])
def test_only_an_answer_knows_when_the_failure_was(here: Path, when: str, said: bool) -> None:
    stack = WHOLE + "objectives: {shelf: {rto: 1h, rpo: 1m}}\nprocedures: procedures\n"
    (here / "stack" / "procedures").mkdir(parents=True)
    asking = PROCEDURE.replace("docker compose ps", "docker compose logs --since $failed_at")
    (here / "stack" / "procedures" / "put-back.yaml").write_text(asking)
    answered = swapped(SCENARIO, "for: 1m", "answer: put-back, close_links: false")
    text = answered if when == "answer" else f"{SCENARIO}{when}: [put-back]\n"
    words = "step put of put-back uses $failed_at, but runs before any fault"
    assert [words in problem for problem in complaints(here, text, stack)] == [True] * said


def test_a_ledger_of_a_service_whose_profile_is_not_active(here: Path) -> None:
    stack = WHOLE.replace("  shelf: {role: redis}", "  shelf: {role: redis, profile: more}")
    compose = COMPOSE.replace('"redis:8"', '"redis:8", profiles: [more]')
    found = complaints(here, SCENARIO, stack, compose)
    assert any("needs shelf, which no active profile starts" in problem for problem in found), found
    active = complaints(here, SCENARIO + "profiles: [more]\n", stack, compose)
    assert not any("no active profile" in problem for problem in active)
