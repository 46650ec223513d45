from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.errors import ToolProblem
from chaos.model.stack import Stack
from chaos.ports import SqlAnswer
from tests.fake_ports import FakePostgres, fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


async def test_opens_as_many_sessions_as_the_server_allows() -> None:
    fault, w = read(fault="postgres.exhaust_connections", service="db"), fake_deployment()
    await fault.inject(fault_context(w))
    assert w.sessions == {"gameday-hold-exhaust-connections-60": (100, "SELECT 1")}


class _Large(FakePostgres):
    async def query(self, service: str, *statements: str) -> SqlAnswer:
        return SqlAnswer("5000", 0.001)


async def test_a_server_with_very_many_connections_is_left_alone() -> None:
    fault, w = read(fault="postgres.exhaust_connections", service="db"), fake_deployment()
    with pytest.raises(ToolProblem, match="db allows 5000 connections; gameday opens at most 200"):
        await fault.inject(replace(fault_context(w), postgres=_Large(w)))
    assert w.sessions == {}


def test_leaves_no_connection_for_the_undo_of_another_fault_so_they_may_not_overlap() -> None:
    stack = Stack.model_validate({"stack": "s", "services": {"db": {"role": "postgres"}}})
    claims = read(fault="postgres.exhaust_connections", service="db").exclusive(stack)
    for other in ({"fault": "postgres.lock_table", "table": "t"}, {"fault": "postgres.kill_backends"}):
        assert not claims.isdisjoint(read(service="db", **other).exclusive(stack))
