"""Reading reservations back by the reference they were made under: what proves that none is lost."""

from __future__ import annotations

import json

import pytest
from agente.routes import reservations as routes
from api_fakes import ApiUnderTest, make_api


async def look_up(api: ApiUnderTest, **query: str) -> tuple[int, dict[str, object]]:
    answer = await api.client.get("/reservations", params=query)
    return answer.status_code, answer.json()


async def test_the_reference_is_the_key_for_guest_reader_and_pms() -> None:
    api = await make_api()
    booked = (await api.book("gd-1-ledger-7")).json()
    assert booked["reference"] == "gd-1-ledger-7"
    assert await look_up(api, reference="gd-1-ledger-7") == (200, booked)
    assert json.loads(api.pms.bodies[0])["reference"] == "gd-1-ledger-7"


async def test_a_reference_no_one_booked_under_is_404() -> None:
    api = await make_api()
    assert (await look_up(api, reference="gd-1-ledger-8"))[0] == 404


async def test_a_prefix_gives_all_of_it_and_nothing_else() -> None:
    api = await make_api()
    mine = [(await api.book(f"gd-1-ledger-{n}", room=str(n))).json() for n in range(3)]
    await api.book("gd-2-ledger-0", room="99")
    assert await look_up(api, reference_prefix="gd-1-ledger-") == (200, {"count": 3, "reservations": mine})
    assert await look_up(api, reference_prefix="gd-3-ledger-") == (200, {"count": 0, "reservations": []})


async def test_too_many_are_refused_and_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    api = await make_api()
    monkeypatch.setattr(routes, "MOST_READ_BACK", 2)
    for n in range(3):
        await api.book(f"gd-1-ledger-{n}", room=str(n))
    assert (await look_up(api, reference_prefix="gd-1-ledger-"))[0] == 422


@pytest.mark.parametrize(
    "query",
    [{}, {"reference": "gd-1-ledger-1", "reference_prefix": "gd-1-ledger-"}, {"reference_prefix": "g"}],
)
async def test_a_senseless_question_is_refused(query: dict[str, str]) -> None:
    api = await make_api()
    assert (await look_up(api, **query))[0] == 422


@pytest.mark.parametrize("query", [{"reference": "gd-1-ledger-1"}, {"reference_prefix": "gd-1-ledger-"}])
async def test_without_the_database_it_is_a_clean_503(query: dict[str, str]) -> None:
    api = await make_api()
    api.database.is_up = False
    status, body = await look_up(api, **query)
    assert (status, body["dependency"]) == (503, "database")
