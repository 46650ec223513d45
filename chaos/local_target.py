"""Where load and probes may go: to this machine and nowhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

from chaos.errors import BadInput, ToolProblem

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
        raise BadInput(f"load may only go to http://{LOCAL}:PORT, got {base_url!r}")
    return LOCAL, port


def local_url(base_url: str, path: str) -> str:
    """``path`` (with its query) below ``http://127.0.0.1:PORT``, checked after the two were put together.

    A path such as ``@otherhost/`` would make the rest of the address a password. Raises ``ToolProblem`` for
    whatever would lead elsewhere.
    """
    url = base_url.rstrip("/") + path
    try:
        base, parts = urlsplit(base_url), urlsplit(url)
        local = (parts.scheme, parts.hostname, parts.username) == ("http", LOCAL, None)
        stays = local and base.hostname == LOCAL and parts.port == base.port is not None
    except ValueError:
        stays = False
    if not path.startswith("/") or not stays or any(ord(letter) <= 32 or letter == "\\" for letter in path):
        fix = f"expected a path of this machine that begins with /, without spaces, got {path[:80]!r}"
        raise ToolProblem(fix)
    return url
