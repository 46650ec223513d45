"""Finds the engine to use, by the same rules as the ``docker`` command and its plug-ins.

1. ``DOCKER_HOST``, with TLS if ``DOCKER_TLS_VERIFY`` or ``DOCKER_TLS`` is set (to anything but nothing): the
   files are in ``DOCKER_CERT_PATH``, else in the configuration folder.
2. ``DOCKER_CONTEXT``, else ``currentContext`` of ``config.json``: the address and the TLS files of that
   context, from the configuration folder. The context ``default`` is point 3.
3. The default socket.

The configuration folder is ``DOCKER_CONFIG``, else ``.docker`` in the home folder. Source:
resolveContextName and SetDefaultOptions of github.com/docker/cli 28. One thing differs on purpose: a
``config.json`` that cannot be read is an error here, where the command warns and goes on with the default
socket. TLS belongs to TCP addresses only.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, Field, ValidationError

from chaos.engine.address import DEFAULT_HOST, EngineAddress, EngineSource, TlsFiles
from chaos.engine.locality import refuse_remote
from chaos.errors import EnvironmentProblem
from chaos.files import read_file
from chaos.json_text import read_json

_DEFAULT_CONTEXT = "default"
M = TypeVar("M", bound=BaseModel)


class _Config(BaseModel):
    current_context: str = Field("", alias="currentContext")


class _Endpoint(BaseModel):
    host: str = Field("", alias="Host")
    skip_tls_verify: bool = Field(False, alias="SkipTLSVerify")


class _Context(BaseModel):
    endpoints: dict[str, _Endpoint] = Field({}, alias="Endpoints")


def local_engine(env: Mapping[str, str]) -> EngineAddress:
    """The engine that ``env`` means, if it is this computer's or allowed by name.

    Raises ``EnvironmentProblem``.
    """
    return refuse_remote(resolve_engine(env), env)


def resolve_engine(env: Mapping[str, str]) -> EngineAddress:
    """The engine that ``env`` means, wherever it is. Raises ``EnvironmentProblem`` if it cannot be known."""
    folder = config_folder(env)
    host = env.get("DOCKER_HOST", "").strip()
    if host:
        full = host if "://" in host else f"tcp://{host}"
        return EngineAddress(full, _tls_of(env, folder, full), EngineSource.HOST, f"DOCKER_HOST={host}")
    name = env.get("DOCKER_CONTEXT", "")
    if name:
        return _of_context(name, folder, env, EngineSource.CONTEXT, f"DOCKER_CONTEXT={name}")
    config = folder / "config.json"
    name = _read(config, _Config).current_context if os.path.lexists(config) else ""
    if name:
        named_by = f"currentContext {name} of {config}"
        return _of_context(name, folder, env, EngineSource.CURRENT_CONTEXT, named_by)
    return _default(env, folder)


def config_folder(env: Mapping[str, str]) -> Path:
    """The configuration folder of the ``docker`` command."""
    named = env.get("DOCKER_CONFIG")
    home = env.get("HOME") or os.path.expanduser("~")
    return Path(named) if named else Path(home) / ".docker"


def _default(env: Mapping[str, str], folder: Path) -> EngineAddress:
    return EngineAddress(DEFAULT_HOST, _tls_of(env, folder, DEFAULT_HOST))


def _of_context(
    name: str, folder: Path, env: Mapping[str, str], source: EngineSource, named_by: str
) -> EngineAddress:
    if name == _DEFAULT_CONTEXT:
        return _default(env, folder)
    key = hashlib.sha256(os.fsencode(name)).hexdigest()
    described = folder / "contexts" / "meta" / key / "meta.json"
    if not os.path.lexists(described):
        raise EnvironmentProblem(
            f"{named_by}: there is no such Docker context in {folder}",
            "`docker context ls` lists them; unset DOCKER_CONTEXT or run `docker context use default`",
        )
    endpoint = _read(described, _Context).endpoints.get("docker")
    if endpoint is None:
        raise EnvironmentProblem(
            f"{named_by}: this Docker context names no engine", "`docker context update` gives it one"
        )
    host = endpoint.host or DEFAULT_HOST
    files = folder / "contexts" / "tls" / key / "docker"
    tls = None
    if _speaks_tls(host) and (endpoint.skip_tls_verify or files.is_dir()):
        tls = _files(files, verify=not endpoint.skip_tls_verify, named_by=named_by)
    return EngineAddress(host, tls, source, named_by)


def _tls_of(env: Mapping[str, str], folder: Path, host: str) -> TlsFiles | None:
    verify = bool(env.get("DOCKER_TLS_VERIFY"))
    if not _speaks_tls(host) or not (verify or env.get("DOCKER_TLS")):
        return None
    place = Path(env.get("DOCKER_CERT_PATH") or folder)
    return _files(place, verify, "DOCKER_TLS_VERIFY" if verify else "DOCKER_TLS")


def _speaks_tls(host: str) -> bool:
    return host.startswith("tcp://")


def _files(folder: Path, verify: bool, named_by: str) -> TlsFiles:
    files = TlsFiles(folder, client=False, verify=verify)
    if not files.ca.is_file():
        raise EnvironmentProblem(
            f"{named_by}: TLS is required, but {files.ca} does not exist",
            "put ca.pem (and cert.pem, key.pem) there, or set DOCKER_CERT_PATH to their folder",
        )
    return TlsFiles(folder, client=files.cert.is_file() and files.key.is_file(), verify=verify)


def _read(path: Path, kind: type[M]) -> M:
    try:
        return kind.model_validate(read_json(read_file(path)))
    except (OSError, ValueError) as error:
        lines = str(error).splitlines() or [type(error).__name__]
        shown = lines[0] if not isinstance(error, ValidationError) else "an entry is of the wrong type"
        raise EnvironmentProblem(
            f"{path} cannot be read, so gameday does not know which Docker engine to use: {shown}",
            "fix that file, or set DOCKER_HOST",
        ) from error
