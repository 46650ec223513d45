"""What each write of a ledger says: computed from its number and a seed, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from chaos.model.ledger import BUILT_IN, LedgerFacts
from chaos.templates import fill_text

SLOTS = 50  # resources that are asked for in turn
FIRST = date(2032, 1, 1)  # far from anything that the stack or its load may hold
APART = timedelta(
    days=3650
)  # between the first periods of two runs on one stack: neither asks for the other's
NIGHTS = 2  # each period begins on the day on which the one before it ends: the sharpest neighbour
OBSERVED = 0.25  # share of arrivals beside which an earlier id is looked for
RECENT = 20  # acknowledged writes from which an observation prefers its id


@dataclass(frozen=True)
class Write:
    """One write. ``builtin`` fills its templates; ``values`` is what it says of the compared fields."""

    number: int
    id: str
    builtin: Mapping[str, str]
    values: Mapping[str, str]
    repeats: bool  # it is sent once more after it was acknowledged
    conflicts: bool  # it asks for what another write was given


@dataclass(frozen=True)
class Choice:
    """What chance says of one arrival; ``pick`` in [0, 1) chooses among what was acknowledged by then."""

    repeats: bool
    conflicts: bool
    observes: bool
    pick: float
    look: float


class Writes:
    """All writes of one ledger. The same prefix, seed and numbers always give the same ones, apart from
    which acknowledged write a conflict is sought with: that depends on what the stack has answered.
    ``earlier``: how many runs have written to the same stack before.
    """

    def __init__(self, facts: LedgerFacts, prefix: str, seed: int = 0, earlier: int = 0) -> None:
        self._facts = facts
        self._prefix = prefix
        self._seed = seed
        self._first = FIRST + earlier * APART

    def choice(self, number: int) -> Choice:
        chance = Random(f"{self._seed}:{number}")
        return Choice(
            repeats=chance.random() < self._facts.repeat,
            conflicts=chance.random() < self._facts.conflict,
            observes=self._facts.observe is not None and chance.random() < OBSERVED,
            pick=chance.random(),
            look=chance.random(),
        )

    def write(self, number: int, rival: Write | None = None) -> Write:
        """The write of that number; with ``rival``: it asks for the same slot and period."""
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
