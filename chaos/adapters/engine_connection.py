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
        cause, at = _root(error), f" at {where}" if where else ""
        if isinstance(cause, PermissionError):
            raise EnvironmentProblem(
                f"{doing}: this user may not use the Docker engine{at}: {cause}",
                "join the group docker and log in again, or use root or a rootless engine",
            ) from error
        raise EnvironmentProblem(
            f"{doing}: no Docker engine answers{at}: {str(cause) or type(cause).__name__}",
            "start it (gameday doctor says how)",
        ) from error


def _root(error: BaseException) -> BaseException:
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return error
