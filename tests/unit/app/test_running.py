"""What a run stores of its plan."""

from __future__ import annotations

from chaos.app.running import _without_secrets
from chaos.faults.container_kill import ContainerKill
from tests.stage import plan

KILL = ContainerKill.model_validate({"at": "2s", "for": "10s", "fault": "container.kill", "service": "cache"})


def test_the_stored_plan_names_secret_variables_but_not_their_values() -> None:
    toy = plan(KILL)
    given = toy.model_copy(
        update={
            "env": {"web": {"TOKEN": "s3cret-value", "MODE": "fast"}},
            "stack": toy.stack.model_copy(update={"redact": ["TOKEN"]}),
        }
    )
    stored = _without_secrets(given)
    assert stored.env == {"web": {"TOKEN": "[redacted]", "MODE": "fast"}}
    assert "s3cret" not in stored.model_dump_json()
    assert given.env["web"]["TOKEN"] == "s3cret-value"  # what the stack is started with
