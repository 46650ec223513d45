"""What a PMS with an older database must receive again."""

from __future__ import annotations

import uuid

import httpx
import pytest
from agente import reconcile

LOST = (uuid.uuid4(), uuid.uuid4())
KNOWN = uuid.UUID("1b8617bd-b163-58e5-8c70-4496c91d133f")


class FakeConnection:
    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []

    async def execute(self, statement: str, *values: object) -> str:
        self.asked.append((statement, *values))
        return "UPDATE 1"

    async def fetch(self, statement: str, *values: object) -> list[dict[str, uuid.UUID]]:
        self.asked.append((statement, *values))
        return [{"id": each} for each in LOST]

    async def fetchval(self, statement: str, *values: object) -> int:
        self.asked.append((statement, *values))
        return 3


def pms_that_answers(status: int, body: object) -> httpx.AsyncClient:
    transport = httpx.MockTransport(lambda request: httpx.Response(status, json=body))
    return httpx.AsyncClient(transport=transport, base_url="http://pms")


async def test_the_pms_ledger_is_read_and_foreign_ids_are_left_out() -> None:
    answer = {"bookings": [{"id": str(KNOWN)}, {"id": "from another channel"}]}
    assert await reconcile.known_to_pms(pms_that_answers(200, answer)) == (KNOWN,)


@pytest.mark.parametrize(("status", "body"), [(500, {}), (200, {}), (200, {"bookings": [1]}), (200, [])])
async def test_without_a_ledger_nothing_is_concluded(status: int, body: object) -> None:
    with pytest.raises(reconcile.NoLedgerError):
        await reconcile.known_to_pms(pms_that_answers(status, body))


async def test_only_what_counts_as_sent_is_queued_again_each_by_itself() -> None:
    connection = FakeConnection()
    assert await reconcile.queue_again(connection, (KNOWN,)) == len(LOST)
    (statement, known), *updates = connection.asked
    assert "status = 'confirmed'" in str(statement)
    assert known == [KNOWN]
    assert [values for _, *values in updates] == [[ident, "queued"] for ident in LOST]


async def test_looking_counts_what_is_not_on_its_way() -> None:
    connection = FakeConnection()
    assert await reconcile.unknown(connection, (KNOWN,)) == 3
    assert connection.asked[0][1:] == ([KNOWN], reconcile.IN_FLIGHT)


def test_another_word_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert reconcile.main(["--mend"]) == 1
    assert "--look" in capsys.readouterr().err
