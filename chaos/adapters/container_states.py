"""The states of all containers of one run in a single call to the engine: cheap enough for five calls a
second.
"""

from __future__ import annotations

from collections.abc import Mapping

import docker

from chaos.adapters.engine_calls import call_engine
from chaos.adapters.labels import SERVICE_LABEL, is_one_off, of_run, read_row
from chaos.ports import ContainerReading

DEADLINE = 2.0  # real seconds; a listing takes 2 ms


class ContainerStates:
    """``read_all`` of one run, for ``chaos.probes.containers.watch_containers``."""

    def __init__(self, run_id: str, engine: docker.DockerClient) -> None:
        self._run_id = run_id
        self._api = engine.api

    async def read_all(self) -> Mapping[str, ContainerReading]:
        """Service -> its state, without services that have no container. Raises ``ToolProblem``."""
        return await call_engine("list the containers", self._list, DEADLINE)

    def _list(self) -> Mapping[str, ContainerReading]:
        rows = self._api.containers(all=True, filters=of_run(self._run_id))
        return {
            row["Labels"][SERVICE_LABEL]: read_row(row)
            for row in rows
            if SERVICE_LABEL in row["Labels"] and not is_one_off(row)
        }
