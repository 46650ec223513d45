"""When is a stack up, and what is broken about it?"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from chaos.adapters.stack.start_progress import FoundContainer, judge_start, list_containers


def engine(*containers: tuple[str, str, str]) -> Any:
    bodies = [
        {"Id": f"id-{name}", "Labels": {"com.docker.compose.service": name}, "State": state, "Status": status}
        for name, state, status in containers
    ]
    return SimpleNamespace(api=SimpleNamespace(containers=lambda **_: bodies))


@pytest.mark.parametrize(
    ("state", "status", "expected"),
    [
        ("running", "Up 2 seconds", FoundContainer("s", "id-s", "running")),
        ("running", "Up 2 seconds (health: starting)", FoundContainer("s", "id-s", "running", "starting")),
        ("running", "Up 3 minutes (healthy)", FoundContainer("s", "id-s", "running", "healthy")),
        ("running", "Up 3 minutes (unhealthy)", FoundContainer("s", "id-s", "running", "unhealthy")),
        ("paused", "Up 3 minutes (healthy) (Paused)", FoundContainer("s", "id-s", "paused", "healthy")),
        ("exited", "Exited (137) 2 seconds ago", FoundContainer("s", "id-s", "exited", "", 137)),
        ("created", "Created", FoundContainer("s", "id-s", "created")),
    ],
)
def test_what_the_engine_says(state: str, status: str, expected: FoundContainer) -> None:
    assert list_containers(engine(("s", state, status)), "r") == (expected,)


def test_a_container_of_one_command_is_none_of_the_service() -> None:
    body = {"com.docker.compose.service": "s", "com.docker.compose.oneoff": "True"}
    one = {"Id": "id-run", "Labels": body, "State": "running", "Status": "Up 1 second"}
    of_service = engine(("s", "exited", "Exited (1) 2 seconds ago")).api.containers()
    both = SimpleNamespace(api=SimpleNamespace(containers=lambda **_: [one, *of_service]))
    assert [seen.container_id for seen in list_containers(both, "r")] == ["id-s"]


def test_up_means_running_and_healthy() -> None:
    seen = [FoundContainer("a", "1", "running"), FoundContainer("b", "2", "running", "healthy")]
    assert judge_start(["a", "b"], {"a", "b"}, seen).done


@pytest.mark.parametrize(
    "one", [FoundContainer("a", "1", "running", "starting"), FoundContainer("a", "1", "created")]
)
def test_what_is_on_its_way_is_awaited(one: FoundContainer) -> None:
    assert judge_start(["a"], {"a"}, [one]).waiting == ("a",)


def test_a_service_without_a_container_is_awaited() -> None:
    assert judge_start(["a", "b"], set(), [FoundContainer("a", "1", "running")]).waiting == ("b",)


@pytest.mark.parametrize(
    "one",
    [
        FoundContainer("a", "1", "running", "unhealthy"),
        FoundContainer("a", "1", "exited", "", 1),
        FoundContainer("a", "1", "dead"),
    ],
)
def test_what_is_broken_is_not_awaited(one: FoundContainer) -> None:
    judged = judge_start(["a"], set(), [one])
    assert judged.broken == (one,)
    assert not judged.waiting
    assert not judged.done


def test_a_job_may_have_finished_a_linked_service_may_not() -> None:
    job = FoundContainer("a", "1", "exited", "", 0)
    assert judge_start(["a"], set(), [job]).done
    assert judge_start(["a"], {"a"}, [job]).broken == (job,)
