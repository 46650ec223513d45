"""Writes to the ledgers of a stack during a run, and reads every store at the end.

Every write is recorded before and after its call. The writers run as tasks beside the phases of the run. They
call only this computer and the run's own containers. They record and never judge:
``chaos.timeline.ledger_classes`` classifies the writes.
"""

from chaos.ledger.ledgers import Ledgers
from chaos.ledger.stack_client import StackClient

__all__ = ["Ledgers", "StackClient"]
