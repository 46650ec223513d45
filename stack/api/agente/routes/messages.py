"""What guests ask in their own words, in Spanish or English, written or spoken."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field, model_validator

from agente.answers import degraded, pms_failed
from agente.orchestrator import Message
from agente.pms_client import PmsError
from agente.services import Services, services_of

router = APIRouter()


class Said(BaseModel):
    """Body of POST /messages: text, or the words of a voice message."""

    text: str | None = Field(default=None, min_length=1, max_length=2000)
    audio: str | None = Field(default=None, min_length=1, max_length=200_000)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.text is None) == (self.audio is None):
            raise ValueError("expected exactly one of text, audio")
        return self


@router.post("/messages")
async def message(services: Annotated[Services, Depends(services_of)], said: Said) -> Response:
    """200 always: a guest is answered, if need be worse than usual, which X-Degraded then says."""
    try:
        reply = await services.orchestrator.answer(Message(said.text, said.audio))
    except PmsError as error:
        return pms_failed(error, services.settings.pms_breaker_reset)
    body = {
        "answer": reply.text,
        "intent": reply.understood.intent,
        "language": reply.understood.language,
    }
    answer = JSONResponse(body)
    return degraded(answer, reply.degraded) if reply.degraded else answer
