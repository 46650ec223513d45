"""Procedure files: what is read, and every way in which one is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.errors import BadInput
from chaos.model.procedure import ProcedureStep
from chaos.model.stack import Objective, Service, ServiceRole, Stack
from chaos.scenario.commands import command_problems
from chaos.scenario.procedures import read_procedures

GOOD = """\
procedure: shelf-lost
title: Put the shelf back
objective: shelf
steps:
  - step: fetch
    title: Fetch it
    planned: 5m
    run: [docker compose up -d shelf, docker compose exec -T shelf put "$failed_at"]
    check: {run: docker compose exec -T shelf look, prints: 'full \\d+', within: 20s}
  - step: open
    title: Open again
    planned: 90s
    check: {http: {service: shelf, path: /ready, status: 200}}
"""


def stack() -> Stack:
    return Stack(
        stack="toy",
        services={"shelf": Service(role=ServiceRole.APP)},
        objectives={"shelf": Objective.model_validate({"rto": "1m", "rpo": "0s"})},
        procedures="procedures",
    )


def refused(tmp_path: Path, text: str, name: str = "shelf-lost.yaml") -> str:
    (tmp_path / "procedures").mkdir(exist_ok=True)
    (tmp_path / "procedures" / name).write_text(text)
    (tmp_path / "docker-compose.yml").write_text("services: {shelf: {image: shelf}, till: {image: till}}\n")
    with pytest.raises(BadInput) as bad:
        read_procedures(stack(), tmp_path, "toy")
    return str(bad.value)


def test_a_procedure_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "procedures").mkdir()
    (tmp_path / "procedures" / "shelf-lost.yaml").write_text(GOOD)
    found = read_procedures(stack(), tmp_path)["shelf-lost"]
    assert [step.step for step in found.steps] == ["fetch", "open"]
    assert found.planned == 390.0
    assert found.steps[0].check.within == 20.0


def test_a_stack_without_procedures_has_none(tmp_path: Path) -> None:
    assert read_procedures(stack().model_copy(update={"procedures": None}), tmp_path) == {}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("planned: 5m", "planed: 5m", "unknown key 'planed'"),
        ("docker compose up -d shelf", "rm -rf /", "a command must begin with 'docker compose'"),
        ("docker compose up -d shelf", "docker compose -f other.yml up", "leave out -f"),
        ("docker compose up -d shelf", "docker compose --profile drill up", "leave out --profile"),
        ("docker compose up -d shelf", "docker compose", "has no subcommand"),
        ("up -d shelf", "up -d shelv", "unknown service 'shelv' (did you mean 'shelf'?)"),
        ("up -d shelf", "upp -d shelf", "docker compose has no subcommand 'upp' (did you mean 'up'?)"),
        ("exec -T shelf put", "exec shelf put", "it may hang or fail (add -T)"),
        ("$failed_at", "$failed", "unknown placeholder $failed"),
        ('put "$failed_at"', "put 5$", "is not a placeholder"),
        ('put "$failed_at"', "put 'half", "cannot be split"),
        ("step: open", "step: fetch", "two steps are named 'fetch'"),
        ("'full \\d+'", "'full ('", "not a regular expression"),
        ("service: shelf", "service: self", "unknown service 'self'"),
        ("objective: shelf", "objective: shelv", "unknown objective 'shelv'"),
        ("procedure: shelf-lost", "procedure: shelf-gone", "does not have the name of its file"),
        ("check: {http: {service: shelf, path: /ready, status: 200}}", "run: []", "missing key 'check'"),
        ("within: 20s}", "http: {service: shelf}}", "expected exactly one of run, http"),
    ],
)
def test_each_mistake_is_reported_at_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    message = refused(tmp_path, GOOD.replace(old, new, 1))
    assert said in message
    assert message.startswith("toy/procedures/shelf-lost.yaml:")


def test_the_mistakes_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    refused(tmp_path, "procedure: a\n", "a.yaml")
    message = refused(tmp_path, "procedure: b\n", "b.yaml")
    assert "a.yaml" in message
    assert "b.yaml" in message


def test_a_dollar_sign_can_be_written() -> None:
    assert list(command_problems("docker compose exec -T shelf echo 5$$")) == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("exec -T shelf a | b", "no shell runs the command: '|'"),
        ("exec -T shelf a > /tmp/b", "no shell runs the command: '>'"),
        ("exec -T shelf a>>b", "no shell runs the command: '>>'"),
        ("exec -T shelf a < b", "no shell runs the command: '<'"),
        ("stop shelf; docker compose rm shelf", "no shell runs the command: ';'"),
        ("stop shelf && docker compose rm shelf", "no shell runs the command: '&&'"),
        ("stop shelf || true", "no shell runs the command: '||'"),
        ("up shelf &", "no shell runs the command: '&'"),
        ("exec -T shelf sh -c 'a' 2>&1", "no shell runs the command: '>'"),
        ("exec -e A=B -u root shelf a", "docker compose exec needs a terminal"),
        ("exec shelf a -T", "docker compose exec needs a terminal"),
        ("run --rm shelf a -d", "docker compose run needs a terminal"),
        ("run --rm --no-deps -T shelv a", "unknown service 'shelv'"),
        ("run -e A=B --user=root -T shelv a", "unknown service 'shelv'"),
        ("logs --no-color --tail 5 shelv", "unknown service 'shelv'"),
        ("rm -fsv shelv", "unknown service 'shelv'"),
        ("stop -t 5 shelv", "unknown service 'shelv'"),
        ("ps --all --format=json shelv", "unknown service 'shelv'"),
        ("pss", "docker compose has no subcommand 'pss' (did you mean 'ps'?)"),
    ],
)
def test_a_command_that_cannot_work_is_refused(command: str, said: str) -> None:
    (found,) = command_problems(f"docker compose {command}", ["shelf", "till"])
    assert said in f"{found[0]} ({found[1]})"


@pytest.mark.parametrize(
    "command",
    [
        "exec -T shelf sh -c 'a | b > c && d; e'",
        'exec -T shelf sh -c "a \\" | b"',
        "exec -T shelf find / -name x -exec rm {} \\;",
        "exec -T --env='a|b' shelf a",
        "exec -dT shelf a",
        "run --rm --detach shelf a",
        "run --no-TTY=true shelf a",
        "run --gpus all shelv -T",  # what the new option takes is unknown
        "up -d --wait",
        "up --scale shelf=2 --wait-timeout 5 till",
        "ps",
        "kill -s HUP shelf shelv",
        "cp shelv:/a b",
        "config --quiet",
    ],
)
def test_what_may_work_is_accepted(command: str) -> None:
    assert list(command_problems(f"docker compose {command}", ["shelf", "till"])) == []


def test_no_service_is_missing_where_none_is_known() -> None:
    assert list(command_problems("docker compose stop shelv")) == []


def test_a_procedure_of_an_earlier_version_is_read() -> None:
    check = {"run": "docker compose ps"}
    step = {"step": "x", "title": "X", "planned": "1m", "run": ["docker compose ps"], "check": check}
    new, old = (ProcedureStep.model_validate({**step, key: [2]}) for key in ("unknown", "untold"))
    assert new == old
    assert "unknown" in new.model_dump()
