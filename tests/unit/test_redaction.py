"""Secrets, in every spelling that tools make of them."""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
from html.entities import codepoint2name as names
from urllib.parse import quote, quote_plus, urlencode
from xml.sax.saxutils import quoteattr

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chaos.redaction import HIDDEN, Hiding, hideable, redact

SECRET = "p'ä&<\"s/w+d $1\\x"
AWKWARD = st.text(st.sampled_from("ab1/+=&<>\"'\\ $%äé~\n"), min_size=6, max_size=20)


def spelt(secret: str) -> dict[str, str]:
    """Each spelling as a tool would print it."""
    raw = secret.encode()
    return {
        "plain": f"password={secret};",
        "json": json.dumps({"password": secret}),
        "json as utf-8": json.dumps({"password": secret}, ensure_ascii=False),
        "json in json": json.dumps({"text": json.dumps({"password": secret})}),
        "url": f"postgres://app:{quote(secret, safe='')}@db/x",
        "path": f"GET /{quote(secret)}",
        "form": urlencode({"password": secret}),
        "plus": quote_plus(secret),
        "lower case": "".join(f"%{byte:02x}" for byte in raw),
        "twice": quote(quote(secret, safe=""), safe=""),
        "html": f"<p>{html.escape(secret)}</p>",
        "html text": html.escape(secret, quote=False),
        "html decimal": html.escape(secret).replace("&#x27;", "&#39;"),
        "shell": f"export PASSWORD={shlex.quote(secret)}",
        "python": repr({"password": secret}),
        "base64": base64.b64encode(raw).decode(),
        "base64 for urls": base64.urlsafe_b64encode(raw).decode().rstrip("="),
        "basic auth": "Basic " + base64.b64encode(b"app:" + raw).decode(),
        "basic auth, another user": "Basic " + base64.b64encode(b"admin:" + raw).decode(),
        "json of .NET": "".join(
            f"\\u{ord(one):04X}"
            if one in "\"&'+<>`äé" or (one < " " and one != "\n")
            else json.dumps(one)[1:-1]
            for one in secret
        ),
        "json of Gson": json.dumps(secret)[1:-1].translate(
            {ord(one): f"\\u{ord(one):04x}" for one in "<>&'="}
        ),
        "compose config": f"PASSWORD: {secret.replace('$', '$$')}",
        "yaml": "PASSWORD: '{}'".format(secret.replace("'", "''")),
        "csv": '"{}"'.format(secret.replace('"', '""')),
        "bash %q": re.sub(r"([ \t\n'\"\\|&;()<>!{}*\[\]?^$`,])", r"\\\1", secret),
        "double quotes": '"{}"'.format(re.sub(r'([\\"$`])', r"\\\1", secret)),
        "Ruby": re.sub(r"([^\w\-.,:+/@\n])", r"\\\1", secret).replace("\n", "'\n'"),
        "xml": html.escape(secret).encode("ascii", "xmlcharrefreplace").decode(),
        "html with names": "".join(
            f"&{names[ord(one)]};" if ord(one) in names else "&#39;" if one == "'" else one for one in secret
        ),
        "html of Go": html.escape(secret)
        .replace("&#x27;", "&#39;")
        .replace("&quot;", "&#34;")
        .replace("+", "&#43;"),
        "encodeURIComponent": quote(secret, safe="!*'()~"),
        "Java": quote_plus(secret, safe="*").replace("~", "%7E"),
        "bytes": repr(raw),
        "hex": raw.hex(),
        "json in json in json": json.dumps(json.dumps(json.dumps({"password": secret}))),
        "xml attribute": quoteattr(f"\"'{secret}"),
        "ascii": ascii({"password": secret}),
        "yaml in ascii": yaml.safe_dump(secret, default_style='"', width=1_000),
        "annotation": secret.replace("%", "%25").replace("\n", "%0A"),
        "in the middle": base64.b64encode(b"x" + raw + b"yz").decode(),
    }


@pytest.mark.parametrize("name", spelt(SECRET))
def test_a_secret_is_hidden_in_every_spelling(name: str) -> None:
    text = spelt(SECRET)[name]
    hidden = redact(text, (SECRET,))
    assert hidden != text
    assert HIDDEN in hidden
    assert len(hidden.replace(HIDDEN, "")) < 40  # what stood around it


@given(AWKWARD)
def test_no_whole_spelling_of_any_secret_is_left(secret: str) -> None:
    for text in spelt(secret).values():
        assert redact(text, (secret,)) != text


@given(st.lists(AWKWARD, max_size=3), st.text())
def test_a_text_without_a_secret_stays_as_it_is_and_hiding_is_finished_after_once(
    secrets: list[str], text: str
) -> None:
    once = redact(text, hideable(secrets))
    if not any(secret in text for secret in secrets) and HIDDEN not in once:
        assert once == text


def test_a_key_of_several_lines_is_hidden_line_by_line_and_in_wrapped_base64() -> None:
    key = "-----BEGIN KEY-----\nMC4CAQAwBQYDK2VwBCIEIJq7\nZ0k3mYVd9y8QxKQ=\n-----END KEY-----\n"
    log = "".join(f"web-1  | {line}\n" for line in key.splitlines())
    assert "MC4CAQ" not in redact(log, (key,))
    assert "Z0k3" not in redact(log, (key,))
    assert redact(base64.encodebytes(key.encode()).decode(), (key,)) == f"{HIDDEN}\n"


def test_a_line_of_a_secret_is_hidden_where_its_signs_are_escaped_too() -> None:
    secret = "first line of it\nand's the <b>second</b> $line\n"
    for spelling in (html.escape(secret), shlex.quote(secret), secret.replace("$", "$$"), secret):
        log = "".join(f"12:00:00 {line}\n" for line in spelling.splitlines())
        hidden = redact(log, (secret,))
        assert "second" not in hidden, spelling
        assert "first" not in hidden, spelling


def test_the_longest_spelling_of_all_secrets_goes_first() -> None:
    assert redact("swordfish sword", ("sword", "swordfish")) == f"{HIDDEN} {HIDDEN}"


def test_a_name_that_is_also_a_secret_stays_alone_and_goes_within_a_text() -> None:
    hide = Hiding(("cache",), frozenset({"cache"}))
    assert (hide("cache"), hide("the cache")) == ("cache", f"the {HIDDEN}")
    assert Hiding()("cache") == "cache"
