"""Faults that may overlap are undone in any order, each of them alone."""

from __future__ import annotations

import asyncio
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from chaos.kinds import Fault
from chaos.model.stack import Stack
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import UNDOABLE, read

STACK = Stack.model_validate(
    {
        "stack": "small",
        "services": {"web": {"role": "app"}, "cache": {"role": "redis"}, "db": {"role": "postgres"}},
        "links": {"clients->web": 8000, "web->cache": 6379},
    }
)
FAULTS = st.lists(st.sampled_from(UNDOABLE), min_size=2, max_size=5).map(
    lambda chosen: _compatible([read(**example, at=f"{place}m") for place, example in enumerate(chosen)])
)


def _compatible(faults: list[Fault]) -> list[Fault]:
    """Those of them that the loader lets overlap."""
    kept: list[Fault] = []
    for fault in faults:
        if all(fault.exclusive(STACK).isdisjoint(other.exclusive(STACK)) for other in kept):
            kept.append(fault)
    return kept


def test_there_are_faults_that_may_overlap() -> None:
    faults = [read(**example) for example in UNDOABLE]
    pairs = [pair for pair in combinations(faults, 2) if len(_compatible(list(pair))) == 2]
    assert len(pairs) > 100


@settings(max_examples=60, deadline=None)
@given(faults=FAULTS, data=st.data())
def test_each_undo_takes_away_its_own_fault_and_no_other(faults: list[Fault], data: st.DataObject) -> None:
    order = data.draw(st.permutations(faults))

    async def play() -> None:
        context = fault_context(fake_deployment())
        for fault in faults:
            await fault.inject(context)
        for done, fault in enumerate(order):
            assert not await fault.reverted(context), f"{fault.summary()} was undone by another's undo"
            await fault.revert(context)
            assert await fault.reverted(context), f"{fault.summary()} is not undone"
            for earlier in order[:done]:
                assert await earlier.reverted(context), f"{earlier.summary()} came back"

    asyncio.run(play())
