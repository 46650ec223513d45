"""Makes the calls of one ledger and classifies their results as a client of the stack would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from chaos.errors import ToolProblem
from chaos.ledger.stack_client import StackClient
from chaos.model.ledger import LedgerFacts
from chaos.patterns import pattern
from chaos.templates import fill_request, fill_text

Word = Literal["acknowledged", "refused", "unknown"]
Sight = Literal["observed", "missed"]


@dataclass(frozen=True)
class WriteResult:
    """The result of one write, and the reason for it, such as ``status 201``."""

    word: Word
    detail: str


class Caller:
    """Makes the calls of one ledger.

    A write is ``acknowledged`` or ``refused`` only if the stack's answer says so, otherwise ``unknown``.
    """

    def __init__(self, facts: LedgerFacts, client: StackClient) -> None:
        self._facts = facts
        self._client = client

    async def write(self, builtin: Mapping[str, str]) -> WriteResult:
        """Send one write, filled in with ``builtin``. A failed call gives ``unknown`` and does not raise.

        Raises ``BadInput`` if the entry is not an address of this computer.
        """
        write = self._facts.write
        try:
            if write.command is not None:
                argv = [fill_text(word, builtin) for word in write.command.argv]
                done = await self._client.execute(write.command.service, argv, write.timeout)
                printed = write.prints is None or pattern(write.prints).found_in(done.stdout_text)
                kept = done.exit_code == 0 and printed
                return WriteResult("acknowledged" if kept else "unknown", f"exit {done.exit_code}")
            assert write.request is not None
            filled = fill_request(write.request, write.headers, write.json_body, builtin)
            reply = await self._client.request(self._entry(), filled, write.timeout)
        except ToolProblem as problem:
            return WriteResult("unknown", str(problem))
        detail = f"status {reply.status}"
        if reply.status in write.acknowledged:
            return WriteResult("acknowledged", detail)
        return WriteResult("refused" if reply.status in write.refused else "unknown", detail)

    async def observe(self, ident: str) -> Sight | None:
        """Look for the write with this id. None: unknown, or the ledger declares no ``observe``."""
        observe = self._facts.observe
        if observe is None:
            return None
        try:
            filled = fill_request(observe.request, observe.headers, None, {"id": ident})
            reply = await self._client.request(self._entry(), filled, observe.timeout)
        except ToolProblem:
            return None
        if reply.status == observe.present:
            return "observed"
        return "missed" if reply.status == observe.absent else None

    def _entry(self) -> str:
        assert self._facts.entry is not None  # the loader refuses a request without it
        return self._client.entry(self._facts.entry)
