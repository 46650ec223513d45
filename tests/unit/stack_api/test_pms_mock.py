"""The stand-in PMS: keys, ledger, faults to order."""

from __future__ import annotations

from pathlib import Path

import httpx
import pms
import pytest

CATALOGUE = Path(__file__).parents[3] / "fixtures" / "rooms.csv"
KEY = {"Authorization": "Bearer key"}
ASK = "/rooms/availability?room_type=double&check_in=2031-01-01&check_out=2031-01-02"


def client_of(ledger: Path) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=pms.make_app(CATALOGUE, ledger, "key"))
    return httpx.AsyncClient(transport=transport, base_url="http://pms")


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    return client_of(tmp_path / "ledger.jsonl")


async def test_it_answers_from_the_catalogue(client: httpx.AsyncClient) -> None:
    answer = await client.get(ASK, headers=KEY)
    assert answer.status_code == 200
    assert answer.json()["rooms_free"] == 120
    assert (await client.get("/rooms/availability?room_type=moon", headers=KEY)).status_code == 404


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
async def test_it_wants_its_key(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert (await client.get(ASK, headers=headers)).status_code == 401
    assert (await client.post("/bookings", json={"id": "1"}, headers=headers)).status_code == 401
    assert (await client.get("/bookings", headers=headers)).status_code == 401


async def test_the_ledger_takes_each_id_once_and_outlives_the_process(tmp_path: Path) -> None:
    client = client_of(tmp_path / "ledger.jsonl")
    assert (await client.post("/bookings", json={"id": "a", "room": "1"}, headers=KEY)).status_code == 201
    assert (await client.post("/bookings", json={"id": "a", "room": "1"}, headers=KEY)).status_code == 200
    restarted = client_of(tmp_path / "ledger.jsonl")
    ledger = (await restarted.get("/bookings", headers=KEY)).json()
    assert ledger == {"count": 1, "bookings": [{"id": "a", "room": "1"}]}


@pytest.mark.parametrize(
    ("fault", "status"), [({"mode": "errors", "status": 503}, 503), ({"mode": "auth"}, 401)]
)
async def test_a_fault_affects_business_calls_only_and_ends_when_cleared(
    client: httpx.AsyncClient, fault: dict[str, object], status: int
) -> None:
    assert (await client.post("/admin/faults", json=fault)).status_code == 200
    assert (await client.get("/admin/faults")).json() == fault
    assert (await client.get(ASK, headers=KEY)).status_code == status
    assert (await client.post("/bookings", json={"id": "1"}, headers=KEY)).status_code == status
    assert (await client.get("/health")).status_code == 200
    assert (await client.delete("/admin/faults")).status_code == 200
    assert (await client.get("/admin/faults")).json() == {"mode": "none"}
    assert (await client.get(ASK, headers=KEY)).status_code == 200


@pytest.mark.parametrize(
    "fault", [{}, {"mode": "tired"}, {"mode": "errors", "status": 200}, {"mode": "errors", "status": "x"}]
)
async def test_an_unknown_fault_is_refused_and_changes_nothing(
    client: httpx.AsyncClient, fault: dict[str, object]
) -> None:
    assert (await client.post("/admin/faults", json=fault)).status_code == 422
    assert (await client.get(ASK, headers=KEY)).status_code == 200


async def test_a_booking_needs_an_id(client: httpx.AsyncClient) -> None:
    assert (await client.post("/bookings", json={"room": "1"}, headers=KEY)).status_code == 422
    assert (await client.post("/bookings", content=b"{", headers=KEY)).status_code == 422
