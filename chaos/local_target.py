"""Where load and probes may go: to this machine and nowhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

from chaos.errors import BadInput

LOCAL = "127.0.0.1"


def local_target(base_url: str) -> tuple[str, int]:
    """Host and port of ``http://127.0.0.1:PORT``; ``BadInput`` for anything else.

    A name such as ``localhost`` is refused too: what it resolves to is not ours to promise.
    """
    try:
        parts = urlsplit(base_url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    plain = not parts.username and not parts.query and not parts.fragment and parts.path in ("", "/")
    if parts.scheme != "http" or parts.hostname != LOCAL or not port or not plain:
        raise BadInput(f"load goes to http://{LOCAL}:PORT and nowhere else, got {base_url!r}")
    return LOCAL, port
