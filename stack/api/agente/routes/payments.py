"""The payment provider delivers each payment at least once; the API charges it exactly once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field, ValidationError

from agente.channels_client import ChannelGoneError
from agente.database import DatabaseGoneError
from agente.providers import Provider, Reason
from agente.services import Services, services_of
from agente.signatures import is_payment
from agente.webhooks import received, refused, taken

router = APIRouter()


class _Data(BaseModel):
    id: str = Field(min_length=1, max_length=100, pattern=r"^[\w.-]+$")  # it becomes part of a path


class Event(BaseModel):
    """Of the provider's event only the payment's id is believed; the rest is asked for."""

    data: _Data


@router.post("/webhooks/payments")
async def receive(
    services: Annotated[Services, Depends(services_of)],
    request: Request,
    x_signature: Annotated[str, Header()] = "",
    x_request_id: Annotated[str, Header()] = "",
) -> Response:
    """200 charged, now or before; 401 wrong signature; 503 provider or database gone: deliver it again."""
    received(services, Provider.PAYMENTS)
    try:
        ident = Event.model_validate_json(await request.body()).data.id
    except ValidationError:
        return refused(services, Provider.PAYMENTS, Reason.BODY, 422)
    secret = services.settings.channels.payment_webhook_secret
    checked = not services.settings.defects.no_signature_check
    if checked and not is_payment(ident, x_request_id, x_signature, secret):
        return refused(services, Provider.PAYMENTS, Reason.SIGNATURE, 401)
    try:
        is_new = await services.charge(await services.channels.payment(ident))
    except ChannelGoneError:
        return refused(services, Provider.PAYMENTS, Reason.PROVIDER, 503)
    except DatabaseGoneError:
        return refused(services, Provider.PAYMENTS, Reason.DATABASE, 503)
    return taken(services, Provider.PAYMENTS, 0 if is_new else 1)
