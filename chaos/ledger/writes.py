"""Computes the content of each write of a ledger from its number, before gameday sends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from chaos.model.ledger import BUILT_IN, LedgerFacts
from chaos.templates import fill_text

SLOTS = 50  # resources that the writes request in turn
FIRST = date(2032, 1, 1)  # later than any data of the stack and its load
APART = timedelta(
    days=3650
)  # between the first periods of two runs on one stack, so that they never request the same period
NIGHTS = 2  # days of a period. The next one begins on its last day, so that an off-by-one error overlaps
OBSERVED = 0.25  # share of new writes at which gameday also looks for an earlier id
RECENT = 20  # half of the observations look for one of the last 20 acknowledged writes
_SEED = 0  # the same chance in every run


@dataclass(frozen=True)
class Write:
    """One write. ``builtin``: placeholder -> value. ``values``: compared field -> the value it writes."""

    number: int
    id: str
    builtin: Mapping[str, str]
    values: Mapping[str, str]
    repeats: bool  # gameday sends it once more after its acknowledgement
    conflicts: bool  # it requests what another write already has


@dataclass(frozen=True)
class Choice:
    """The random choices for one new write. ``pick`` and ``look``: in [0, 1).

    ``pick`` selects an acknowledged write. ``look`` below 0.5: an observation selects among recent ones only.
    """

    repeats: bool
    conflicts: bool
    observes: bool
    pick: float
    look: float


class Writes:
    """All writes of one ledger. The same prefix and number always give the same write.

    Only the write that a conflict copies depends on the stack's answers (``rival``). ``earlier``: number of
    earlier runs on the same stack.
    """

    def __init__(self, facts: LedgerFacts, prefix: str, earlier: int = 0) -> None:
        self._facts = facts
        self._prefix = prefix
        self._first = FIRST + earlier * APART

    def choice(self, number: int) -> Choice:
        """The random choices for the write with this number."""
        chance = Random(f"{_SEED}:{number}")
        return Choice(
            repeats=chance.random() < self._facts.repeat,
            conflicts=chance.random() < self._facts.conflict,
            observes=self._facts.observe is not None and chance.random() < OBSERVED,
            pick=chance.random(),
            look=chance.random(),
        )

    def write(self, number: int, rival: Write | None = None) -> Write:
        """The write with this number. With ``rival``, it requests the slot and period of that write."""
        if rival is not None:
            slot, start, end = (rival.builtin[name] for name in ("slot", "from", "to"))
        else:
            begins = self._first + timedelta(days=NIGHTS * (number // SLOTS))
            slot, start = str(number % SLOTS), begins.isoformat()
            end = (begins + timedelta(days=NIGHTS)).isoformat()
        ident = f"{self._prefix}{number}"
        builtin = dict(zip(BUILT_IN, (ident, str(number), slot, start, end), strict=True))
        values = {name: fill_text(text, builtin) for name, text in self._facts.fields.items()}
        return Write(number, ident, builtin, values, self.choice(number).repeats, rival is not None)
