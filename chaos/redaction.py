"""Secrets: which values are hidden, and how they are removed from a text in every spelling of them."""

from __future__ import annotations

import base64
import html
import json
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, quote_plus

HIDDEN = "[redacted]"
SHORTEST = 4  # characters; a shorter value would also be removed from unrelated words
_SHORTEST_CORE = 6  # characters of base64 that are taken for a part of a secret


def hideable(values: Iterable[str]) -> tuple[str, ...]:
    """The values that are long enough to be removed, the longest first.

    In another order a short value would be removed from a long one and leave the rest of it readable.
    """
    return tuple(sorted({value for value in values if len(value) >= SHORTEST}, key=lambda v: (-len(v), v)))


def redact(text: str, secrets: Iterable[str], mask: str = HIDDEN) -> str:
    """``text`` with ``mask`` in place of every secret, however a tool spelt it: as it is, or as it stands in
    JSON (also in JSON within JSON), a URL, HTML, a shell command, Python, or base64 (from six bytes on also
    as a part of a longer text, such as ``user:password``).
    """
    for spelt in _spellings(tuple(secrets)):
        if spelt in text:
            text = text.replace(spelt, mask)
    return text


@dataclass(frozen=True)
class Hiding:
    """Removes secrets from texts, but for ``names``: words that a recording refers to, such as a service
    whose name is also the value of a password. Everything that is compared later passes through the same one.
    """

    secrets: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()

    def __call__(self, text: str) -> str:
        return text if not self.secrets or text in self.names else redact(text, self.secrets)


@lru_cache(maxsize=64)
def _spellings(secrets: tuple[str, ...]) -> tuple[str, ...]:
    """Of all secrets together, the longest first."""
    found = {spelt for secret in secrets if secret for spelt in _spellings_of(secret)}
    return tuple(sorted(found, key=lambda spelt: (-len(spelt), spelt)))


def _spellings_of(secret: str) -> Iterator[str]:
    yield secret
    for as_json in _json(secret):
        yield as_json
        yield from _json(as_json)
    yield from _percent(secret)
    for escaped in (html.escape(secret), html.escape(secret, quote=False)):
        yield escaped
        for decimal in (escaped.replace("&#x27;", "&#39;"), escaped.replace("&#x27;", "&#039;")):
            yield decimal
            yield decimal.replace("&quot;", "&#34;")
    yield shlex.quote(secret)[1:-1] if shlex.quote(secret) != secret else secret
    yield secret.replace("'", "'\\''")
    yield "".join(letter if letter.isalnum() else f"\\{letter}" for letter in secret)
    yield repr(secret)[1:-1]
    yield from _base64(secret.encode("utf-8", "surrogatepass"))


def _json(secret: str) -> Iterator[str]:
    for ascii_only in (True, False):
        as_json = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield as_json
        yield as_json.replace("/", "\\/")  # as PHP writes it
        for letter in "<>&'":  # as Go's encoder and Jinja's tojson write it
            as_json = as_json.replace(letter, f"\\u{ord(letter):04x}")
        yield as_json


def _percent(secret: str) -> Iterator[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    every = "".join(f"%{byte:02X}" for byte in raw)
    lenient = quote(raw, safe="/?&=%:;,+$@!*'()~[]")
    for spelt in (quote(raw, safe=""), quote(raw), quote_plus(raw), lenient, every):
        yield spelt
        yield spelt.replace("%", "%25")  # once more, as a parameter of another URL
        parts = spelt.split("%")
        yield parts[0] + "".join(f"%{part[:2].lower()}{part[2:]}" for part in parts[1:])


def _base64(raw: bytes) -> Iterator[str]:
    """Alone, and in the middle of something longer: the letters that no neighbour changes."""
    cores = [base64.b64encode(raw).decode()]
    cores.append(cores[0].rstrip("="))
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + raw).decode()
        core = encoded[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6]
        if len(core) >= _SHORTEST_CORE:
            cores.append(core)
    for core in cores:
        yield core
        yield core.replace("+", "-").replace("/", "_")
