"""What guests ask in their own words, and what they are answered while something is gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from agente.degradation import Feature
from agente.settings import ChannelSettings
from api_fakes import World, make_world

ASK = {"text": "¿Hay una habitación libre?"}
SPOKEN = {"audio": "¿Hay una habitación libre?"}


async def test_a_question_in_spanish_is_answered_in_spanish_with_what_is_free() -> None:
    world = await make_world()
    world.database.is_up = True
    answer = await world.client.post("/messages", json=ASK)
    assert answer.status_code == 200
    assert (answer.json()["language"], answer.json()["intent"]) == ("es", "availability")
    assert "Hay 3 habitaciones dobles libres" in answer.json()["answer"]
    assert "x-degraded" not in answer.headers


async def test_a_voice_message_is_transcribed_first() -> None:
    world = await make_world()
    assert (await world.client.post("/messages", json=SPOKEN)).status_code == 200
    assert world.nlp.calls == ["/transcribe", "/intent"]


@pytest.mark.parametrize("body", [{}, {"text": "a", "audio": "b"}, {"text": ""}])
async def test_exactly_one_of_text_and_audio_is_expected(body: dict[str, str]) -> None:
    world = await make_world()
    assert (await world.client.post("/messages", json=body)).status_code == 422


async def test_without_the_engine_keywords_decide() -> None:
    world = await make_world()
    world.nlp.status = 0
    answer = await world.client.post("/messages", json={"text": "Please cancel my booking"})
    assert (answer.status_code, answer.headers["x-degraded"]) == (200, "keywords")
    assert (answer.json()["language"], answer.json()["intent"]) == ("en", "cancel")


async def test_an_engine_that_hangs_is_waited_for_three_times_and_then_left_alone() -> None:
    channels = replace(ChannelSettings(), nlp_text_timeout=0.001)
    world = await make_world(channels=channels)
    world.nlp.hangs = True
    for _ in range(5):
        assert (await world.client.post("/messages", json=ASK)).headers["x-degraded"] == "keywords"
    assert len(world.nlp.calls) == 3


async def test_an_engine_that_answers_nonsense_counts_as_gone() -> None:
    world = await make_world()
    world.nlp.intent = {"intent": "sing", "language": "es", "confidence": 1.0}
    assert (await world.client.post("/messages", json=ASK)).headers["x-degraded"] == "keywords"


async def test_with_audio_switched_off_a_voice_message_is_answered_without_the_engine() -> None:
    world = await make_world(channels=replace(ChannelSettings(), audio_enabled=False))
    answer = await world.client.post("/messages", json=SPOKEN)
    assert (answer.status_code, answer.headers["x-degraded"]) == (200, "audio-off")
    assert world.nlp.calls == []
    assert "Escríbanos" in answer.json()["answer"]


async def test_a_full_spool_costs_the_voice_message_and_nothing_else(tmp_path: Path) -> None:
    world = await make_world(channels=replace(ChannelSettings(), spool=tmp_path / "gone"))
    answer = await world.client.post("/messages", json=SPOKEN)
    assert (answer.status_code, answer.headers["x-degraded"]) == (200, "audio-off")
    assert "x-degraded" not in (await world.client.post("/messages", json=ASK)).headers


async def test_the_spool_is_empty_again_after_a_voice_message(tmp_path: Path) -> None:
    world = await make_world(channels=replace(ChannelSettings(), spool=tmp_path))
    assert "x-degraded" not in (await world.client.post("/messages", json=SPOKEN)).headers
    assert list(tmp_path.iterdir()) == []


async def test_without_the_pms_no_rooms_are_named() -> None:
    world = await make_world()
    world.pms.status = 500
    answer = await world.client.post("/messages", json=ASK)
    assert (answer.status_code, answer.headers["x-degraded"]) == (200, "no-rooms")


async def test_the_broken_variant_gives_nothing_up() -> None:
    world = await make_world("no_degradation", channels=replace(ChannelSettings(), audio_enabled=False))
    world.pms.status = 500
    assert (await world.client.post("/messages", json=ASK)).status_code == 502
    world.services.degradation.switch(Feature.AUDIO, False)
    await world.client.post("/messages", json=SPOKEN)
    assert "/transcribe" in world.nlp.calls


async def test_the_time_of_an_answer_and_of_the_engine_is_measured() -> None:
    world: World = await make_world()
    await world.client.post("/messages", json=SPOKEN)
    assert world.metric("orchestration_duration_seconds_count") == 1
    assert world.metric("nlp_engine_latency_seconds_count", path="/transcribe") == 1
