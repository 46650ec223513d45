"""The ``Storage`` port over the Docker SDK: it destroys what has the run's label, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import docker
import docker.errors

from chaos.adapters.engine_calls import call_engine
from chaos.adapters.labels import SERVICE_LABEL, VOLUME_LABEL, of_run
from chaos.adapters.stack.sweep import remove_run
from chaos.errors import ToolProblem
from chaos.ports import ListedResources

DEADLINE = 10.0  # real seconds for one change or one look
EVERYTHING_DEADLINE = 40.0  # a whole stack is removed in about 2 s
_GONE = (404, 409)  # no longer there; its removal is in progress


class DockerStorage:
    """Containers, networks and volumes of one run."""

    def __init__(self, run_id: str, engine: docker.DockerClient) -> None:
        self._run_id = run_id
        self._engine = engine
        self._api = engine.api

    async def lose_volume(self, service: str, volume: str) -> None:
        """Raises ``ToolProblem`` if another container of the run still uses the volume."""

        def lose() -> None:
            for row in self._api.containers(all=True, filters=of_run(self._run_id, service)):
                self._absent_is_well(
                    lambda name: self._api.remove_container(name, v=True, force=True), row["Id"]
                )
            for name, compose_name in self._volumes():
                if compose_name == volume:
                    self._absent_is_well(lambda one: self._api.remove_volume(one, force=True), name)

        await call_engine(f"destroy {service} and its volume {volume}", lose, DEADLINE)

    async def lose_everything(self) -> None:
        def lose() -> None:
            left = remove_run(self._engine, self._run_id, EVERYTHING_DEADLINE / 2)
            if left:
                raise ToolProblem(f"could not destroy: {', '.join(left.names())}")

        await call_engine("destroy everything of the run", lose, EVERYTHING_DEADLINE)

    async def standing(self) -> ListedResources:
        def look() -> ListedResources:
            label = of_run(self._run_id)
            containers = self._api.containers(all=True, filters=label)
            networks = self._api.networks(filters=label)
            return ListedResources(
                tuple(sorted(row["Labels"].get(SERVICE_LABEL, row["Id"][:12]) for row in containers)),
                tuple(sorted(row["Name"] for row in networks)),
                tuple(sorted(compose_name for _, compose_name in self._volumes())),
            )

        return await call_engine("list what stands", look, DEADLINE)

    def _volumes(self) -> list[tuple[str, str]]:
        """(the engine's name, the name in the compose file) of each volume of the run."""
        listed = self._api.volumes(filters=of_run(self._run_id)).get("Volumes") or ()
        return [(body["Name"], (body["Labels"] or {}).get(VOLUME_LABEL, body["Name"])) for body in listed]

    @staticmethod
    def _absent_is_well(remove: Callable[[str], object], name: str) -> None:
        try:
            remove(name)
        except docker.errors.APIError as error:
            if error.status_code not in _GONE or "in use" in str(error.explanation):
                raise
