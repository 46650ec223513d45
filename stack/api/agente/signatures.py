"""Whether a webhook really comes from its provider. Pure; comparisons take the same time whatever differs."""

from __future__ import annotations

import hashlib
import hmac


def is_whatsapp(body: bytes, header: str, secret: str) -> bool:
    """Meta's X-Hub-Signature-256: ``sha256=`` and the HMAC-SHA256 of the body under the app secret."""
    return _same(f"sha256={_hmac(secret, body)}", header, secret)


def is_payment(payment: str, request_id: str, header: str, secret: str) -> bool:
    """Mercado Pago's X-Signature: ``ts=...,v1=...``, the HMAC-SHA256 of payment, request and time stamp."""
    parts = dict(part.strip().partition("=")[::2] for part in header.split(","))
    manifest = f"id:{payment};request-id:{request_id};ts:{parts.get('ts', '')};"
    return _same(_hmac(secret, manifest.encode()), parts.get("v1", ""), secret)


def _hmac(secret: str, text: bytes) -> str:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def _same(right: str, given: str, secret: str) -> bool:
    """Under an empty secret no signature is right, because anybody could make it."""
    return bool(secret) and hmac.compare_digest(right.encode(), given.encode())
