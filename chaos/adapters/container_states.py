"""The states of all containers of one run by a single question to the engine: cheap enough to ask five
times a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import docker
import docker.errors
import requests

from chaos.adapters.labels import RUN_LABEL, SERVICE_LABEL, is_one_off, read_row
from chaos.errors import ToolProblem
from chaos.ports import ContainerReading

DEADLINE = 2.0  # real seconds; a listing takes 2 ms


class ContainerStates:
    """``read_all`` of one run, for ``chaos.probes.containers.watch_containers``."""

    def __init__(self, run_id: str, engine: docker.DockerClient, deadline: float = DEADLINE) -> None:
        self._run_id = run_id
        self._api = engine.api
        self._deadline = deadline

    async def read_all(self) -> Mapping[str, ContainerReading]:
        """Service -> its state; without those that have no container. Raises ``ToolProblem``."""
        try:
            async with asyncio.timeout(self._deadline):
                rows = await asyncio.to_thread(self._list)
        except TimeoutError as error:
            raise ToolProblem(
                f"the engine did not list the containers within {self._deadline:g} s"
            ) from error
        except (docker.errors.DockerException, requests.RequestException) as error:
            raise ToolProblem(f"the engine could not list the containers: {error}") from error
        return {
            row["Labels"][SERVICE_LABEL]: read_row(row)
            for row in rows
            if SERVICE_LABEL in row["Labels"] and not is_one_off(row)
        }

    def _list(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._api.containers(
            all=True, filters={"label": f"{RUN_LABEL}={self._run_id}"}
        )
        return rows
