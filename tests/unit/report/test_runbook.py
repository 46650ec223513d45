"""Runbooks show the very commands that the harness runs."""

from __future__ import annotations

import pytest

from chaos.model.procedure import Procedure
from chaos.model.stack import Objective
from chaos.report.runbook import section, with_section

PROCEDURE = Procedure.model_validate(
    {
        "procedure": "restore",
        "title": "Put it back",
        "steps": [
            {
                "step": "fetch",
                "title": "Fetch it",
                "planned": "5m",
                "run": ['docker compose exec -T db fetch "$failed_at" 5$$'],
                "check": {"run": "docker compose exec -T db look", "prints": "full"},
            },
            {
                "step": "open",
                "title": "Open",
                "planned": "1m",
                "check": {"http": {"service": "web", "path": "/ready", "status": 200}},
            },
        ],
    }
)
TEXT = section(PROCEDURE, None, "stack/procedures/restore.yaml", "stack")


@pytest.mark.parametrize(
    "line",
    [
        '    docker compose exec -T db fetch "$failed_at" 5$',
        "Done when `docker compose exec -T db look` succeeds and prints `full`.",
        "Done when `GET web/ready` answers 200.",
        "### 1. Fetch it (5m)",
        "Planned: 6m. Type the commands in `stack/`.",
    ],
)
def test_a_section_shows_what_is_typed_and_when_it_is_done(line: str) -> None:
    assert line in TEXT.splitlines()


def test_the_promise_stands_beside_the_plan() -> None:
    objective = Objective.model_validate({"rto": "1h", "rpo": "15m"})
    assert "Promised: RTO 1h, RPO 15m." in section(PROCEDURE, objective, "f", "stack")


def test_a_rehearsal_that_takes_longer_than_the_promise_does_not_quote_it() -> None:
    for rto, stands in (("6m", True), ("5m", False)):
        objective = Objective.model_validate({"rto": rto, "rpo": "15m"})
        assert ("Promised" in section(PROCEDURE, objective, "f", "stack")) is stands


def test_a_section_takes_the_place_of_its_older_self_and_touches_nothing_else() -> None:
    before = with_section("# Runbook\n\nRead me.\n", "restore", TEXT)
    other = with_section(before, "rebuild", TEXT.replace("procedure restore", "procedure rebuild"))
    newer = with_section(other, "restore", TEXT.replace("Fetch it", r"Fetch \1 it"))
    assert newer == other.replace("Fetch it", r"Fetch \1 it", 1)
    assert with_section(other, "restore", TEXT) == other
    assert newer.startswith("# Runbook\n\nRead me.\n")
