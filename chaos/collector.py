"""The contract of collectors: what reads evidence for a check while a run goes on.

A check asks for evidence with ``Check.collects``. The runner reads it at a steady rate and records every
reading under a name, without knowing the check. Each collector kind is one file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chaos.model.base import Frozen
from chaos.model.plan import Plan
from chaos.sources import Sources
from chaos.timeline.observations import ProbeKind


@dataclass(frozen=True)
class Answer:
    """What one reading saw. It becomes a ``Sample`` of the recording.

    ``ok``: what was asked for held. ``detail``: why not, in words. ``payload``: what was read, as JSON in a
    form of the collector's own, where a figure does not say it.
    """

    ok: bool
    status: int | None = None  # of an HTTP answer
    value: float | None = None  # a figure; its unit is the collector's
    detail: str = ""
    payload: str = ""


class Collector(Frozen):
    """A collector kind. Its parameters are its fields.

    A subclass narrows ``collector`` to a ``Literal`` of its name and implements ``read``. The rest is
    optional. ``gameday kinds`` prints the first line of the docstring.
    """

    collector: str
    kind: ClassVar[ProbeKind] = ProbeKind.OTHER
    """The name that distinguishes its readings from those of other probes in the recording."""

    @property
    def patience(self) -> float:
        """Real seconds after which a reading without an answer is given up, and recorded as not ok."""
        return 2.0

    def every(self, plan: Plan) -> float:
        """Real seconds between two readings. A reading may begin while an earlier one still waits."""
        return 1.0

    async def read(self, sources: Sources) -> Answer:
        """Read once. What the target does is an ``Answer``, never an exception; ``ToolProblem`` of a source
        is recorded as a reading that is not ok.
        """
        raise NotImplementedError
