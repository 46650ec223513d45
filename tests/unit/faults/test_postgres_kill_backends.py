from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.errors import ToolProblem
from chaos.ports import SqlAnswer
from tests.fake_ports import FakePostgres, fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


class _Heard(FakePostgres):
    error = ""
    asked = ""

    async def query(self, service: str, *statements: str) -> SqlAnswer:
        self.asked = " ".join(statements)
        return SqlAnswer("1", error=self.error)


@pytest.mark.parametrize(("which", "condition"), [("idle", "state = 'idle'"), ("all", "true")])
async def test_spares_itself_replication_and_the_sessions_of_other_faults(which: str, condition: str) -> None:
    heard = _Heard(fake_deployment())
    fault = read(fault="postgres.kill_backends", service="db", which=which)
    await fault.inject(replace(fault_context(fake_deployment()), postgres=heard))
    assert heard.asked.endswith(f"application_name NOT LIKE 'gameday-hold-%' AND {condition}")
    assert "backend_type = 'client backend' AND pid <> pg_backend_pid()" in heard.asked


async def test_a_server_that_refuses_is_an_error_of_the_injection() -> None:
    heard = _Heard(fake_deployment())
    heard.error = "permission denied"
    fault = read(fault="postgres.kill_backends", service="db")
    with pytest.raises(ToolProblem, match="cannot end the sessions of db: permission denied"):
        await fault.inject(replace(fault_context(fake_deployment()), postgres=heard))


async def test_a_session_that_could_not_be_opened_is_no_measurement() -> None:
    class Full(FakePostgres):
        async def idle_session(self, service: str, seconds: float) -> bool | None:
            return None

    places = fake_deployment()
    fault = read(fault="postgres.kill_backends", service="db")
    before = await fault.measure(fault_context(places))
    now = await fault.measure(replace(fault_context(places), postgres=Full(places)))
    assert not fault.took_effect(before, now)
    assert (fault.unfit_baseline(before), fault.unfit_baseline(now)) == (
        "",
        "postgres db accepted no session",
    )
