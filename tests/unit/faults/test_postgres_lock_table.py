from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos.model.stack import Stack
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


async def test_quotes_the_name_and_keeps_the_transaction_open() -> None:
    fault, w = read(fault="postgres.lock_table", service="db", table="public.guests"), fake_deployment()
    await fault.inject(fault_context(w))
    ((count, statements),) = w.sessions.values()
    assert (count, statements) == (1, 'BEGIN LOCK TABLE "public"."guests" IN ACCESS EXCLUSIVE MODE')


@pytest.mark.parametrize("table", ["guests; DROP TABLE guests", 'gue"sts', "a.b.c", ""])
def test_refuses_what_is_no_name_of_a_table(table: str) -> None:
    with pytest.raises(ValidationError, match="should match pattern"):
        read(fault="postgres.lock_table", service="db", table=table)


def test_needs_a_service_of_role_postgres() -> None:
    stack = Stack.model_validate({"stack": "s", "services": {"web": {"role": "app"}}})
    fault = read(fault="postgres.lock_table", service="web", table="t")
    assert fault.stack_problems(stack) == (
        ("service", "web has the role app; expected a service of role postgres"),
    )
