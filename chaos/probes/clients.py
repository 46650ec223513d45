"""HTTP requests for collectors: through the clients' links of a run, or to a port of this computer."""

from __future__ import annotations

from collections.abc import Mapping

from chaos.conditions import HttpAnswer
from chaos.model.scenario import HttpCondition
from chaos.probes.http import LOCAL, HttpAsker


class LocalClients:
    """``entries``: service -> URL on 127.0.0.1 at which clients reach it, through its proxy."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._entries = entries

    async def ask(self, condition: HttpCondition) -> HttpAnswer:
        """One request to the condition's service, bounded by its time-out; never raises for the target."""
        base = self._entries.get(condition.service)
        if base is None:
            return HttpAnswer(None, error=f"no link leads from clients to {condition.service}")
        return await HttpAsker(base).ask(condition)

    async def poll(self, port: int, path: str, timeout: float) -> HttpAnswer:
        """One GET to a port of this computer."""
        condition = HttpCondition(service="", path=path, timeout=timeout)
        return await HttpAsker(f"{LOCAL}{port}").ask(condition)
