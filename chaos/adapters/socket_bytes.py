"""Bytes on the connections that are open now, as the kernel counts them (sock_diag(7); ``ss -ti`` shows it).

Toxiproxy adds the bytes of a connection to its counters only when the connection ends, so that a pool which
stays open for the whole run looks unused. The kernel counts them while they flow (``tcp_info``).
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_SOCK_DIAG, _BY_FAMILY = 4, 20  # NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY: linux/netlink.h, linux/sock_diag.h
_DUMP = 0x301  # NLM_F_REQUEST | NLM_F_DUMP
_DONE, _ERROR = 3, 2  # NLMSG_DONE, NLMSG_ERROR
_TCP, _INFO = 6, 2  # IPPROTO_TCP, INET_DIAG_INFO: linux/inet_diag.h
_STATES = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 8  # ESTABLISHED, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT: tcp_states.h
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
_MESSAGE = 72  # bytes of struct inet_diag_msg
_ACKED, _RECEIVED = 120, 128  # offsets of tcpi_bytes_acked and tcpi_bytes_received: linux/tcp.h
_PATIENCE = 1.0  # real seconds; the kernel answers at once


@dataclass(frozen=True)
class OpenBytes:
    """Traffic of the open connections of one local port so far."""

    connections: int = 0
    received: int = 0  # bytes that came in from the clients
    sent: int = 0  # bytes that the clients have taken


class NetworkOfProcess:
    """The TCP connections of the network in which a process runs. Several threads may ask."""

    def __init__(self, pid: int, proc: Path = Path("/proc")) -> None:
        """OSError: this user may not read the network of that process, or this system has no such
        interface.
        """
        self._socket = _socket_within(proc / str(pid) / "ns" / "net")
        self._alone = threading.Lock()  # two lists on one socket would be mixed

    def close(self) -> None:
        self._socket.close()

    def by_port(self) -> Mapping[int, OpenBytes]:
        """Local port -> what its open connections have carried. Raises OSError; then close it, because the
        rest of an answer may still come.
        """
        found: dict[int, OpenBytes] = {}
        with self._alone:
            for family in (socket.AF_INET, socket.AF_INET6):
                for port, received, acked in self._connections(family):
                    so_far = found.get(port, OpenBytes())
                    found[port] = OpenBytes(
                        so_far.connections + 1, so_far.received + received, so_far.sent + acked
                    )
        return found

    def _connections(self, family: int) -> Iterator[tuple[int, int, int]]:
        asked = struct.pack("=BBBBI48x", family, _TCP, 1 << (_INFO - 1), 0, _STATES)
        head = struct.pack("=IHHII", 16 + len(asked), _BY_FAMILY, _DUMP, 0, 0)
        self._socket.send(head + asked)
        while True:
            answer = self._socket.recv(1 << 18)
            place = 0
            while place + 16 <= len(answer):
                length, kind = struct.unpack_from("=IH", answer, place)
                if kind == _DONE:
                    return
                if kind == _ERROR or length < 16:
                    raise OSError("the kernel does not list its connections")
                yield from _connection(answer[place + 16 : place + length])
                place += (length + 3) & ~3


def _connection(message: bytes) -> Iterator[tuple[int, int, int]]:
    """(local port, bytes received, bytes acknowledged) of one ``inet_diag_msg``."""
    (port,) = struct.unpack_from("!H", message, 4)
    place = _MESSAGE
    while place + 4 <= len(message):
        length, kind = struct.unpack_from("=HH", message, place)
        if length < 4:
            return
        if kind == _INFO and length >= 4 + _RECEIVED + 8:
            acked, received = struct.unpack_from("=QQ", message, place + 4 + _ACKED)
            yield port, received, acked
        place += (length + 3) & ~3


def _socket_within(namespace: Path) -> socket.socket:
    """A socket of another network. It is made by a thread of its own, which moves there and then ends."""
    made: list[socket.socket] = []
    failed: list[OSError] = []

    def make() -> None:
        try:
            with namespace.open("rb") as there:
                libc = ctypes.CDLL(None, use_errno=True)
                if libc.setns(there.fileno(), _NEW_NETWORK) != 0:
                    number = ctypes.get_errno()
                    raise OSError(number, os.strerror(number))
                diag = socket.socket(getattr(socket, "AF_NETLINK", -1), socket.SOCK_RAW, _SOCK_DIAG)
                diag.settimeout(_PATIENCE)
                made.append(diag)
        except (OSError, AttributeError) as error:  # AttributeError: a libc without setns
            failed.append(error if isinstance(error, OSError) else OSError(str(error)))

    thread = threading.Thread(target=make, name="network-of-a-process")
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return made[0]
