"""A stack in memory that stores writes, or fails to, as a test configures it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from chaos.bounded_http import WholeAnswer
from chaos.errors import ToolProblem
from chaos.ledger.stack_client import StackClient
from chaos.model.ledger import LedgerFacts
from chaos.model.stack import LinkName
from chaos.ports import CommandOutput
from chaos.templates import FilledRequest
from chaos.timing import Clock

DECLARED: dict[str, Any] = {
    "entry": "clients->web",
    "write": {
        "request": "PUT /orders/$id",
        "json": {"seat": "S-$slot", "from": "$from", "to": "$to"},
        "timeout": "2s",
    },
    "observe": {"request": "GET /orders/$id"},
    "fields": {"seat": "S-$slot"},
    "stores": {
        "db": {
            "command": {"service": "db", "argv": ["list", "$prefix"]},
            "format": "csv",
            "id": "key",
            "fields": {"seat": "seat"},
        },
        "web": {"http": {"service": "web", "path": "/orders?p=$prefix"}, "rows": "orders", "id": "key"},
    },
}


def facts(**changes: Any) -> LedgerFacts:
    return LedgerFacts.model_validate({**DECLARED, **changes})


@dataclass
class Shop:
    """Answers writes with the next of ``script`` (a status, or None for no answer), then with 201.

    ``takes``: seconds for each call. ``db`` and ``web``: the stored rows. ``lag``: number of reads of web
    before it returns all rows.
    """

    clock: Clock
    script: list[int | None] = field(default_factory=list)
    takes: float = 0.01
    lag: int = 0
    db_down: bool = False
    db: dict[str, str] = field(default_factory=dict)
    sent: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    busy: int = 0
    busiest: int = 0

    def client(self) -> StackClient:
        return _StackClient(self.entry, lambda service, port: f"http://{service}", self.execute, self)

    def entry(self, link: LinkName) -> str:
        return f"entry {link}"

    async def execute(self, service: str, argv: Sequence[str], timeout: float) -> CommandOutput:
        if self.db_down:
            raise ToolProblem("no such container")
        lines = [f"{key},{seat}" for key, seat in self.db.items()]
        rows = "\n".join(["key,seat", *lines])
        return CommandOutput(0, rows.encode(), b"a warning that is no row")

    async def request(self, base: str, filled: FilledRequest, timeout: float) -> WholeAnswer:
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            await self.clock.sleep(self.takes)
            return self._answer(base, filled)
        finally:
            self.busy -= 1

    def _answer(self, base: str, filled: FilledRequest) -> WholeAnswer:
        ident = filled.path.rpartition("/")[2]
        if base == "http://web":
            self.lag -= 1
            kept = self.db if self.lag < 0 else {}
            return WholeAnswer(200, json.dumps({"orders": [{"key": key} for key in kept]}).encode())
        if filled.method == "GET":
            return WholeAnswer(200 if ident in self.db else 404, b"")
        self.sent.append((ident, json.loads(filled.body)))
        status = self.script.pop(0) if self.script else 201
        if status is None:
            raise ToolProblem("no answer")
        if status in (200, 201):
            self.db[ident] = json.loads(filled.body)["seat"]
        return WholeAnswer(status, b"")


@dataclass(frozen=True)
class _StackClient(StackClient):
    shop: Shop

    async def request(self, base: str, filled: FilledRequest, timeout: float) -> WholeAnswer:
        return await self.shop.request(base, filled, timeout)
