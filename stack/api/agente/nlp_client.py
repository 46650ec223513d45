"""The NLP engine as the API sees it: speech to text, and what a guest wants."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import httpx
from prometheus_client import Histogram

from agente.gate import Gate, GoneError


class Intent(StrEnum):
    AVAILABILITY = "availability"
    PRICE = "price"
    BOOK = "book"
    CANCEL = "cancel"
    OTHER = "other"


class Language(StrEnum):
    ENGLISH = "en"
    SPANISH = "es"


class NlpGoneError(GoneError):
    """The engine gave no usable answer."""


@dataclass(frozen=True)
class Understood:
    intent: Intent
    language: Language


class NlpClient:
    """Two gates, because a transcription may take long and an intent may not."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        text_timeout: float | None,
        audio_timeout: float | None,
        seconds: Histogram,
    ) -> None:
        """Time-outs in seconds for a whole call; None waits for ever."""
        self._http = http
        self._seconds = seconds
        failures = (httpx.HTTPError, ValueError, KeyError)
        self._text = Gate("the NLP engine", text_timeout, failures, NlpGoneError)
        self._audio = Gate("the NLP engine's transcription", audio_timeout, failures, NlpGoneError)

    def is_available(self) -> bool:
        return self._text.is_open

    async def understand(self, text: str) -> Understood:
        """Raises NlpGoneError: in time, or at once when it has just failed three times."""

        async def ask() -> Understood:
            body = await self._ask("/intent", {"text": text})
            return Understood(Intent(body["intent"]), Language(body["language"]))

        return await self._text.run(ask)

    async def transcribe(self, audio: str) -> str:
        """The words of a voice message. Raises NlpGoneError as above."""

        async def ask() -> str:
            return str((await self._ask("/transcribe", {"audio": audio}))["text"])

        return await self._audio.run(ask)

    async def _ask(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        begun = time.perf_counter()
        try:
            answer = (await self._http.post(path, json=body)).raise_for_status().json()
        finally:
            self._seconds.labels(path).observe(time.perf_counter() - begun)
        if not isinstance(answer, dict):
            raise ValueError(f"{path}: expected a JSON object")
        return {**answer}
