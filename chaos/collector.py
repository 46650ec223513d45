"""The contract of collectors. A collector reads evidence for a check while a run is going on.

A check asks for evidence with ``Check.collects``. The runner reads it at a steady rate and records every
reading under a name; it does not know the check. Each collector kind is one file.
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
    """The result of one reading. The runner records it as a ``Sample``.

    ``ok``: the condition held. ``detail``: why it did not, for people. ``payload``: what was read, if one
    figure cannot express it: JSON whose form the collector defines.
    """

    ok: bool
    status: int | None = None  # of an HTTP answer
    value: float | None = None  # a figure; the collector defines its unit
    detail: str = ""
    payload: str = ""


class Collector(Frozen):
    """A collector kind. Its parameters are its fields.

    A subclass narrows ``collector`` to a ``Literal`` of its name and implements ``read``. The rest is
    optional. ``gameday kinds`` prints the first line of the docstring.
    """

    collector: str
    kind: ClassVar[ProbeKind] = ProbeKind.OTHER
    """The kind under which the recording lists its readings."""

    @property
    def patience(self) -> float:
        """Real seconds after which the runner cancels a reading and records it as not ok."""
        return 2.0

    def every(self, plan: Plan) -> float:
        """Real seconds between two readings. A reading may begin before an earlier one has ended."""
        return 1.0

    async def read(self, sources: Sources) -> Answer:
        """Read once. A refusal, an error or silence of the target is an ``Answer``, never an exception.

        May raise ``ToolProblem`` from a source; the runner records that as a reading that is not ok.
        """
        raise NotImplementedError
