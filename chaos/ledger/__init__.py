"""Writers whose every write is journalled before and after its call, and the final read of every store.

They run as tasks beside the phases of a run and dial this computer and the run's own containers only. They
never judge: ``chaos.timeline.ledger_classes`` sorts what they wrote down.
"""

from chaos.ledger.ledgers import Ledgers
from chaos.ledger.stack_client import StackClient

__all__ = ["Ledgers", "StackClient"]
