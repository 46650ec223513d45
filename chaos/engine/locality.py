"""Which container engines may be broken: those of this computer."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from chaos.engine.address import EngineAddress, EngineSource
from chaos.errors import EnvironmentProblem

ALLOW_REMOTE = "GAMEDAY_ALLOW_REMOTE_ENGINE"
"""Names the remote engine that may be broken, by its address; "1" allows whichever is configured."""

_HOW_TO_LEAVE = {
    EngineSource.HOST: "unset DOCKER_HOST",
    EngineSource.CONTEXT: "unset DOCKER_CONTEXT",
    EngineSource.CURRENT_CONTEXT: "run `docker context use default`, or set DOCKER_CONTEXT=default",
}


def is_remote(host: str) -> bool:
    """Whether faults sent to this engine would land on another computer; "" is the usual socket.

    A TCP address without a host (``tcp://:2375``) is this computer's, as the ``docker`` command reads it, and
    one without a scheme is a TCP address. ``ssh://`` counts as remote whatever it names, and so does what
    cannot be understood.
    """
    if not host:
        return False
    try:
        parts = urlsplit(host if "://" in host else f"tcp://{host}")
        name = parts.hostname or "localhost"
    except ValueError:
        return True
    if parts.scheme in {"unix", "fd"}:
        return False
    if parts.scheme == "npipe":
        return not parts.path.replace("\\", "/").lstrip("/").startswith(("./", "?/"))
    if parts.scheme not in {"tcp", "http", "https"}:
        return True
    try:
        return not ip_address(name).is_loopback
    except ValueError:
        return name != "localhost"


def refuse_remote(engine: EngineAddress, env: Mapping[str, str]) -> EngineAddress:
    """``engine`` itself if it is this computer's, or is named by ``GAMEDAY_ALLOW_REMOTE_ENGINE``.

    Raises ``EnvironmentProblem`` otherwise: gameday breaks things, and never on another machine unasked.
    """
    if not is_remote(engine.host) or env.get(ALLOW_REMOTE) in ("1", engine.host):
        return engine
    raise EnvironmentProblem(
        f"the Docker engine at {engine} is on another machine; faults go to the local one only",
        f"{_HOW_TO_LEAVE.get(engine.source, 'use the local engine')};"
        f" set {ALLOW_REMOTE}={engine.host} if you may break things on that machine",
    )
