"""The ledgers of a run: written from the steady phase on, read back once recovery has ended."""

from __future__ import annotations

from pydantic import TypeAdapter

from chaos.errors import ToolProblem
from chaos.files import write_file
from chaos.runner.needs import Needs
from chaos.timeline.ledger import StoreRead

_READS = TypeAdapter(tuple[StoreRead, ...])


async def start_ledgers(needs: Needs) -> None:
    if needs.ledgers is not None:
        await needs.ledgers.start()


def check_ledgers(needs: Needs) -> None:
    """Raises ``ToolProblem`` once the writers ended by themselves: what they saw no longer tells anything."""
    if needs.ledgers is not None and (why := needs.ledgers.died()):
        raise ToolProblem(f"the writers of the ledgers ended by themselves: {why}")


async def read_back_ledgers(needs: Needs) -> None:
    """Stop the writers, then the final read. A run that is cut off before that has none."""
    if needs.ledgers is None:
        return
    check_ledgers(needs)
    await needs.ledgers.stop()
    reads = await needs.ledgers.read_back()
    write_file(needs.folder.readback, _READS.dump_json(reads, exclude_defaults=True))
