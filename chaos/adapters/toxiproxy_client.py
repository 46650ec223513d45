"""Adapts toxiproxy-python to several servers and to servers that hang. docs/adr explains why.

The library keeps host and port on a class that its modules share, so one process can talk to one server; it
sets no time-outs; and it lets a 5xx answer pass as a success. So each server gets a *private copy* of the
package, imported under a name of its own (its modules import each other relatively, so a copy shares
nothing with the next one), and the ``requests`` in that copy is replaced by ``_Bounded``. The shared
package is never altered.
"""

from __future__ import annotations

import importlib.util
import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from json import dumps
from types import ModuleType
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from chaos.errors import ToolProblem, foreign_errors
from chaos.http_exchange import answering, body_of
from chaos.json_text import read_json
from chaos.ports import Stream, Toxic

_numbers = itertools.count(1)
_PORT = 8474  # Toxiproxy's own default
_PATH = "/%:@!$&'()*+,;=-._~"  # stays as it is in a path
_MOST_BYTES = 16_000_000
_SHOWN = 300  # bytes of an answer that an error quotes
T = TypeVar("T")


class ToxiproxyTimeout(ToolProblem):
    """The server did not answer within the deadline: it may or may not have done what it was asked."""


@dataclass(frozen=True)
class _ToxiproxyAnswer:
    """What the library uses of an answer."""

    status_code: int
    content: bytes

    def json(self) -> Any:
        return read_json(self.content)


class _Bounded:
    """The three calls of ``requests`` that the library makes. Each ends within the deadline and stays on this
    server: it follows no redirect and uses no proxy. A redirect and 5xx are errors.
    """

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def get(self, url: str, params: None = None) -> _ToxiproxyAnswer:
        return self._call("GET", url)

    def post(self, url: str, data: None = None, json: object = None) -> _ToxiproxyAnswer:
        return self._call("POST", url, b"" if json is None else dumps(json).encode())

    def delete(self, url: str) -> _ToxiproxyAnswer:
        return self._call("DELETE", url)

    def _call(self, method: str, url: str, content: bytes = b"") -> _ToxiproxyAnswer:
        place = urlsplit(url)
        headers = {"User-Agent": "gameday", "Content-Type": "application/json"}
        path = quote(place.path, safe=_PATH)
        host, port = str(place.hostname), place.port or _PORT
        body = bytearray()
        with answering(host, port, method, path, headers, content, self._deadline) as answer:
            for piece in body_of(answer):
                body += piece
                if len(body) > _MOST_BYTES:
                    raise ToolProblem(f"Toxiproxy answered {method} {url} with more than {_MOST_BYTES} bytes")
        if answer.status >= 500 or 300 <= answer.status < 400:
            words = body[:_SHOWN].decode(errors="replace").strip()
            raise ToolProblem(f"Toxiproxy answered {answer.status} to {method} {url}: {words}")
        return _ToxiproxyAnswer(answer.status, bytes(body))


class ToxiproxyServer:
    """One Toxiproxy server. Blocking: call it from a thread. Each call ends within ``deadline`` real
    seconds or ``ToxiproxyTimeout``.
    """

    def __init__(self, api_base: str, deadline: float = 2.0) -> None:
        self.api_base = api_base
        self._deadline = deadline
        place = urlsplit(api_base)
        library = _private_copy()
        self._exceptions = names = library.exceptions
        self._expected = (TimeoutError, names.NotFound, names.ProxyExists, names.InvalidToxic)
        library.api.requests = _Bounded(deadline)
        self._proxy_class = library.Proxy
        self._server = library.Toxiproxy()
        self._server.update_api_consumer(place.hostname, place.port or _PORT)

    def enabled(self, proxy: str) -> bool:
        found = self._translated(f"read proxy {proxy}", lambda: self._server.get_proxy(proxy))
        if found is None:
            raise ToolProblem(f"Toxiproxy at {self.api_base} has no proxy {proxy}")
        return bool(found.enabled)

    def set_enabled(self, proxy: str, enabled: bool) -> None:
        handle = self._handle(proxy)
        verb, act = ("enable", handle.enable) if enabled else ("disable", handle.disable)
        self._translated(f"{verb} proxy {proxy}", act)

    def toxics(self, proxy: str) -> tuple[Toxic, ...]:
        def read() -> tuple[Toxic, ...]:
            return tuple(
                Toxic(name, found.type, Stream(found.stream), dict(found.attributes), float(found.toxicity))
                for name, found in sorted(self._handle(proxy).toxics().items())
            )

        return self._translated(f"list the toxics of {proxy}", read)

    def add_toxic(self, proxy: str, toxic: Toxic) -> None:
        """Replaces a different toxic with the same name."""

        def add() -> None:
            self._handle(proxy).add_toxic(
                name=toxic.name,
                type=toxic.kind,
                stream=str(toxic.stream),
                toxicity=toxic.toxicity,
                attributes=dict(toxic.attributes),
            )

        what = f"add toxic {toxic.name} to {proxy}"
        try:
            self._translated(what, add)
        except _Exists:
            if toxic not in self.toxics(proxy):
                self.remove_toxic(proxy, toxic.name)
                self._translated(what, add)

    def remove_toxic(self, proxy: str, name: str) -> None:
        try:
            self._translated(
                f"remove toxic {name} from {proxy}", lambda: self._handle(proxy).destroy_toxic(name)
            )
        except _Missing:
            return

    def reset(self) -> None:
        """Enables all proxies and removes all toxics."""
        self._translated("reset", self._server.reset)

    def _handle(self, proxy: str) -> Any:
        # Only the name goes into the library's calls; asking the server for the rest would be one more call
        # to hang.
        return self._proxy_class(name=proxy, upstream="", listen="", enabled=True)

    def _translated(self, what: str, work: Callable[[], T]) -> T:
        try:
            with foreign_errors(f"Toxiproxy at {self.api_base} could not {what}", passing=self._expected):
                return work()
        except TimeoutError as error:
            raise ToxiproxyTimeout(
                f"Toxiproxy at {self.api_base} did not {what} within {self._deadline:g} s"
            ) from error
        except self._exceptions.NotFound as error:
            raise _Missing(f"Toxiproxy at {self.api_base} could not {what}: not found") from error
        except self._exceptions.ProxyExists as error:
            raise _Exists(f"Toxiproxy at {self.api_base} could not {what}: it exists") from error
        except self._exceptions.InvalidToxic as error:
            words = error.args[0].decode(errors="replace").strip()
            raise ToolProblem(f"Toxiproxy at {self.api_base} refused to {what}: {words}") from error


class _Missing(ToolProblem):
    """404."""


class _Exists(ToolProblem):
    """409."""


def _private_copy() -> ModuleType:
    """The package ``toxiproxy``, imported again, under a name of its own. Nothing but the result holds it."""
    original = importlib.util.find_spec("toxiproxy")
    if original is None or original.origin is None:
        raise ToolProblem("toxiproxy-python is not installed")
    name = f"_gameday_toxiproxy_{next(_numbers)}"
    spec = importlib.util.spec_from_file_location(
        name, original.origin, submodule_search_locations=original.submodule_search_locations
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    finally:  # it imports nothing later, and a process that makes many runs would keep every copy
        for imported in tuple(sys.modules):
            if imported == name or imported.startswith(f"{name}."):
                del sys.modules[imported]
    return module
