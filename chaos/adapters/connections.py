"""Which services of a run connect to each other, and where each listens, as the kernel lists it.

/proc/PID/net/tcp of any process of a container shows the connections of its network (proc_pid_net(5)), and
for a minute those that its side was the first to close (TIME_WAIT); /proc/PID/net/udp shows its UDP sockets.
Both can be read where the engine runs on this machine, by root.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker import DockerClient

from chaos.adapters.engine_connection import engine_errors
from chaos.adapters.labels import SERVICE_LABEL, is_one_off, of_run

_LISTEN = "0A"  # include/net/tcp_states.h
_TCP = ("tcp", "tcp6")
_UDP = ("udp", "udp6")


@dataclass(frozen=True)
class Connection:
    """``client`` dialled ``port`` of ``target``; both are services."""

    client: str
    target: str
    port: int


@dataclass(frozen=True)
class Sockets:
    """``connections``: between containers of the run. ``listening``: service -> TCP ports. ``udp``: service
    -> UDP ports that take datagrams from any sender.
    """

    connections: frozenset[Connection]
    listening: Mapping[str, frozenset[int]]
    udp: Mapping[str, frozenset[int]]


@dataclass(frozen=True)
class _Container:
    service: str
    pid: int
    addresses: frozenset[str]


class ConnectionReader:
    """Reads the sockets of the containers of one run. Blocking."""

    def __init__(self, client: DockerClient, run_id: str, proc: Path = Path("/proc")) -> None:
        self._api: Any = client.api
        self._run_id = run_id
        self._proc = proc
        self._containers: tuple[_Container, ...] = ()

    def open(self) -> None:
        """Ask the engine for processes and addresses. Call it when the stack runs."""
        with engine_errors("list the run's containers"):
            rows = self._api.containers(filters=of_run(self._run_id))
            bodies = [self._api.inspect_container(row["Id"]) for row in rows if not is_one_off(row)]
        self._containers = tuple(_container(body) for body in bodies)

    def read(self) -> Sockets | None:
        """None: gameday may not read the containers' networks on this machine."""
        owners = {
            address: container.service for container in self._containers for address in container.addresses
        }
        listening: dict[str, frozenset[int]] = {}
        udp: dict[str, frozenset[int]] = {}
        dialled: list[tuple[str, str, int, int]] = []
        for container in self._containers:
            ports = set()
            try:
                rows = [row for name in _TCP for row in self._rows(container.pid, name)]
                datagrams = [row for name in _UDP for row in self._rows(container.pid, name)]
            except OSError:
                return None
            for local, port, remote, remote_port, state in rows:
                if state == _LISTEN:
                    ports |= set() if _is_loopback(local) else {port}
                elif remote in owners and owners[remote] != container.service:
                    here, there = container.service, owners[remote]
                    dialled.append((here, there, port, remote_port))
                    if owners.get(local) == here:  # the row of a listener that closed first is the only one
                        dialled.append((there, here, remote_port, port))
            listening[container.service] = frozenset(ports) | listening.get(container.service, frozenset())
            bound = {
                port
                for local, port, _, peer_port, _ in datagrams
                if not peer_port and not _is_loopback(local)
            }
            udp[container.service] = frozenset(bound) | udp.get(container.service, frozenset())
        found = (
            Connection(client, target, port)
            for client, target, own, port in dialled
            if port in listening.get(target, ()) and own not in listening[client]
        )
        return Sockets(frozenset(found), listening, udp)

    def _rows(self, pid: int, name: str) -> Iterator[tuple[str, int, str, int, str]]:
        text = (self._proc / str(pid) / "net" / name).read_text(encoding="ascii")
        for line in text.splitlines()[1:]:
            words = line.split()
            yield (*_address(words[1]), *_address(words[2]), words[3])


def _container(body: Mapping[str, Any]) -> _Container:
    networks = (body["NetworkSettings"].get("Networks") or {}).values()
    addresses = (one.get(key) for one in networks for key in ("IPAddress", "GlobalIPv6Address"))
    labels = body["Config"]["Labels"] or {}
    return _Container(
        labels.get(SERVICE_LABEL, body["Id"][:12]),
        int(body["State"]["Pid"]),
        frozenset(address for address in addresses if address),
    )


def _is_loopback(address: str) -> bool:
    return address.startswith("127.") or address == "::1"


def _address(text: str) -> tuple[str, int]:
    """``0100007F:1F90`` as (127.0.0.1, 8080). The kernel prints each word of an address in its own order."""
    digits, _, port = text.partition(":")
    raw = b"".join(struct.pack("=I", int(digits[at : at + 8], 16)) for at in range(0, len(digits), 8))
    if len(raw) == 4:
        return socket.inet_ntop(socket.AF_INET, raw), int(port, 16)
    if raw.startswith(bytes(10) + b"\xff\xff"):  # IPv4 in IPv6
        return socket.inet_ntop(socket.AF_INET, raw[12:]), int(port, 16)
    return socket.inet_ntop(socket.AF_INET6, raw), int(port, 16)
