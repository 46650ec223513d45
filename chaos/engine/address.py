"""Where a container engine is, and how a child process is pointed at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

DEFAULT_HOST = "unix:///var/run/docker.sock"

_HOST, _CONTEXT = "DOCKER_HOST", "DOCKER_CONTEXT"
_TLS, _TLS_VERIFY, _CERT_PATH = "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"
_SETTINGS = (_HOST, _CONTEXT, _TLS, _TLS_VERIFY, _CERT_PATH)


class EngineSource(StrEnum):
    """The setting that named the engine."""

    HOST = "DOCKER_HOST"
    CONTEXT = "DOCKER_CONTEXT"
    CURRENT_CONTEXT = "currentContext"  # of config.json in the configuration folder
    DEFAULT = "the default socket"


@dataclass(frozen=True)
class TlsFiles:
    """The files of a TLS connection, ``ca.pem``, ``cert.pem`` and ``key.pem`` of one folder.

    ``client``: whether the last two are there. ``verify``: whether the engine's certificate must be signed by
    ``ca.pem``.
    """

    folder: Path
    client: bool
    verify: bool

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def cert(self) -> Path:
        return self.folder / "cert.pem"

    @property
    def key(self) -> Path:
        return self.folder / "key.pem"


@dataclass(frozen=True)
class EngineAddress:
    """``host`` as the ``docker`` command writes it: ``unix:///var/run/docker.sock``, ``tcp://127.0.0.1:2376``.

    ``named_by``: the setting that named it, with its value or file, for messages.
    """

    host: str = DEFAULT_HOST
    tls: TlsFiles | None = None
    source: EngineSource = EngineSource.DEFAULT
    named_by: str = ""

    def __str__(self) -> str:
        return self.host + (f" (named by {self.named_by})" if self.named_by else "")

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """``base`` for a child process, so that ``docker``, Compose and builds use this engine and no other.

        The configuration folder (``DOCKER_CONFIG``) stays: plug-ins and logins of registries are in it. A
        context of it no longer counts once ``DOCKER_HOST`` is set.
        """
        settings = {name: value for name, value in base.items() if name not in _SETTINGS}
        settings[_HOST] = self.host
        if self.tls is not None:
            settings[_CERT_PATH] = str(self.tls.folder)
            settings[_TLS_VERIFY if self.tls.verify else _TLS] = "1"
        return settings
