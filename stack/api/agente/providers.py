"""Who sends webhooks, and why one is not answered 200. The words are labels of metrics."""

from __future__ import annotations

from enum import StrEnum


class Provider(StrEnum):
    WHATSAPP = "whatsapp"
    PAYMENTS = "payments"


class Reason(StrEnum):
    SIGNATURE = "signature"
    BODY = "body"
    DATABASE = "database"
    PROVIDER = "provider"  # what the webhook is about could not be read from its provider
