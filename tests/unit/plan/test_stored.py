"""What a run stores of its plan."""

from __future__ import annotations

from typing import Any

from chaos.faults.container_kill import ContainerKill
from chaos.model.stack import Lever, LoadProfile
from chaos.plan import stored_plan
from chaos.plan.stored import hiding_of
from chaos.registry import revive_plan
from tests.runner_harness import plan

KILL = ContainerKill.model_validate({"at": "2s", "for": "10s", "fault": "container.kill", "service": "cache"})
CALL: dict[str, Any] = {"http": {"service": "web", "headers": {"Authorization": "Bearer k3y-of-web"}}}


def with_secrets(**more: Any) -> Any:
    toy = plan(KILL)
    lever = Lever.model_validate({"inject": CALL, "revert": CALL, "readback": CALL, "witness": CALL})
    stack = toy.stack.model_copy(update={"redact": ["TOKEN"], "levers": {"web.errors": lever}})
    return toy.model_copy(update={"stack": stack} | more)


def test_the_names_of_secret_variables_are_stored_but_not_their_values() -> None:
    given = with_secrets(env={"web": {"TOKEN": "abc", "MODE": "fast"}})
    stored = revive_plan(stored_plan(given, ()))
    assert stored.env == {"web": {"TOKEN": "[redacted]", "MODE": "fast"}}, "however short"
    assert given.env["web"]["TOKEN"] == "abc", "what the stack is started with"


def test_a_secret_inside_a_header_of_stack_yaml_is_hidden() -> None:
    text = stored_plan(with_secrets(), ("k3y-of-web",))
    assert "k3y-of-web" not in text
    assert revive_plan(text).stack.levers["web.errors"].inject.http.headers == {  # type: ignore[union-attr]
        "Authorization": "Bearer [redacted]"
    }


def test_a_password_that_is_also_a_name_leaves_the_name_to_the_judge() -> None:
    given = with_secrets()
    stored = revive_plan(stored_plan(given, ("cache", "container.kill", "redis", given.scenario.scenario)))
    assert stored.steps == given.steps
    assert stored.stack.services == given.stack.services
    assert stored.scenario.scenario == given.scenario.scenario


def test_without_secrets_nothing_is_changed() -> None:
    given = with_secrets()
    assert revive_plan(stored_plan(given, ())) == given


def test_what_is_promised_and_what_is_answered_stay_equal() -> None:
    given = with_secrets()
    secrets = ("stale-cache", "a-key?k")
    hide = hiding_of(given, secrets)
    asks = [{"request": "GET /a-key?k=1"}, {"request": "GET /b"}]
    load = LoadProfile.model_validate({"entry": "clients->web", "requests": asks})
    stack = given.stack.model_copy(update={"load": {"buyers": load}})
    stored = revive_plan(stored_plan(given.model_copy(update={"stack": stack}), secrets))
    asked = [one.request for one in stored.stack.load["buyers"].requests]
    assert asked == [hide("GET /a-key?k=1"), hide("GET /b")] == ["GET /[redacted]=1", "GET /b"]
    assert hide("stale-cache") == "[redacted]"
    assert hide("cache") == "cache"
