"""HTTP requests for collectors: over the clients' links of a run, to a port of this computer, or to a
service without its proxies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chaos.conditions import HttpAnswer
from chaos.errors import ToolProblem
from chaos.model.scenario import HttpCondition
from chaos.probes.http import LOCAL, HttpAsker


class LocalClients:
    """``entries``: service -> URL on 127.0.0.1 where clients reach it, through its proxy."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._entries = entries

    async def ask(self, condition: HttpCondition) -> HttpAnswer:
        """One request to the condition's service, within its time-out. Never raises because of the target."""
        base = self._entries.get(condition.service)
        if base is None:
            return HttpAnswer(None, error=f"no link leads from clients to {condition.service}")
        return await HttpAsker(base).ask(condition)

    async def poll(self, port: int, path: str, timeout: float) -> HttpAnswer:
        """One GET to a port of this computer. ``timeout`` in real seconds. Raises like ``ask``."""
        return await HttpAsker(f"{LOCAL}{port}").ask(_get("", path, timeout))


class LocalServices:
    """``address``: service and port -> URL on 127.0.0.1. It may raise ``ToolProblem`` if there is none."""

    def __init__(self, address: Callable[[str, int], str]) -> None:
        self._address = address

    async def get(self, service: str, port: int, path: str, timeout: float) -> HttpAnswer:
        """One GET. ``timeout`` in real seconds. Never raises; without an address the answer is an error."""
        try:
            base = self._address(service, port)
        except ToolProblem as problem:
            return HttpAnswer(None, error=str(problem))
        return await HttpAsker(base).ask(_get(service, path, timeout))


def _get(service: str, path: str, timeout: float) -> HttpCondition:
    """A GET whose time-out is a number of seconds. The model itself accepts only text with a unit."""
    return HttpCondition(service=service, path=path).model_copy(update={"timeout": timeout})
