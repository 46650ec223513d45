"""What guests ask in their own words, and what they are answered while something is gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from agente.degradation import Feature
from agente.settings import ChannelSettings
from api_fakes import ApiUnderTest, make_api

ASK = {"text": "¿Hay una habitación libre?"}
SPOKEN = {"audio": "¿Hay una habitación libre?"}


async def test_a_question_in_spanish_is_answered_in_spanish_with_what_is_free() -> None:
    api = await make_api()
    api.database.is_up = True
    answer = await api.client.post("/messages", json=ASK)
    assert answer.status_code == 200
    assert (answer.json()["language"], answer.json()["intent"]) == ("es", "availability")
    assert "Hay 3 habitaciones dobles libres" in answer.json()["answer"]
    assert "x-degraded" not in answer.headers


async def test_a_voice_message_is_transcribed_first() -> None:
    api = await make_api()
    assert (await api.client.post("/messages", json=SPOKEN)).status_code == 200
    assert api.nlp.calls == ["/transcribe", "/intent"]


@pytest.mark.parametrize("body", [{}, {"text": "a", "audio": "b"}, {"text": ""}])
async def test_exactly_one_of_text_and_audio_is_expected(body: dict[str, str]) -> None:
    api = await make_api()
    assert (await api.client.post("/messages", json=body)).status_code == 422


async def test_without_the_engine_keywords_decide() -> None:
    api = await make_api()
    api.nlp.status = 0
    answer = await api.client.post("/messages", json={"text": "Please cancel my booking"})
    assert (answer.status_code, answer.headers["x-degraded"]) == (200, "keywords")
    assert (answer.json()["language"], answer.json()["intent"]) == ("en", "cancel")


async def test_an_engine_that_hangs_is_waited_for_three_times_and_then_left_alone() -> None:
    channels = replace(ChannelSettings(), nlp_text_timeout=0.001)
    api = await make_api(channels=channels)
    api.nlp.hangs = True
    for _ in range(5):
        assert (await api.client.post("/messages", json=ASK)).headers["x-degraded"] == "keywords"
    assert len(api.nlp.calls) == 3


async def test_an_engine_that_answers_nonsense_counts_as_gone() -> None:
    api = await make_api()
    api.nlp.intent = {"intent": "sing", "language": "es", "confidence": 1.0}
    assert (await api.client.post("/messages", json=ASK)).headers["x-degraded"] == "keywords"


async def test_with_audio_switched_off_a_voice_message_is_answered_without_the_engine() -> None:
    api = await make_api(channels=replace(ChannelSettings(), audio_enabled=False))
    answer = await api.client.post("/messages", json=SPOKEN)
    assert (answer.status_code, answer.headers["x-degraded"]) == (200, "audio-off")
    assert api.nlp.calls == []
    assert "Escríbanos" in answer.json()["answer"]


async def test_a_full_spool_costs_the_voice_message_and_nothing_else(tmp_path: Path) -> None:
    api = await make_api(channels=replace(ChannelSettings(), spool=tmp_path / "gone"))
    answer = await api.client.post("/messages", json=SPOKEN)
    assert (answer.status_code, answer.headers["x-degraded"]) == (200, "audio-off")
    assert "x-degraded" not in (await api.client.post("/messages", json=ASK)).headers


async def test_the_spool_is_empty_again_after_a_voice_message(tmp_path: Path) -> None:
    api = await make_api(channels=replace(ChannelSettings(), spool=tmp_path))
    assert "x-degraded" not in (await api.client.post("/messages", json=SPOKEN)).headers
    assert list(tmp_path.iterdir()) == []


async def test_without_the_pms_no_rooms_are_named() -> None:
    api = await make_api()
    api.pms.status = 500
    answer = await api.client.post("/messages", json=ASK)
    assert (answer.status_code, answer.headers["x-degraded"]) == (200, "no-rooms")


async def test_the_broken_variant_gives_nothing_up() -> None:
    api = await make_api("no_degradation", channels=replace(ChannelSettings(), audio_enabled=False))
    api.pms.status = 500
    assert (await api.client.post("/messages", json=ASK)).status_code == 502
    api.services.degradation.switch(Feature.AUDIO, False)
    await api.client.post("/messages", json=SPOKEN)
    assert "/transcribe" in api.nlp.calls


async def test_the_time_of_an_answer_and_of_the_engine_is_measured() -> None:
    api: ApiUnderTest = await make_api()
    await api.client.post("/messages", json=SPOKEN)
    assert api.metric("orchestration_duration_seconds_count") == 1
    assert api.metric("nlp_engine_latency_seconds_count", path="/transcribe") == 1
