"""The ``Redis`` port: ``redis-cli`` inside the container of a Redis."""

from __future__ import annotations

from chaos.errors import ToolProblem
from chaos.ports import Execute

COMMAND_SECONDS = 10.0  # real seconds for one command


class ContainerRedis:
    """Needs ``redis-cli`` in the container. If a password is set, it must be in ``REDISCLI_AUTH``."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    async def call(self, service: str, *words: str) -> str:
        done = await self._execute(service, ["redis-cli", "--raw", *words], COMMAND_SECONDS)
        reply = done.stdout_text.strip()
        if done.exit_code or reply.startswith(("NOAUTH", "WRONGPASS")):
            why = reply or done.stderr_text.strip()
            raise ToolProblem(f"redis-cli {words[0]} in {service}: {why}")
        return reply
