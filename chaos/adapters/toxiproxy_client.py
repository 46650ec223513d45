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
from types import ModuleType
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests

from chaos.errors import ToolProblem, foreign_errors
from chaos.ports import Stream, Toxic

_numbers = itertools.count(1)
T = TypeVar("T")


class Hung(ToolProblem):
    """The server did not answer within the deadline: it may or may not have done what it was asked."""


class _Bounded:
    """The three calls of ``requests`` that the library makes: bounded, past any company proxy, 5xx is an
    error.
    """

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def get(self, url: str, **options: Any) -> requests.Response:
        return self._call("GET", url, **options)

    def post(self, url: str, **options: Any) -> requests.Response:
        return self._call("POST", url, **options)

    def delete(self, url: str, **options: Any) -> requests.Response:
        return self._call("DELETE", url, **options)

    def _call(self, method: str, url: str, **options: Any) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, url, timeout=self._deadline, **options)
        if answer.status_code >= 500:
            raise ToolProblem(
                f"Toxiproxy answered {answer.status_code} to {method} {url}: {answer.text.strip()}"
            )
        return answer


class ToxiproxyServer:
    """One Toxiproxy server. Blocking: call it from a thread. Each call ends within ``deadline`` real
    seconds or ``Hung``.
    """

    def __init__(self, api_base: str, deadline: float = 2.0) -> None:
        self.api_base = api_base
        self._deadline = deadline
        place = urlsplit(api_base)
        library = _private_copy()
        self._exceptions = sys.modules[f"{library.__name__}.exceptions"]
        names = self._exceptions
        self._expected = (requests.Timeout, names.NotFound, names.ProxyExists, names.InvalidToxic)
        sys.modules[f"{library.__name__}.api"].requests = _Bounded(deadline)  # type: ignore[attr-defined]
        self._proxy_class = library.Proxy
        self._server = library.Toxiproxy()
        self._server.update_api_consumer(place.hostname, place.port or 8474)

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
        except requests.Timeout as error:
            raise Hung(f"Toxiproxy at {self.api_base} did not {what} within {self._deadline:g} s") from error
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
    """The package ``toxiproxy``, imported again, under a name of its own."""
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
    spec.loader.exec_module(module)
    return module
