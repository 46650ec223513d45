"""Which Docker engines may be broken: those of this computer."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from chaos.errors import EnvironmentProblem

ALLOW_REMOTE = "GAMEDAY_ALLOW_REMOTE_ENGINE"


def is_remote(address: str) -> bool:
    """Whether faults sent to this engine would land on another computer; "" is the usual socket.

    A TCP address without a host (``tcp://:2375``) is this computer's, as the ``docker`` command reads it.
    """
    parts = urlsplit(address)
    if parts.scheme in {"", "unix", "npipe", "fd"}:
        return False
    if parts.scheme not in {"tcp", "http", "https"}:
        return True
    host = parts.hostname or "localhost"
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"


def refuse_remote(address: str, env: Mapping[str, str] = os.environ) -> None:
    """The harness breaks things: never on somebody else's machine, unless told so by name.

    Raises ``EnvironmentProblem``.
    """
    if is_remote(address) and env.get(ALLOW_REMOTE) != "1":
        raise EnvironmentProblem(
            f"the Docker engine at {address} is on another machine; faults go to the local one only",
            "unset DOCKER_HOST or `docker context use default`;"
            f" set {ALLOW_REMOTE}=1 if that machine is yours to break",
        )
