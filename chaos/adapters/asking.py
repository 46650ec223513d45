"""One question or order to the Docker engine, bounded in time, with its errors translated."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

import docker.errors
import requests

from chaos.errors import ToolProblem

T = TypeVar("T")


async def ask_engine(what: str, work: Callable[[], T], limit: float, threads: Executor | None = None) -> T:
    """What ``work`` returns. ``ToolProblem`` if it takes longer than ``limit`` real seconds, or the engine
    answers with an error. ``what`` completes "the engine could not". ``threads``: where it waits; None: the
    loop's own.
    """
    try:
        async with asyncio.timeout(limit):
            return await asyncio.get_running_loop().run_in_executor(threads, work)
    except TimeoutError as error:
        raise ToolProblem(f"the engine did not {what} within {limit:g} s") from error
    except (docker.errors.DockerException, requests.RequestException) as error:
        raise ToolProblem(f"the engine could not {what}: {error}") from error
