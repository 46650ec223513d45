"""HTTP requests for collectors: through the clients' links of a run, to a port of this computer, or to a
service past its proxies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chaos.conditions import HttpAnswer
from chaos.errors import ToolProblem
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
        return await HttpAsker(f"{LOCAL}{port}").ask(_get("", path, timeout))


class LocalServices:
    """``address``: the URL on 127.0.0.1 of a service's port; raises ``ToolProblem`` without one."""

    def __init__(self, address: Callable[[str, int], str]) -> None:
        self._address = address

    async def get(self, service: str, port: int, path: str, timeout: float) -> HttpAnswer:
        """One GET; never raises for the target."""
        try:
            base = self._address(service, port)
        except ToolProblem as problem:
            return HttpAnswer(None, error=str(problem))
        return await HttpAsker(base).ask(_get(service, path, timeout))


def _get(service: str, path: str, timeout: float) -> HttpCondition:
    """A GET with a time-out in seconds: a scenario may write lengths with a unit only."""
    return HttpCondition(service=service, path=path).model_copy(update={"timeout": timeout})
