"""``service.env``: what it records, and when it proves nothing."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos.faults.service_env import AS_GIVEN, NOT_RUNNING, OTHER, ServiceEnv
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment


def fault(**env: str) -> ServiceEnv:
    return ServiceEnv.model_validate(
        {"at": "1m", "fault": "service.env", "service": "cache", "env": env, "for": "1m"}
    )


async def test_the_value_that_a_variable_had_before_is_not_recorded() -> None:
    w = fake_deployment()
    w.variables["cache"] = {"KEY": "s3cret"}
    before = await fault(KEY="wrong").measure(fault_context(w))
    assert before.values == {"KEY": OTHER}


async def test_one_variable_of_two_proves_nothing() -> None:
    w, both = fake_deployment(), fault(A="1", B="2")
    before = await both.measure(fault_context(w))
    await fault(A="1").inject(fault_context(w))
    now = await both.measure(fault_context(w))
    assert now.values == {"A": AS_GIVEN, "B": OTHER}
    assert not both.took_effect(before, now)


async def test_a_service_that_ended_shows_no_effect() -> None:
    w = fake_deployment()
    before = await fault(A="1").measure(fault_context(w))
    await fault(A="1").inject(fault_context(w))
    w.states["cache"] = "exited"
    now = await fault(A="1").measure(fault_context(w))
    assert now.values == {"A": NOT_RUNNING}
    assert not fault(A="1").took_effect(before, now)


async def test_a_service_that_does_not_run_after_the_undo_is_not_restored() -> None:
    w = fake_deployment()
    w.states["cache"] = "exited"
    assert not await fault(A="1").reverted(fault_context(w))


@pytest.mark.parametrize("env", [{}, {"A B": "1"}, {"1A": "1"}, {"A=": "1"}])
def test_what_is_no_variable_is_refused(env: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        fault(**env)


def test_the_summary_names_the_variables_and_not_their_values() -> None:
    assert fault(KEY="s3cret").summary() == "service.env cache KEY"
