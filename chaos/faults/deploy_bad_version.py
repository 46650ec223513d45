"""``deploy.bad_version``: a new version that never becomes ready, beside the old one that keeps serving."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chaos.kinds import Fault
from chaos.model.container_states import DOWN, ContainerStatus, HealthStatus
from chaos.model.stack import ServiceRole, Stack
from chaos.ports import FaultContext, NewVersion
from chaos.timeline.events import Measurement

STATE = "new_version"
HEALTH = "health_of_new_version"
STATELESS = (ServiceRole.APP, ServiceRole.HTTP, ServiceRole.OTHER)
IDLE = ("sleep", "infinity")  # starts, but never answers a health check


class DeployBadVersion(Fault):
    """Start a new version of a service that fails its health check; the old version keeps serving.

    This is a stuck rolling deployment: the new container runs beside the old one, with the service's image,
    variables, volumes and networks, but without the service's names, so that no client reaches it. The undo
    is the rollback: it removes the new container. The service needs a health check, which has an outcome
    after three to six real seconds.

    Without ``env``, ``image`` and ``command`` the new version runs ``sleep infinity``, which fails every
    health check. A new version with ``env`` can also harm the old one, for example by using up the
    connections of a shared database.

    For example ``{at: 1m, fault: deploy.bad_version, service: web, env: {RELEASE: broken}, for: 3m}``.

    What a client sees: nothing, unless the new version takes resources from the old one.

    What the witness measures: the state and the health of the container of the new version, as the engine
    says. There was no such container before; now it is unhealthy, or it has ended or is restarting.
    """

    fault: Literal["deploy.bad_version"]
    service: str = Field(description="the service to deploy a new version of")
    image: str | None = Field(
        default=None, min_length=1, description="the image of the new version; default: the service's own"
    )
    env: dict[Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")], str] = Field(
        default={}, description="variables of the new version, with text values"
    )
    command: tuple[str, ...] = Field(
        default=(), description="the command of the new version; default: the service's own command"
    )

    def services(self) -> tuple[str, ...]:
        return (self.service,)

    def target(self) -> str:
        return self.service

    def stack_problems(self, stack: Stack) -> tuple[tuple[str, str], ...]:
        """Refuses services with data: two servers that use the same data would destroy it."""
        found = stack.services.get(self.service)
        if found is None or found.role in STATELESS:
            return ()
        roles = ", ".join(role.value for role in STATELESS)
        wrong = (
            f"{self.service} has the role {found.role.value}: a second container would use the data of the "
            f"first; expected a service with one of the roles {roles}"
        )
        return (("service", wrong),)

    def exclusive(self, stack: Stack) -> frozenset[str]:
        return frozenset({f"the new version of {self.service}"})

    async def inject(self, context: FaultContext) -> None:
        plain = not (self.image or self.env or self.command)
        version = NewVersion(self.env, self.image, IDLE if plain else self.command)
        await context.rollout.add(self.service, version)

    async def revert(self, context: FaultContext) -> None:
        await context.rollout.remove(self.service)

    async def reverted(self, context: FaultContext) -> bool:
        return (await context.rollout.added(self.service)).state == ContainerStatus.GONE

    async def measure(self, context: FaultContext) -> Measurement:
        seen = await context.rollout.added(self.service)
        return Measurement(
            subject=f"the new version of {self.service}",
            values={STATE: seen.state, HEALTH: seen.health or None},
        )

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """There was no new version before; now it fails its health check, has ended, or is restarting."""
        unhealthy = (
            now.values[STATE] == ContainerStatus.RUNNING and now.values[HEALTH] == HealthStatus.UNHEALTHY
        )
        return before.values[STATE] == ContainerStatus.GONE and (unhealthy or now.values[STATE] in DOWN)
