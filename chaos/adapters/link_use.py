"""How much each link has carried, by Toxiproxy's counters (``-proxy-metrics``) and the kernel's.

Toxiproxy counts the bytes of a connection when it ends, so the kernel provides those of open connections
(``socket_bytes``). Toxiproxy sees no dial at a listener that it has closed. The kernel answers such a dial
with a TCP reset and counts it (``OutRsts`` in /proc/PID/net/snmp of any process of that network).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from chaos.adapters.exposition import exposed
from chaos.adapters.socket_bytes import NetworkOfProcess, OpenBytes
from chaos.bounded_http import WholeAnswer, exchange
from chaos.digits import port, whole
from chaos.errors import ToolProblem, foreign_errors
from chaos.model.links import LinkName
from chaos.timeline.observations import LinkCounts

SECONDS = 10.0  # real, for one answer of Toxiproxy; seen on a saturated machine: more than 2
MOST_BYTES = 16_000_000  # of one answer of Toxiproxy
_MOST_COUNTED = 2**64  # limit of the kernel's counters
_SENT = ("toxiproxy_proxy_received_bytes_total", "upstream")
_RECEIVED = ("toxiproxy_proxy_sent_bytes_total", "downstream")
_COUNTERS = (_SENT[0], _RECEIVED[0])


class _Proxy(BaseModel):
    listen: str


_PROXIES = TypeAdapter(dict[str, _Proxy])


@dataclass(frozen=True)
class OwnUse:
    """gameday's own traffic on a link: connections opened, bytes sent."""

    dials: int = 0
    sent: int = 0


@dataclass(frozen=True)
class Process:
    """A process on this machine, and its container."""

    pid: int
    container_id: str


@dataclass(frozen=True)
class CountedLink:
    """Where the counters of a link are read. ``own`` says what gameday itself did to it so far; ``process``
    finds one of its proxy (None: the engine does not say).
    """

    api_base: str
    proxy: str
    own: Callable[[], OwnUse]
    process: Callable[[], Process | None]


class LinkUseReader:
    """Reads the counters of all links. Every call is bounded and raises ``ToolProblem``."""

    def __init__(
        self,
        links: Mapping[LinkName, CountedLink],
        transport: httpx.AsyncBaseTransport | None = None,
        proc: Path = Path("/proc"),
    ) -> None:
        self._links = links
        self._proc = proc
        self._processes: dict[str, Process | None] = {}
        self._listening: dict[str, Mapping[str, int]] = {}
        self._networks: dict[int, NetworkOfProcess] = {}
        self._http = httpx.AsyncClient(timeout=SECONDS, trust_env=False, transport=transport)

    async def close(self) -> None:
        for network in tuple(self._networks.values()):  # a reading in a thread may remove one
            network.close()
        await self._http.aclose()

    async def read(self) -> tuple[LinkCounts, ...]:
        """The counters of every link, in the order of the stack."""
        bases = list(dict.fromkeys(link.api_base for link in self._links.values()))
        ports = dict(zip(bases, await asyncio.gather(*(self._ports(base) for base in bases)), strict=True))
        resets, opened = await asyncio.to_thread(lambda: (self._resets(), self._opened()))
        answers = await asyncio.gather(*(self._counters(base) for base in bases))
        carried = dict(zip(bases, answers, strict=True))
        found = []
        for name, link in self._links.items():
            bytes_of, own = carried[link.api_base], link.own()
            at, open_now = ports[link.api_base].get(link.proxy), opened[link.api_base]
            known = None if at is None or open_now is None else open_now.get(at, OpenBytes())
            found.append(
                LinkCounts(
                    link=str(name),
                    sent=bytes_of.get((link.proxy, *_SENT), 0),
                    received=bytes_of.get((link.proxy, *_RECEIVED), 0),
                    own_dials=own.dials,
                    own_sent=own.sent,
                    refused=resets[link.api_base],
                    open=None if known is None else known.connections,
                    open_sent=None if known is None else known.received,
                    open_received=None if known is None else known.sent,
                )
            )
        return tuple(found)

    async def _counters(self, base: str) -> dict[tuple[str, str, str], int]:
        """(proxy, counter, direction) -> bytes. A proxy without traffic has no counter."""
        with foreign_errors(f"the counters of Toxiproxy at {base} could not be read"):
            return _carried(base, await self._get(f"{base}/metrics"))

    async def _get(self, url: str) -> WholeAnswer:
        async with asyncio.timeout(SECONDS):  # httpx would limit each read separately
            return await exchange(self._http, "GET", url, headers={}, most=MOST_BYTES)

    async def _ports(self, base: str) -> Mapping[str, int]:
        """Proxy -> the port on which it listens. Ports do not change; empty if Toxiproxy does not say."""
        if base not in self._listening:
            with foreign_errors(f"the proxies of Toxiproxy at {base} could not be read"):
                answer = await self._get(f"{base}/proxies")
            self._listening[base] = _listening(answer.body)
        return self._listening[base]

    def _opened(self) -> dict[str, Mapping[int, OpenBytes] | None]:
        return {link.api_base: self._opened_at(link) for link in self._links.values()}

    def _opened_at(self, link: CountedLink) -> Mapping[int, OpenBytes] | None:
        """None: this user may not read the network of the proxy."""
        process = self._process_of(link)
        if process is None or not _belongs(process, self._proc):
            return None
        try:
            if process.pid not in self._networks:
                self._networks[process.pid] = NetworkOfProcess(process.pid, self._proc)
            return self._networks[process.pid].by_port()
        except OSError:
            if failed := self._networks.pop(process.pid, None):
                failed.close()
            return None

    def _resets(self) -> dict[str, int | None]:
        return {link.api_base: self._resets_of(link) for link in self._links.values()}

    def _resets_of(self, link: CountedLink) -> int | None:
        process = self._process_of(link)
        return None if process is None else read_resets(process, self._proc)

    def _process_of(self, link: CountedLink) -> Process | None:
        """Looks up the process again if it has ended: the proxy was restarted."""
        process = self._processes.get(link.api_base)
        if process is None or not (self._proc / str(process.pid)).exists():
            process = self._processes[link.api_base] = link.process()
        return process


def _carried(base: str, answer: WholeAnswer) -> dict[tuple[str, str, str], int]:
    if answer.status != httpx.codes.OK:
        raise ToolProblem(f"Toxiproxy at {base} answers /metrics with {answer.status}")
    if "promhttp_metric_handler" not in answer.text:
        raise ToolProblem(f"Toxiproxy at {base} has no counters: it was not started with -proxy-metrics")
    counters: dict[tuple[str, str, str], int] = {}
    for sample in exposed(answer.text, _COUNTERS):
        if not 0 <= sample.value < _MOST_COUNTED:
            raise ToolProblem(f"Toxiproxy at {base} counts {sample.value:g} bytes")
        key = (sample.labels["proxy"], sample.name, sample.labels["direction"])
        counters[key] = counters.get(key, 0) + int(sample.value)
    return counters


def _listening(body: bytes) -> Mapping[str, int]:
    try:
        proxies = _PROXIES.validate_json(body)
    except ValidationError:
        return {}
    ports = {name: port(proxy.listen.rpartition(":")[2]) for name, proxy in proxies.items()}
    return {name: number for name, number in ports.items() if number is not None}


def _belongs(process: Process, proc: Path) -> bool:
    """False if the engine is in a virtual machine, where its process numbers mean something else."""
    try:
        return process.container_id in (proc / str(process.pid) / "cgroup").read_text()
    except (OSError, UnicodeDecodeError):
        return False


def read_resets(process: Process, proc: Path = Path("/proc")) -> int | None:
    """TCP resets sent by the network of a process; None if this machine does not say."""
    if not _belongs(process, proc):
        return None
    try:
        lines = (proc / str(process.pid) / "net" / "snmp").read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    tcp = [line.split() for line in lines if line.startswith("Tcp:")]
    if len(tcp) != 2 or "OutRsts" not in tcp[0] or len(tcp[0]) != len(tcp[1]):
        return None
    return whole(tcp[1][tcp[0].index("OutRsts")], _MOST_COUNTED)
