"""The Docker engine: connecting to it, refusing one that is not ours, and translating what it complains
about.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import docker
import docker.errors
import requests.exceptions
import urllib3.exceptions
from docker import DockerClient
from docker.context import ContextAPI

from chaos.engine_address import refuse_remote
from chaos.errors import EnvironmentProblem, ToolProblem, foreign_errors

_CALL_SECONDS = 15
_EXPECTED = (
    docker.errors.DockerException,
    requests.exceptions.RequestException,
    urllib3.exceptions.HTTPError,
    OSError,
)


def connect(timeout: float = _CALL_SECONDS) -> DockerClient:
    """A client of the local engine. Raises ``EnvironmentProblem`` if none answers or it is on another
    machine.
    """
    host = engine_host()
    refuse_remote(host)
    with engine_errors("connect"):
        client = (
            docker.DockerClient(base_url=host, timeout=timeout) if host else docker.from_env(timeout=timeout)
        )
        client.ping()
    return client


def engine_host() -> str:
    """Where the engine is, as the ``docker`` command finds it: DOCKER_HOST, else its context; "" is the
    default socket.
    """
    host = os.environ.get("DOCKER_HOST", "")
    if host:
        return host
    try:
        context = ContextAPI.get_current_context()
    except (docker.errors.DockerException, OSError, ValueError):
        return ""  # an unreadable context: the default socket decides
    return str(context.Host or "") if context is not None else ""


@contextmanager
def engine_errors(doing: str) -> Iterator[None]:
    """Errors of the SDK become ``EnvironmentProblem`` (no engine) or ``ToolProblem`` (it answered with an
    error, or with something that cannot be read).
    """
    try:
        with foreign_errors(doing, passing=_EXPECTED):
            yield
    except docker.errors.APIError as error:
        raise ToolProblem(f"{doing}: the engine says {error.explanation or error}") from error
    except _EXPECTED as error:
        raise EnvironmentProblem(
            f"{doing}: no Docker engine answers at {engine_host() or 'the default socket'}: {_root(error)}",
            "start it (gameday doctor says how)",
        ) from error


def _root(error: BaseException) -> str:
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return str(error) or type(error).__name__
