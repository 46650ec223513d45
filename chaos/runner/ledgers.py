"""The ledgers of a run: written from the steady phase on, read back once recovery has ended."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import TypeAdapter

from chaos.errors import ToolProblem
from chaos.files import write_file
from chaos.runner.needs import Needs
from chaos.timeline.events import Event
from chaos.timeline.ledger import StoreRead
from chaos.timeline.observations import WritersStarted, WritersStopped

_READS = TypeAdapter(tuple[StoreRead, ...])


async def start_ledgers(needs: Needs, write: Callable[[Event], None]) -> None:
    if needs.ledgers is None:
        return
    for counts in await needs.ledgers.start():
        clock = needs.context.clock
        write(WritersStarted(at=clock.wall(), mono=clock.mono(), ledger=counts.ledger, rate=counts.rate))


async def stop_ledgers(needs: Needs, write: Callable[[Event], None], at_once: bool = False) -> None:
    """Idempotent; what was planned and left out is written once."""
    if needs.ledgers is None:
        return
    for counts in await needs.ledgers.stop(at_once):
        clock = needs.context.clock
        write(
            WritersStopped(
                at=clock.wall(),
                mono=clock.mono(),
                ledger=counts.ledger,
                planned=counts.planned,
                left_out=counts.left_out,
            )
        )


def check_ledgers(needs: Needs) -> None:
    """Raises ``ToolProblem`` once the writers ended by themselves: what they saw no longer tells anything."""
    if needs.ledgers is not None and (why := needs.ledgers.died()):
        raise ToolProblem(f"the writers of the ledgers ended by themselves: {why}")


async def read_back_ledgers(needs: Needs, write: Callable[[Event], None]) -> None:
    """Stop the writers, then the final read. A run that is cut off before that has none."""
    if needs.ledgers is None:
        return
    check_ledgers(needs)
    await stop_ledgers(needs, write)
    reads = tuple(
        read.model_copy(update={"row_count": len(read.rows)}) for read in await needs.ledgers.read_back()
    )
    write_file(needs.folder.readback, _READS.dump_json(reads, exclude_defaults=True))
