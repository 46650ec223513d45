"""The faults that every mock can be ordered to show."""

from __future__ import annotations

import httpx
import nlp
import pytest
from fault_modes import COMMON, Mode, OrderError, Switch, read_order

KEY = {"Authorization": "Bearer key"}


def client_of_nlp() -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=nlp.make_app("key", 0.0))
    return httpx.AsyncClient(transport=transport, base_url="http://nlp", headers=KEY)


async def ask(client: httpx.AsyncClient) -> httpx.Response:
    return await client.post("/intent", json={"text": "Is a room free?"})


@pytest.mark.parametrize(
    ("text", "language", "intent"),
    [
        ("Is a double room available in March?", "en", "availability"),
        ("¿Hay una habitación libre para mañana?", "es", "availability"),
        ("¿Cuánto cuesta la suite?", "es", "price"),
        ("Please cancel my booking", "en", "cancel"),
        ("Quiero reservar para el sábado", "es", "book"),
        ("Good morning", "en", "other"),
    ],
)
def test_the_nlp_engine_understands_both_languages(text: str, language: str, intent: str) -> None:
    understood = nlp.understand(text)
    assert (understood["language"], understood["intent"]) == (language, intent)


async def test_transcription_gives_the_spoken_words() -> None:
    answer = await client_of_nlp().post("/transcribe", json={"audio": "hola"})
    assert (answer.status_code, answer.json()) == (200, {"text": "hola"})


async def test_a_wrong_key_and_a_body_without_its_field_are_refused() -> None:
    client = client_of_nlp()
    refused = await client.post("/intent", json={"text": "x"}, headers={"Authorization": "Bearer other"})
    assert refused.status_code == 401
    assert (await client.post("/intent", json={"words": "x"})).status_code == 422


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"mode": "errors", "status": 503}, 503),
        ({"mode": "auth"}, 401),
        ({"mode": "rate_limited"}, 429),
        ({"mode": "flapping", "seconds": 60}, 500),
    ],
)
async def test_an_ordered_status_is_answered_until_the_order_is_cleared(
    order: dict[str, object], status: int
) -> None:
    client = client_of_nlp()
    assert (await client.post("/admin/faults", json=order)).status_code == 200
    assert (await ask(client)).status_code == status
    assert (await client.get("/health")).status_code == 200
    assert (await client.delete("/admin/faults")).json() == {"mode": "none"}
    assert (await ask(client)).status_code == 200


async def test_a_malformed_answer_is_a_success_that_is_no_json() -> None:
    client = client_of_nlp()
    await client.post("/admin/faults", json={"mode": "malformed"})
    answer = await ask(client)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match="Expecting"):
        answer.json()


async def test_the_first_calls_fail_and_the_next_succeed() -> None:
    client = client_of_nlp()
    await client.post("/admin/faults", json={"mode": "fail_first", "count": 2})
    assert [(await ask(client)).status_code for _ in range(4)] == [500, 500, 200, 200]


async def test_an_order_for_one_path_leaves_the_others_alone() -> None:
    client = client_of_nlp()
    await client.post("/admin/faults", json={"mode": "errors", "path": "/transcribe"})
    assert (await ask(client)).status_code == 200
    assert (await client.post("/transcribe", json={"audio": "hola"})).status_code == 500


@pytest.mark.parametrize("mode", ["slow", "slow_body"])
async def test_a_slow_answer_is_whole_all_the_same(mode: str) -> None:
    client = client_of_nlp()
    await client.post("/admin/faults", json={"mode": mode, "seconds": 0.001})
    assert (await ask(client)).json()["intent"] == "availability"


def test_flapping_alternates(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("fault_modes.time.monotonic", lambda: now[0])
    switch = Switch()
    switch.set({"mode": "flapping", "seconds": 10})
    seen = []
    for now[0] in (0.0, 9.9, 10.1, 19.9, 20.1):
        seen.append(switch.in_force("/intent").mode)
    assert seen == [Mode.FLAPPING, Mode.FLAPPING, Mode.NONE, Mode.NONE, Mode.FLAPPING]


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ([], "a JSON object"),
        ({"mode": "tired"}, "expected mode out of"),
        ({"mode": "duplicates"}, "expected mode out of"),  # this mock sends no webhooks
        ({"mode": "errors", "status": 200}, "expected status from 400 to 599"),
        ({"mode": "slow", "seconds": 0}, "expected seconds"),
        ({"mode": "fail_first", "count": True}, "expected count"),
        ({"mode": "errors", "code": 500}, "unknown: code"),
        ({"mode": "errors", "path": "intent"}, "begins with /"),
    ],
)
def test_a_wrong_order_is_refused_with_what_was_expected(wish: object, says: str) -> None:
    with pytest.raises(OrderError, match=says):
        read_order(wish, COMMON)
