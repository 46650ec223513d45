"""Writes the ledgers of a run from the steady phase on, and reads them back after the recovery."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import TypeAdapter

from chaos.errors import ToolProblem
from chaos.files import write_file
from chaos.runner.run_ports import RunPorts
from chaos.timeline.events import Event
from chaos.timeline.ledger import StoreRead
from chaos.timeline.observations import WritersStarted, WritersStopped

_READS = TypeAdapter(tuple[StoreRead, ...])


async def start_ledgers(ports: RunPorts, write: Callable[[Event], None]) -> None:
    if ports.ledgers is None:
        return
    for counts in await ports.ledgers.start():
        clock = ports.context.clock
        write(WritersStarted(at=clock.wall(), mono=clock.mono(), ledger=counts.ledger, rate=counts.rate))


async def stop_ledgers(ports: RunPorts, write: Callable[[Event], None], at_once: bool = False) -> None:
    """Idempotent; records once which planned writes were left out."""
    if ports.ledgers is None:
        return
    for counts in await ports.ledgers.stop(at_once):
        clock = ports.context.clock
        write(
            WritersStopped(
                at=clock.wall(),
                mono=clock.mono(),
                ledger=counts.ledger,
                planned=counts.planned,
                left_out=counts.left_out,
            )
        )


def check_ledgers(ports: RunPorts) -> None:
    """Raises ``ToolProblem`` if the writers ended unexpectedly: their writes then prove nothing."""
    if ports.ledgers is not None and (why := ports.ledgers.died()):
        raise ToolProblem(f"the writers of the ledgers ended unexpectedly: {why}")


async def read_back_ledgers(ports: RunPorts, write: Callable[[Event], None]) -> tuple[StoreRead, ...]:
    """Stop the writers, then do the final read. A run interrupted before that has no final read."""
    if ports.ledgers is None:
        return ()
    check_ledgers(ports)
    await stop_ledgers(ports, write)
    reads = tuple(
        read.model_copy(update={"row_count": len(read.rows)}) for read in await ports.ledgers.read_back()
    )
    write_file(ports.folder.readback, _READS.dump_json(reads, exclude_defaults=True))
    return reads
