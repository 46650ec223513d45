from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from pydantic import ValidationError

from chaos.errors import ToolProblem
from chaos.faults.lever import LeverFault
from chaos.model.stack import Stack
from chaos.ports import LeverAnswer, LeverPhase
from tests.fake_ports import fault_context
from tests.fakes import FakeLevers, fake_deployment
from tests.unit.faults.examples import read


async def test_hands_its_own_keys_to_the_lever_and_no_others() -> None:
    w = fake_deployment()
    await read(fault="lever", lever="web.errors", status=500, paths=["/a"]).inject(fault_context(w))
    assert w.pulled == {"web.errors": {"status": 500, "paths": ["/a"]}}


def test_params_survive_being_stored_with_their_types() -> None:
    fault = read(fault="lever", lever="web.errors", status=500, loud=True)
    again = LeverFault.model_validate_json(fault.model_dump_json())
    assert again.params == {"status": 500, "loud": True}
    assert again.summary() == "lever web.errors status=500 loud=True"


def test_an_undeclared_parameter_is_a_misfit() -> None:
    action: dict[str, object] = {"command": {"service": "web", "argv": ["true"]}}
    stack = Stack.model_validate(
        {
            "stack": "s",
            "services": {"web": {}},
            "levers": {
                "web.errors": {
                    "params": {"status": {"default": 500}},
                    **dict.fromkeys(("inject", "revert", "readback", "witness"), action),
                }
            },
        }
    )
    assert read(fault="lever", lever="web.errors", status=503).stack_problems(stack) == ()
    assert read(fault="lever", lever="web.errors", statsu=503).stack_problems(stack) == (
        ("statsu", "lever web.errors has no parameter statsu; it has status"),
    )
    assert (
        read(fault="lever", lever="web.unknown", status=1).stack_problems(stack) == ()
    )  # the loader says that


def test_needs_the_name_of_a_lever() -> None:
    with pytest.raises(ValidationError, match="Field required"):
        read(fault="lever", status=500)


class _Refusing(FakeLevers):
    async def act(self, lever: str, phase: LeverPhase, params: Mapping[str, object]) -> LeverAnswer:
        return LeverAnswer(False, "answered 403")


@pytest.mark.parametrize("phase", ["inject", "revert"])
async def test_an_action_that_is_not_accepted_is_an_error(phase: str) -> None:
    w = fake_deployment()
    refusing = replace(fault_context(w), levers=_Refusing(w))
    fault = read(fault="lever", lever="web.errors")
    with pytest.raises(ToolProblem, match=f"lever web.errors, {phase}: answered 403"):
        await getattr(fault, phase)(refusing)
