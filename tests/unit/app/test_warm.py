"""A warm stack: a fault is proven before the caller's code runs, and its undo after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from chaos.adapters.deployment import Deployment
from chaos.app.stacks.by_hand import RunResult
from chaos.app.stacks.warm import WarmStack, fault_of, quiet_plan
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.errors import BadInput, ExitCode, ToolProblem, UndoFailed
from chaos.model.stack import Stack
from chaos.runner.undo import UndoList
from chaos.scenario import LoadedStack
from chaos.scenario.compose import ComposeProject
from tests.fake_ports import fault_context
from tests.fakes import FakeDeployment, fake_deployment

STACK = Stack.model_validate(
    {
        "stack": "shop",
        "services": {"web": {"role": "app"}, "cache": {"role": "redis"}},
        "links": {"clients->web": 80, "web->cache": 6379},
    }
)
NO_PROJECT = ComposeProject({}, (), (), (), (), ())


def warm_over(fake: FakeDeployment) -> WarmStack:
    context = fault_context(fake)
    plan = quiet_plan(LoadedStack(STACK, Path("/nowhere"), "stack.yaml", NO_PROJECT), 1.0)
    undo = UndoList(context, lambda event: None)
    return WarmStack(plan, "abc123", cast(Deployment, None), context, undo)


async def test_a_fault_holds_between_its_proof_and_its_undo() -> None:
    fake = fake_deployment()
    warm = warm_over(fake)
    standing = await warm.inject("link.down", {"link": "web->cache"})
    assert {str(link) for link in fake.closed} == {"web->cache"}
    assert standing.fault.took_effect(standing.before, standing.during)
    await warm.end(standing)
    assert not fake.closed
    await warm.end(standing)


async def test_a_fault_without_an_effect_is_undone_and_raised() -> None:
    fake = fake_deployment()
    fake.deaf = True
    with pytest.raises(ToolProblem, match="measured no effect"):
        await warm_over(fake).inject("link.down", {"link": "web->cache"})
    assert "enable web->cache" in fake.log


async def test_an_undo_that_fails_is_raised() -> None:
    fake = fake_deployment()
    warm = warm_over(fake)
    standing = await warm.inject("link.down", {"link": "web->cache"})
    fake.broken = {"enable"}
    with pytest.raises(UndoFailed, match="cannot enable"):
        await warm.end(standing)


@pytest.mark.parametrize(
    ("second", "params", "both"),
    [
        ("container.pause", {"service": "cache"}, "the container of cache"),
        ("redis.readonly", {"service": "cache"}, "the replication of cache"),
        ("link.down", {"link": "web->cache"}, "the listener of web->cache"),
    ],
)
async def test_a_fault_that_claims_what_another_has_is_refused(
    second: str, params: dict[str, Any], both: str
) -> None:
    """The undo of one would start, or open, what the other has taken away."""
    fake = fake_deployment()
    warm = warm_over(fake)
    first = await warm.inject("container.kill", {"service": "cache"})
    done = list(fake.log)
    with pytest.raises(BadInput, match=f"container.kill cache is in place, and both change .*{both}"):
        await warm.inject(second, params)
    assert fake.log == done
    await warm.end(first)
    await warm.end(await warm.inject(second, params))


async def test_faults_of_different_things_hold_at_the_same_time() -> None:
    fake = fake_deployment()
    warm = warm_over(fake)
    first = await warm.inject("container.kill", {"service": "cache"})
    second = await warm.inject("link.down", {"link": "clients->web"})
    await warm.end(second)
    await warm.end(first)
    assert set(fake.states.values()) == {"running"}


async def test_an_effect_is_not_gone_before_something_answers() -> None:
    """The links that the fault closed are open again before their target answers."""
    fake = fake_deployment()
    warm = warm_over(fake)
    standing = await warm.inject("link.down", {"link": "web->cache"})
    fake.states["cache"] = "exited"
    with pytest.raises(UndoFailed, match="was undone, but"):
        await warm.end(standing)


async def test_an_injection_that_breaks_is_undone() -> None:
    fake = fake_deployment()
    fake.broken = {"kill"}
    with pytest.raises(ToolProblem, match="cannot kill"):
        await warm_over(fake).inject("container.kill", {"service": "cache"})
    assert fake.states["cache"] == "running"
    assert not fake.closed


@pytest.mark.parametrize(
    ("kind", "params", "said"),
    [
        ("link.dwon", {"link": "web->cache"}, "did you mean 'link.down'"),
        ("link.down", {"link": "web->cash"}, "unknown link 'web->cash'"),
        ("container.kill", {"service": "web", "frce": True}, "frce"),
        ("link.latency", {"link": "web->cache"}, "latency"),
        ("stack.lose", {"answer": "restore"}, "for"),
    ],
)
def test_what_does_not_fit_the_stack_is_refused_before_anything_is_touched(
    kind: str, params: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        fault_of(kind, params, STACK)


def test_a_stack_that_nobody_can_call_has_no_plan() -> None:
    alone = STACK.model_copy(update={"links": {}})
    with pytest.raises(BadInput, match="no link lets clients reach the stack"):
        quiet_plan(LoadedStack(alone, Path("/nowhere"), "stack.yaml", NO_PROJECT), 1.0)


def test_a_run_that_did_not_pass_says_why() -> None:
    result = RunResult(RunOutcome.nothing("redis-down", ExitCode.HARNESS, "no engine"))
    assert not result.passed
    with pytest.raises(AssertionError, match=r"redis-down: exit code 3 \(HARNESS\)\nno engine"):
        result.must_pass()
