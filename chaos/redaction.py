"""Hides secrets: removes their values from texts, in every spelling that tools use."""

from __future__ import annotations

import base64
import html
import json
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from html.entities import codepoint2name as names
from urllib.parse import quote, quote_plus

HIDDEN = "[redacted]"
SHORTEST = 4  # characters; a shorter value would also be removed from unrelated words
_SHORTEST_LINE = 8  # characters; a shorter line of a secret would also be removed from unrelated texts
_SHORTEST_CORE = 6  # base64 characters; a shorter piece would also be removed from unrelated words


def hideable(values: Iterable[str]) -> tuple[str, ...]:
    """The values of at least ``SHORTEST`` characters, the longest first.

    In another order a short value inside a long one would be removed first, and the rest stay readable.
    """
    return tuple(sorted({value for value in values if len(value) >= SHORTEST}, key=lambda v: (-len(v), v)))


def redact(text: str, secrets: Iterable[str], mask: str = HIDDEN) -> str:
    """``text`` with ``mask`` in place of every secret, in each of these spellings: plain, JSON (also JSON
    within JSON), URL, HTML, shell, Compose, text in quotes (YAML, SQL, CSV), Python, hexadecimal and base64.
    A secret of five bytes or more is also found inside the base64 of a longer text, such as
    ``user:password``; a secret of several lines also by its lines.
    """
    for spelt in _spellings(tuple(secrets)):
        if spelt in text:
            text = text.replace(spelt, mask)
    return text


@dataclass(frozen=True)
class Hiding:
    """Removes ``secrets`` from texts. A text that is one of ``names`` stays: a service may have the same name
    as the value of a password. Texts that are compared later must pass through the same object.
    """

    secrets: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()

    def __call__(self, text: str) -> str:
        return text if not self.secrets or text in self.names else redact(text, self.secrets)


@lru_cache(maxsize=64)
def _spellings(secrets: tuple[str, ...]) -> tuple[str, ...]:
    """Every spelling of every secret, the longest first."""
    found = {spelt for secret in secrets if secret for spelt in _spellings_of(secret)}
    return tuple(sorted(found, key=lambda spelt: (-len(spelt), spelt)))


def _spellings_of(secret: str) -> Iterator[str]:
    yield secret
    yield from _lines(secret)
    for as_json in _json(secret):
        yield as_json
        yield from _json(as_json)
    yield from _json_within_json(secret)
    yield from _code_points(secret)
    yield from _annotation(secret)
    yield from _percent(secret)
    yield from _html(secret)
    yield from _shell(secret)
    yield repr(secret)[1:-1]
    raw = secret.encode("utf-8", "surrogatepass")
    yield repr(raw)[2:-1]
    yield raw.hex()
    yield raw.hex().upper()
    yield "".join(f"\\x{byte:02x}" for byte in raw)
    yield from _base64(raw)


def _lines(secret: str) -> Iterator[str]:
    """The lines of a secret such as a PEM key, because a log may put a prefix before each line. Also as the
    spellings that keep the ends of lines write them.
    """
    lines = secret.splitlines()
    if len(lines) > 1:
        for line in lines:
            if len(line) >= _SHORTEST_LINE and not line.startswith("-----"):
                yield line
                yield from _html(line)
                yield from _shell(line)
        yield "\r\n".join(lines)


def _json(secret: str) -> Iterator[str]:
    for ascii_only in (True, False):
        as_json = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield as_json
        yield as_json.replace("/", "\\/")  # as PHP writes it
        for letter in "<>&'":  # as Go's encoder and Jinja's tojson write it
            as_json = as_json.replace(letter, f"\\u{ord(letter):04x}")
        yield as_json
        yield as_json.replace("=", "\\u003d")  # as Gson writes it
    yield "".join(_dot_net(letter) for letter in secret)


def _json_within_json(secret: str) -> Iterator[str]:
    """Three times JSON: a log line about a message whose body is JSON in a string."""
    for ascii_only in (True, False):
        text = secret
        for _ in range(3):
            text = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield text


def _code_points(secret: str) -> Iterator[str]:
    r"""As Python's ``ascii`` and YAML in double quotes write it: ``\xe9``, ``\u65e5``, ``\U0001d4ae``."""
    python = secret.encode("unicode_escape").decode()
    for spelt in (python, python.replace('"', '\\"'), python.replace("'", "\\'")):
        yield spelt
        yield spelt.replace("\\x00", "\\0")
    yaml = "".join(_yaml(letter) for letter in secret)
    yield yaml
    yield yaml.replace("\\x00", "\\0")


def _yaml(letter: str) -> str:
    if letter.isascii() and letter.isprintable():
        return f"\\{letter}" if letter in '\\"' else letter
    if letter in "\n\r\t":
        return json.dumps(letter)[1:-1]
    code = ord(letter)
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def _annotation(secret: str) -> Iterator[str]:
    """As the commands of GitHub's runner write it: in a message, and in a property."""
    message = secret.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    yield message
    yield message.replace(":", "%3A").replace(",", "%2C")


def _dot_net(letter: str) -> str:
    """One letter as System.Text.Json writes it: it also escapes signs such as ``"`` and ``+``."""
    short = json.dumps(letter)[1:-1]
    if letter.isascii() and (letter == "\\" or (len(short) < 6 and letter not in "\"&'+<>`")):
        return short
    units = letter.encode("utf-16-be", "surrogatepass").hex().upper()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _html(secret: str) -> Iterator[str]:
    """HTML as the templates of several languages write it. Letters beyond ASCII also by number or name."""
    named = "".join(f"&{names[ord(letter)]};" if ord(letter) in names else letter for letter in secret)
    for escaped in (html.escape(secret), html.escape(secret, quote=False), named.replace("'", "&#x27;")):
        for apostrophe in ("&#x27;", "&#39;", "&#039;", "&apos;", "'"):
            quoted = escaped.replace("&#x27;", apostrophe)
            for one in (quoted, quoted.replace("&quot;", "&#34;")):
                yield one
                yield one.replace("+", "&#43;")
                yield one.replace("/", "&#x2F;").replace("`", "&#x60;").replace("=", "&#x3D;")
                yield one.encode("ascii", "xmlcharrefreplace").decode()
                yield one.replace("\t", "&#9;").replace("\n", "&#10;").replace("\r", "&#13;")


def _shell(secret: str) -> Iterator[str]:
    """Text as shells write it, and as files that double a quote (YAML, SQL, CSV) or ``$`` (Compose)."""
    yield shlex.quote(secret)[1:-1] if shlex.quote(secret) != secret else secret
    yield secret.replace("'", "'\\''")
    yield secret.replace("'", "''")
    yield secret.replace('"', '""')
    yield secret.replace("$", "$$")
    yield "".join(f"\\{letter}" if letter in '\\"$`' else letter for letter in secret)  # in double quotes
    plain = ("", "_-.,:+/@", "_-.:+/@%=~#", "_-.:+/@%=~#,")  # re.escape, Ruby, bash, older bash
    for kept in plain:
        spelt = "".join(letter if letter.isalnum() or letter in kept else f"\\{letter}" for letter in secret)
        yield spelt
        yield spelt.replace("\\\n", "'\n'")


def _percent(secret: str) -> Iterator[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    every = "".join(f"%{byte:02X}" for byte in raw)
    # By Java, JavaScript, Go and browsers, which leave other signs as they are.
    java = quote_plus(raw, safe="*").replace("~", "%7E")
    kept = ("!*'()", "$&+=:@", ";,/?:@&=+$!*'()#", "/?&=%:;,+$@!*'()~[]")
    others = (java, *(quote(raw, safe=safe) for safe in kept))
    for spelt in (quote(raw, safe=""), quote(raw), quote_plus(raw), *others, every):
        yield spelt
        yield spelt.replace("%", "%25")  # once more, as a parameter of another URL
        parts = spelt.split("%")
        yield parts[0] + "".join(f"%{part[:2].lower()}{part[2:]}" for part in parts[1:])


def _base64(raw: bytes) -> Iterator[str]:
    """The base64 of the bytes alone, and the part of it that stays the same inside a longer text."""
    cores = [base64.b64encode(raw).decode()]
    cores.append(cores[0].rstrip("="))
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + raw).decode()
        core = encoded[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6]
        if len(core) >= _SHORTEST_CORE:
            cores.append(core)
    cores += [base64.encodebytes(raw).decode().strip(), _wrapped(cores[0], 64)]
    for core in cores:
        yield core
        yield core.replace("+", "-").replace("/", "_")


def _wrapped(text: str, width: int) -> str:
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))
