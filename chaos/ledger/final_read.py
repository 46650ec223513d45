"""The final read of a ledger. gameday reads all stores repeatedly until they agree or ``settle`` is over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from chaos.errors import BadInput, ToolProblem
from chaos.ledger.rows import rows_of
from chaos.ledger.stack_client import StackClient
from chaos.model.ledger import LedgerFacts, LedgerStore
from chaos.templates import FilledRequest, fill_path, fill_text
from chaos.timeline.ledger import StoreRead, StoreRow
from chaos.timeline.ledger_classes import stores_agree
from chaos.timing import Clock

READ_DEADLINE = 30.0  # real seconds for which gameday tries again to read a store that it could not read
READ_EVERY = 0.5  # real seconds between two reads


class Reader:
    """Reads the stores of one ledger.

    ``prefix``: of the ids to read. ``foreign``: longer prefixes of other ledgers that begin with ``prefix``.
    ``hide``: removes secrets from error texts.
    """

    def __init__(
        self,
        name: str,
        facts: LedgerFacts,
        prefix: str,
        foreign: Sequence[str],
        client: StackClient,
        clock: Clock,
        hide: Callable[[str], str] = lambda text: text,
    ) -> None:
        self._name = name
        self._facts = facts
        self._prefix = prefix
        self._foreign = foreign
        self._client = client
        self._clock = clock
        self._hide = hide

    async def read(self, pace: float) -> tuple[StoreRead, ...]:
        """The last read of each store, in the order of ``stores``. A store's failure does not raise.

        ``complete`` is False for a store that could not be read; ``detail`` has the reason. ``settled`` is
        False for all stores if they did not agree in time.
        """
        began = self._clock.mono()
        settled_by = began + self._facts.settle_for(pace)
        while True:
            reads = await asyncio.gather(
                *(self._read_store(name, store) for name, store in self._facts.stores.items())
            )
            complete = all(read.complete for read in reads)
            if complete and stores_agree(self._facts, reads):
                return tuple(reads)
            now = self._clock.mono()
            if now >= settled_by and (complete or now >= began + READ_DEADLINE):
                return tuple(read.model_copy(update={"settled": False}) for read in reads)
            await self._clock.sleep(READ_EVERY)

    async def _read_store(self, name: str, store: LedgerStore) -> StoreRead:
        began, began_mono = self._clock.wall(), self._clock.mono()
        detail = ""
        rows: tuple[StoreRow, ...] = ()
        try:
            rows = rows_of(store, await self._answer(store), self._prefix, self._foreign)
        except (ToolProblem, BadInput) as problem:
            detail = self._hide(str(problem))
        return StoreRead(
            ledger=self._name,
            store=name,
            began=began,
            ended=self._clock.wall(),
            began_mono=began_mono,
            ended_mono=self._clock.mono(),
            complete=not detail,
            detail=detail,
            rows=rows,
        )

    async def _answer(self, store: LedgerStore) -> str:
        given = {"prefix": self._prefix}
        if store.command is not None:
            argv = [fill_text(word, given) for word in store.command.argv]
            service, timeout = store.command.service, store.command.timeout
            done = await self._client.execute(service, argv, timeout)
            if done.exit_code != 0:
                words = done.stderr_text.strip()[-200:]
                raise ToolProblem(f"{argv[0]} in {service} exited {done.exit_code}: {words}")
            return done.stdout_text
        assert store.http is not None
        call = store.http
        headers = {name: fill_text(text, given) for name, text in call.headers.items()}
        base = self._client.address(call.service, call.port)
        reply = await self._client.request(
            base, FilledRequest(call.method, fill_path(call.path, given), headers), call.timeout
        )
        expected = 200 if call.status is None else call.status
        if str(reply.status) != str(expected):
            raise ToolProblem(f"{call.service}{call.path} answered {reply.status}: {reply.text[:200]}")
        return reply.text
