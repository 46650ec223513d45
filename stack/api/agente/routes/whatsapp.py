"""Guests on WhatsApp: Meta delivers what they write, and each is answered there."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import PlainTextResponse, Response
from pydantic import BaseModel, Field, ValidationError

from agente.answers import degraded, problem
from agente.database import DatabaseGoneError
from agente.orchestrator import Message
from agente.outbox import Answer, Outcome
from agente.pms_client import PmsError
from agente.providers import Provider, Reason
from agente.services import Services, services_of
from agente.signatures import is_whatsapp
from agente.webhooks import received, refused, taken

router = APIRouter()
Uses = Annotated[Services, Depends(services_of)]


class Incoming(BaseModel):
    id: str = Field(min_length=1, max_length=200)
    sender: str = Field(alias="from", min_length=1, max_length=40)
    text: str | None = None
    audio: str | None = None


class _Value(BaseModel):
    messages: list[Incoming] = []


class _Change(BaseModel):
    value: _Value


class _Entry(BaseModel):
    changes: list[_Change]


class Event(BaseModel):
    """Meta's nesting; only the messages in it matter here."""

    entry: list[_Entry]

    def messages(self) -> list[Incoming]:
        return [m for entry in self.entry for change in entry.changes for m in change.value.messages]


@router.get("/webhooks/whatsapp")
async def verify(
    services: Uses,
    token: Annotated[str, Query(alias="hub.verify_token")],
    challenge: Annotated[str, Query(alias="hub.challenge")],
) -> Response:
    """Meta asks once whether this address is ours."""
    ours = services.settings.channels.whatsapp_verify_token
    if not ours or not hmac.compare_digest(ours.encode(), token.encode()):
        return problem(403, "wrong verify token")
    return PlainTextResponse(challenge)


@router.post("/webhooks/whatsapp")
async def receive(services: Uses, request: Request) -> Response:
    """200 once every answer is stored; X-Degraded when one waits to be sent. 401, 422, 503: not taken."""
    received(services, Provider.WHATSAPP)
    body = await request.body()
    signature = request.headers.get("x-hub-signature-256", "")
    secret = services.settings.channels.whatsapp_app_secret
    if not services.settings.defects.no_signature_check and not is_whatsapp(body, signature, secret):
        return refused(services, Provider.WHATSAPP, Reason.SIGNATURE, 401)
    try:
        messages = Event.model_validate_json(body).messages()
    except ValidationError:
        return refused(services, Provider.WHATSAPP, Reason.BODY, 422)
    duplicates, waiting = 0, 0
    try:
        for message in messages:
            answer = await _answer(services, message)
            outcome = await services.outbox.answer(answer)
            duplicates += outcome is Outcome.KNOWN
            waiting += outcome is Outcome.WAITING
    except DatabaseGoneError:
        return refused(services, Provider.WHATSAPP, Reason.DATABASE, 503)
    except PmsError:
        return refused(services, Provider.WHATSAPP, Reason.PROVIDER, 503)
    done = taken(services, Provider.WHATSAPP, duplicates)
    return degraded(done, "queued") if waiting else done


async def _answer(services: Services, message: Incoming) -> Answer:
    words = Message(message.text, message.audio) if message.text or message.audio else Message("", None)
    reply = await services.orchestrator.answer(words)
    return Answer(message.id, message.sender, reply.text)
