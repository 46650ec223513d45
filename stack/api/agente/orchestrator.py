"""From a guest's message to its answer: transcribe, understand, look what is free, answer.

Each step has something worse to fall back on, so that a guest is always answered.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import Histogram

from agente import conversation
from agente.degradation import Degradation, Feature
from agente.nlp_client import Intent, NlpClient, NlpGoneError, Understood
from agente.pms_client import TRIAL_QUERY, Json, Pms, PmsError, PmsRefusedError
from agente.spool import spooled

log = logging.getLogger("agente.orchestrator")


@dataclass(frozen=True)
class Message:
    """One of the two is given. `audio` holds the spoken words: no sound is sent here."""

    text: str | None
    audio: str | None


@dataclass(frozen=True)
class Reply:
    """`degraded`: how the answer is worse than usual (`audio-off`, `keywords`, `no-rooms`), or None."""

    text: str
    understood: Understood
    degraded: str | None = None


class Orchestrator:
    def __init__(
        self,
        nlp: NlpClient,
        pms: Pms,
        degradation: Degradation,
        seconds: Histogram,
        spool: Path | None,
        insists: bool = False,
    ) -> None:
        """`insists`: the broken variant in which a PMS, an engine or a spool that fails fails the message."""
        self._nlp = nlp
        self._pms = pms
        self._degradation = degradation
        self._seconds = seconds
        self._spool = spool
        self._insists = insists

    async def answer(self, message: Message) -> Reply:
        """Raises PmsError, NlpGoneError and OSError in the broken variant only."""
        with self._seconds.time():
            text = message.text
            if text is None:
                text = await self._listen(message.audio or "")
            if text is None:
                guessed = conversation.guess(message.audio or "")
                return Reply(conversation.NO_AUDIO[guessed.language], guessed, "audio-off")
            understood, by_engine = await self._understand(text)
            free, looked = await self._look(understood)
        degraded = None if by_engine and looked else "keywords" if not by_engine else "no-rooms"
        return Reply(conversation.answer(understood, free), understood, degraded)

    async def _listen(self, audio: str) -> str | None:
        """The spoken words; None without the audio feature, the engine, or room on the spool."""
        if not self._degradation.is_on(Feature.AUDIO):
            return None
        try:
            with spooled(self._spool, audio):
                return await self._nlp.transcribe(audio)
        except NlpGoneError:
            return None
        except OSError as error:
            if self._insists:
                raise
            log.error("a voice message did not fit on the spool: %s", error)
            return None

    async def _understand(self, text: str) -> tuple[Understood, bool]:
        try:
            return await self._nlp.understand(text), True
        except NlpGoneError:
            if self._insists:
                raise
            return conversation.guess(text), False

    async def _look(self, understood: Understood) -> tuple[Json | None, bool]:
        """What is free, and whether the answer is as good as usual without it."""
        if understood.intent not in (Intent.AVAILABILITY, Intent.PRICE):
            return None, True
        if not self._degradation.is_on(Feature.RECOMMENDATIONS):
            return None, False
        try:
            return await self._pms.availability(**TRIAL_QUERY), True
        except (PmsError, PmsRefusedError):
            if self._insists:
                raise
            return None, False
