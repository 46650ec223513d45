"""The Docker engine: connecting to it, and translating its errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import docker.errors
import requests.exceptions
import urllib3.exceptions
from docker import DockerClient

from chaos.engine import EngineAddress
from chaos.engine.client import open_client
from chaos.errors import EnvironmentProblem, ToolProblem, foreign_errors

_CALL_SECONDS = 15
_EXPECTED = (
    docker.errors.DockerException,
    requests.exceptions.RequestException,
    urllib3.exceptions.HTTPError,
    OSError,
)


def connect(engine: EngineAddress, timeout: float = _CALL_SECONDS) -> DockerClient:
    """A client of ``engine``. Raises ``EnvironmentProblem`` if it does not answer."""
    with engine_errors("connect", str(engine)):
        client = open_client(engine, timeout)
        client.ping()
    return client


@contextmanager
def engine_errors(doing: str, where: str = "") -> Iterator[None]:
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
            f"{doing}: no Docker engine answers{f' at {where}' if where else ''}: {_root(error)}",
            "start it (gameday doctor says how)",
        ) from error


def _root(error: BaseException) -> str:
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return str(error) or type(error).__name__
