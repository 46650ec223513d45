"""Host ports on 127.0.0.1 for a run.

gameday chooses them below the range that the kernel uses for outgoing connections: a container that is killed
and started again must find its port free, and a load generator opens thousands of outgoing connections
meanwhile.
"""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager

from chaos.errors import EnvironmentProblem

LOOPBACK = "127.0.0.1"
_RANGE = range(20000, 32000)  # Linux hands out 32768-60999, the IANA range is 49152-65535
_ATTEMPTS = 2000
# Ports chosen by this process: a stack that is starting beside this one does not listen on them yet.
_CHOSEN: set[int] = set()
_CHOOSING = threading.Lock()  # stacks side by side are prepared in threads


def is_free(port: int) -> bool:
    """Can ``port`` be bound on 127.0.0.1 and on all addresses right now?"""
    for address in (LOOPBACK, ""):
        with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True


def choose_ports(
    wanted: Iterable[tuple[str, int]],
    fixed: Mapping[tuple[str, int], int],
    draw: random.Random | None = None,
) -> dict[tuple[str, int], int]:
    """A free host port for each (service, container port); no other stack of this process gets it before
    ``release_ports``. Raises ``EnvironmentProblem`` if a fixed one is taken.
    """
    draw = draw or random.SystemRandom()
    chosen: dict[tuple[str, int], int] = {}
    with _CHOOSING:
        for key in wanted:
            avoided = {*chosen.values(), *_CHOSEN}
            if (port := fixed.get(key)) is None:
                port = _drawn(avoided.union(fixed.values()), draw)
            elif port in avoided or not is_free(port):
                raise EnvironmentProblem(
                    f"port {port} on {LOOPBACK} is in use; stack.yaml wants it for {key[0]} (expose)",
                    f"stop what uses it (another run, or see ss -ltnp 'sport = :{port}'), or remove it from "
                    "`expose:`",
                )
            chosen[key] = port
        _CHOSEN.update(chosen.values())
    return chosen


@contextmanager
def chosen_ports(
    wanted: Iterable[tuple[str, int]], fixed: Mapping[tuple[str, int], int]
) -> Iterator[dict[tuple[str, int], int]]:
    """``choose_ports``, released again if what follows fails."""
    ports = choose_ports(wanted, fixed)
    try:
        yield ports
    except BaseException:
        release_ports(ports.values())
        raise


def release_ports(ports: Iterable[int]) -> None:
    """Another stack of this process may use them again. Call it at the end of the stack that had them."""
    with _CHOOSING:
        _CHOSEN.difference_update(ports)


def _drawn(avoided: Container[int], draw: random.Random) -> int:
    for _ in range(_ATTEMPTS):
        port = draw.choice(_RANGE)
        if port not in avoided and is_free(port):
            return port
    raise EnvironmentProblem(
        f"no free port between {_RANGE.start} and {_RANGE.stop} on {LOOPBACK}",
        "list what uses them with ss -ltn; remove leftovers of runs with gameday clean",
    )
