"""No exception of a library leaves an adapter: each public method is called over a library that breaks."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import itertools
import json
import pkgutil
import struct
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import is_dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol
from unittest.mock import Mock

import docker.errors
import httpx
import pytest
import requests
import urllib3.exceptions
from pydantic import BaseModel

import chaos.adapters
from chaos.adapters import pings
from chaos.adapters.alert_history import AlertHistory
from chaos.adapters.alertmanager import AlertmanagerClient
from chaos.adapters.attached import PublishedPorts
from chaos.adapters.connections import ConnectionReader
from chaos.adapters.container_states import ContainerStates
from chaos.adapters.containers import DockerContainers
from chaos.adapters.disks import ContainerDisks
from chaos.adapters.http_proxies import HaproxyHttpProxies, ProxyEndpoint
from chaos.adapters.labels import OwnershipLabel
from chaos.adapters.levers import StackLevers
from chaos.adapters.limits import DockerLimits
from chaos.adapters.link_use import CountedLink, LinkUseReader, OwnUse
from chaos.adapters.links import LinkEndpoint, ToxiproxyLinks
from chaos.adapters.names import DockerNames, NamedProxy
from chaos.adapters.networks import DockerNetworks
from chaos.adapters.prometheus import PrometheusReader
from chaos.adapters.psql import ContainerPostgres
from chaos.adapters.redis_cli import ContainerRedis
from chaos.adapters.stack import leftovers, logs, start_progress, sweep
from chaos.adapters.stack.operator import StackOperator
from chaos.adapters.stack.rollout import ComposeRollout
from chaos.adapters.stack.runtime import StackRuntime
from chaos.adapters.storage import DockerStorage
from chaos.adapters.toxiproxy_client import ToxiproxyServer
from chaos.engine import EngineAddress
from chaos.errors import GamedayError, ToolProblem, foreign_errors
from chaos.model.stack import HttpCall, Lever, ServiceRole, as_link
from chaos.ports import HttpEffect, HttpRule, LeverPhase, NewVersion, ProcessorQuota, Stream, Toxic
from tests.unit.adapters.overlay.specimens import shop, stack
from tests.unit.adapters.stack.stand_in import plan_for, play_compose

LINK = as_link("web->db")
FOREIGN: tuple[Exception, ...] = (
    docker.errors.APIError("conflict"),
    docker.errors.DockerException("no version"),
    requests.ConnectionError("refused"),
    requests.ReadTimeout("slow"),
    urllib3.exceptions.ProtocolError("broke off"),
    httpx.ReadError("reset"),
    httpx.InvalidURL("odd"),
    json.JSONDecodeError("no JSON", "<html>", 0),
    ValueError("49 is not a valid stream"),
    KeyError("Id"),
    IndexError("list index out of range"),
    TypeError("'NoneType' object is not iterable"),
    AttributeError("'list' object has no attribute 'get'"),
    struct.error("unpack requires a buffer of 8 bytes"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    ConnectionResetError("reset"),
    TimeoutError("timed out"),
    OSError(24, "too many open files"),
    RecursionError("nested too deep"),
    AssertionError("impossible"),
)
ids = [type(error).__name__ for error in FOREIGN]


class Broken:
    """Anything of a library: every call of anything in it raises ``error``."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Broken:
        return Broken(self._error)

    def __call__(self, *arguments: object, **named: object) -> object:
        raise self._error


class BrokenTransport(httpx.AsyncBaseTransport):
    def __init__(self, error: Exception) -> None:
        self._error = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise self._error


ARGUMENTS: dict[str, object] = {
    "quota": ProcessorQuota(nano=5),
    "service": "db",
    "signal": "SIGKILL",
    "grace": 1.0,
    "argv": ["docker", "compose", "ps"],
    "timeout": 1.0,
    "volume": "data",
    "link": LINK,
    "toxic": Toxic("slow", "latency", Stream.UPSTREAM, {"latency": 1}),
    "name": "slow",
    "proxy": str(LINK),
    "enabled": True,
    "lever": "mock.errors",
    "phase": LeverPhase.INJECT,
    "params": {},
    "query": "up",
    "start": 0.0,
    "end": 1.0,
    "deadline": 0.1,
    "within": 0.0,
    "question": HttpCall.model_validate({"service": "web", "port": 80, "path": "/"}),
    "port": 80,
    "everything": True,
    "run_id": "r",
    "quiet_rounds": 1,
    "pause": 0.0,
    "last": 10,
    "secrets": (),
    "host": "127.0.0.1",
    "role": ServiceRole.HTTP,
    "mono": lambda: 0.0,
    "verb": "read",
    "work": lambda found: found,
    "job": "id",
    "size": 10,
    "seconds": 0.1,
    "cpus": 0.5,
    "most_bytes": 4096,
    "count": 1,
    "path": "/",
    "effect": HttpEffect.STATUS,
    "rule": HttpRule(HttpEffect.STATUS, "/", 100, "503"),
    "variables": {"LEVEL": "high"},
    "version": NewVersion({}, "web:2"),
}


def test_the_translation_lets_pass_what_is_gamedays_own_and_cancellation() -> None:
    for own in (ToolProblem("own"), asyncio.CancelledError(), KeyboardInterrupt()):
        with pytest.raises(type(own)) as caught, foreign_errors("it"):
            raise own
        assert caught.value is own
    for error in FOREIGN:
        with pytest.raises(ToolProblem, match="it failed: ") as translated, foreign_errors("it failed"):
            raise error
        assert translated.value.__cause__ is error


async def prepared_runtime(folder: Path, client: object, monkeypatch: pytest.MonkeyPatch) -> StackRuntime:
    """A run whose files are generated: whatever is asked of it next reaches the engine."""
    play_compose(folder / "bin", shop())
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:/usr/bin:/bin")
    (folder / "docker-compose.yml").write_text("services: {}")
    engine = Mock()
    engine.images.get.side_effect = docker.errors.ImageNotFound("not here yet")
    runtime = StackRuntime(
        plan_for(stack(), folder), folder / "run", "r", EngineAddress(), engine, private=folder / "private"
    )
    await runtime.prepare()
    monkeypatch.setattr(runtime, "_given", client)
    return runtime


async def _never(what: str, call: Callable[[], object]) -> None:
    try:
        done = call()
        if isinstance(done, Awaitable):
            await done
    except GamedayError:
        return
    except Exception as error:
        pytest.fail(f"{what} let {error!r} pass")


def _methods(adapter: object, skipped: frozenset[str]) -> Iterator[tuple[str, Callable[..., object]]]:
    for name, _ in inspect.getmembers(type(adapter), inspect.isfunction):
        if not name.startswith("_") and name not in skipped:
            yield f"{type(adapter).__name__}.{name}", getattr(adapter, name)


async def _try_all(adapter: object, given: dict[str, object], skipped: frozenset[str] = frozenset()) -> None:
    for what, method in _methods(adapter, skipped):
        await _never(what, lambda method=method: method(**_arguments(method, given)))  # type: ignore[misc]


def _arguments(method: Callable[..., object], given: dict[str, object]) -> dict[str, object]:
    known = ARGUMENTS | given
    parameters = inspect.signature(method).parameters.values()
    required = [p for p in parameters if p.default is p.empty and p.kind is not p.VAR_POSITIONAL]
    return {p.name: known[p.name] for p in required}


@pytest.mark.thorough
@pytest.mark.parametrize("error", FOREIGN, ids=ids)
async def test_no_exception_of_the_sdk_leaves_an_adapter_of_the_engine(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instants = itertools.count(0, 100)  # every patience is over at the second look
    monkeypatch.setattr(
        sweep, "time", SimpleNamespace(monotonic=lambda: next(instants), sleep=lambda _: None)
    )
    client = Broken(error)
    given: dict[str, object] = {"client": client, "folder": tmp_path}
    containers = DockerContainers("r", client)
    for adapter in (
        containers,
        DockerLimits(containers, client),
        ConnectionReader(client, "r"),
        DockerNetworks(containers, client),
        DockerNames(containers, client, lambda link: NamedProxy("toxiproxy-web", "r_link-web")),
        ContainerDisks(containers.execute),
        ContainerRedis(containers.execute),
        ContainerPostgres(containers.execute, containers.launch),
        ContainerStates("r", client),
        DockerStorage("r", client),
        PublishedPorts(OwnershipLabel("project", "shop"), stack(), client),
        await prepared_runtime(tmp_path, client, monkeypatch),
    ):
        await _try_all(adapter, given, frozenset({"unsettle"}))
    rollout = ComposeRollout(await prepared_runtime(tmp_path, client, monkeypatch), containers, ())
    await _try_all(rollout, given)
    box = start_progress.FoundContainer("db", "id", "running")
    monkeypatch.setattr(leftovers, "connect", lambda engine: client)
    for call in (
        lambda: sweep.belongings(client, "r"),
        lambda: sweep.remove_run(client, "r", 0.0),
        lambda: start_progress.list_containers(client, "r"),
        lambda: logs.save_logs(client, [box], tmp_path, ()),
        lambda: logs.last_lines(client, box, ()),
        lambda: leftovers.clean(EngineAddress()),
        lambda: leftovers.find_runs(client),
    ):
        await _never("a function of chaos.adapters.stack", call)


@pytest.mark.thorough
@pytest.mark.parametrize("error", FOREIGN, ids=ids)
async def test_no_exception_of_an_http_library_leaves_an_adapter(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_for(stack(), tmp_path)
    reader = PrometheusReader("http://127.0.0.1:9", BrokenTransport(error))
    await _try_all(reader, {"plan": plan})
    base = "http://127.0.0.1:9"
    sender = AlertmanagerClient(base, base, "/notifications", BrokenTransport(error))
    now = datetime.now(UTC)
    await _try_all(sender, {"alerts": (), "starts": now, "ends": now})
    history = AlertHistory("http://127.0.0.1:9", BrokenTransport(error))
    await _try_all(history, {"plan": plan, "after": None, "lookback": 60.0})
    counted = CountedLink("http://127.0.0.1:9", str(LINK), OwnUse, lambda: None)
    await _try_all(LinkUseReader({LINK: counted}, BrokenTransport(error)), {})
    counted = CountedLink("http://127.0.0.1:9", str(LINK), OwnUse, lambda: None)
    await _try_all(LinkUseReader({LINK: counted}, BrokenTransport(error)), {})
    given = {"http": {"service": "mock", "port": 80, "path": "/"}}
    lever = Lever.model_validate(dict.fromkeys(("inject", "revert", "readback", "witness"), given))

    def address(service: str, port: int | None) -> str:
        return "http://127.0.0.1:9"

    async def execute(*arguments: object) -> Any:
        raise ToolProblem("not asked")

    with _broken_client(monkeypatch, error):
        levers = StackLevers({"mock.errors": lever}, address, execute)
        for phase in LeverPhase:
            await _try_all(levers, {"phase": phase})
        runtime = await prepared_runtime(tmp_path, Broken(error), monkeypatch)
        await _try_all(StackOperator(runtime, (), address), {})


@contextmanager
def _broken_client(monkeypatch: pytest.MonkeyPatch, error: Exception) -> Iterator[None]:
    real = httpx.AsyncClient

    def broken(**options: Any) -> httpx.AsyncClient:
        return real(**options, transport=BrokenTransport(error))

    with monkeypatch.context() as patched:
        patched.setattr(httpx, "AsyncClient", broken)
        yield


@pytest.mark.parametrize("error", FOREIGN, ids=ids)
async def test_no_exception_of_the_toxiproxy_library_leaves_its_adapter(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: requests.Session, *arguments: object, **named: object) -> requests.Response:
        raise error

    async def restart(link: object) -> None:
        raise ToolProblem("it does not come back")

    monkeypatch.setattr(requests.Session, "request", broken)
    await _try_all(ToxiproxyServer("http://127.0.0.1:9"), {})
    links = ToxiproxyLinks(
        {LINK: LinkEndpoint("http://127.0.0.1:9", "127.0.0.1", 9, ServiceRole.REDIS)}, restart
    )
    await _try_all(links, {})


@pytest.mark.parametrize("error", [error for error in FOREIGN if isinstance(error, (OSError, ValueError))])
async def test_no_error_of_a_socket_leaves_a_ping(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(host: str, port: int) -> Any:
        raise error

    monkeypatch.setattr(asyncio, "open_connection", broken)
    dialled = ProxyEndpoint("127.0.0.1", 9, lambda sent, dials: None)
    await _try_all(HaproxyHttpProxies(lambda link: ("127.0.0.1", 9), lambda link: dialled), {})
    await _never("round_trip", lambda: pings.round_trip(**_arguments(pings.round_trip, {})))  # type: ignore[arg-type]


TRIED = {
    *("AlertHistory", "AlertmanagerClient"),
    *("DockerContainers", "ContainerStates", "DockerStorage", "StackRuntime", "StackLevers"),
    *("ToxiproxyLinks", "ToxiproxyServer", "LinkUseReader", "PrometheusReader", "StackOperator"),
    *("DockerLimits", "DockerNetworks", "ContainerDisks", "ContainerRedis", "ContainerPostgres"),
    *("ComposeRollout", "ConnectionReader", "DockerNames", "HaproxyHttpProxies", "PublishedPorts"),
}
ELSEWHERE = {
    "EngineChange": "part of DockerContainers, which is tried",
    "Watchdog": "speaks to a process of ours: tests/unit/adapters/stack/test_watchdog.py",
    "NoLinks": "asks no library: it refuses every call",
    "NetworkOfProcess": "raises OSError, which its one caller turns into unknown: test_socket_bytes.py",
}


def test_every_adapter_is_tried() -> None:
    """A class of chaos.adapters that is neither data nor a port must be in this file."""
    found = set()
    for module in pkgutil.walk_packages(chaos.adapters.__path__, "chaos.adapters."):
        for name, kind in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if kind.__module__ != module.name or name.startswith("_") or is_dataclass(kind):
                continue
            if not issubclass(kind, (Exception, Enum, BaseModel)) and Protocol not in kind.__bases__:
                found.add(name)
    assert found == TRIED | set(ELSEWHERE)
