"""The data of a drill's report: plain values that the caller fills in."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from chaos.evidence import SealState
from chaos.model.past import Freshness, PastDrill
from chaos.model.stack import Stack
from chaos.model.verdict import Outcome, Verdict
from chaos.timeline.recording import Recording


@dataclass(frozen=True)
class JudgedPart:
    """A run that could be judged. ``folder`` is its run folder; ``seal``: the state of its manifest."""

    recording: Recording
    verdict: Verdict
    folder: Path
    manifest_sha256: str = ""  # of manifest.json; "" without one
    seal: SealState | None = None  # None: it was not checked
    drawn: bool = True  # it holds a report.html


@dataclass(frozen=True)
class DrillPart:
    """One scenario of the drill. ``judged`` None: ``why`` says why there is nothing to judge.

    ``objectives``: of the procedures that answer its faults; ``rto_of``, ``rpo_of``: others that it measures.
    ``file``, ``file_sha256``: the scenario file as it was named, and the hash of its content; "" if unknown.
    """

    scenario: str
    title: str
    tier: int | None
    objectives: tuple[str, ...] = ()
    judged: JudgedPart | None = None
    why: str = ""
    rto_of: tuple[str, ...] = ()
    rpo_of: tuple[str, ...] = ()
    file: str = ""
    file_sha256: str = ""

    @property
    def missing(self) -> bool:
        """The run did not finish: it left nothing to judge, or was aborted. The drill then has no grade."""
        return self.judged is None or self.judged.verdict.outcome is Outcome.ABORTED


@dataclass(frozen=True)
class EarlierDrills:
    """The record of earlier drills, oldest first, and of when each procedure was last proven.

    ``comparable`` False: this drill is not the whole drill of the unchanged stack.
    """

    drills: tuple[PastDrill, ...] = ()
    fresh: tuple[Freshness, ...] = ()
    comparable: bool = True


@dataclass(frozen=True)
class Scope:
    """How much of the whole drill this one covers. ``whole``: number of scenarios of that; None: unknown.

    ``within``: how many of them this drill has; ``beyond``: how many other scenarios. ``changes``: what
    ``--env`` changed, without secrets. ``drawn``: put together afterwards from run folders.
    """

    whole: int | None = None
    within: int = 0
    beyond: int = 0
    changes: tuple[str, ...] = ()
    drawn: bool = False

    @property
    def partial(self) -> bool:
        return self.whole is not None and self.within < self.whole

    @property
    def complete(self) -> bool:
        """Every scenario that the calendar requires and no other, on the unchanged stack."""
        return not (self.partial or self.beyond or self.changes or self.drawn)

    @property
    def title(self) -> str:
        """The title: a recovery drill, or a name that shows what is missing or different."""
        if self.partial:
            more = f" and {self.beyond} more" if self.beyond else ""
            of = " of a changed stack" if self.changes else ""
            return f"Partial drill{of}: {self.within} of {self.whole} scenarios{more}"
        if self.changes:
            return "Drill of a changed stack"
        if self.drawn:
            return "Drill drawn from stored runs"
        return f"Recovery drill and {self.beyond} more" if self.beyond else "Recovery drill"


@dataclass(frozen=True)
class Drill:
    """One drill. ``at``: epoch seconds of its start; ``stacks``: those of its scenarios, each once."""

    id: str
    at: float
    paces: tuple[float, ...]
    stacks: tuple[Stack, ...]
    parts: tuple[DrillPart, ...]
    earlier: EarlierDrills = field(default_factory=EarlierDrills)
    scope: Scope = field(default_factory=Scope)
