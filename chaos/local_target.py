"""Load and probes may go to this machine only."""

from __future__ import annotations

from urllib.parse import urlsplit

from chaos.errors import BadInput, ToolProblem

LOCAL = "127.0.0.1"


def local_target(base_url: str) -> tuple[str, int]:
    """Host and port of ``http://127.0.0.1:PORT``. Raises ``BadInput`` for anything else.

    ``localhost`` is refused too, because a name may resolve to another machine.
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
    """The URL of ``path`` (with its query) below ``base_url``, which is ``http://127.0.0.1:PORT``.

    Raises ``ToolProblem`` if the joined URL leads to another machine or port: a path such as ``@otherhost/``
    would turn 127.0.0.1 into a user name.
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
