"""What the report of a drill is made of: plain values that the caller fills."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from chaos.model.past import Freshness, PastDrill
from chaos.model.stack import Stack
from chaos.model.verdict import Outcome, Verdict
from chaos.timeline.recording import Recording


@dataclass(frozen=True)
class JudgedPart:
    """A run that could be judged. ``folder`` is its run folder; ``seal`` says what its manifest is worth."""

    recording: Recording
    verdict: Verdict
    folder: Path
    manifest_sha256: str = ""  # of manifest.json; "" if there is none
    seal: str = ""  # intact, changed, not sealed, ...; "" if it was not checked
    drawn: bool = True  # it holds a report.html


@dataclass(frozen=True)
class DrillPart:
    """One scenario that the drill was asked to run. ``judged`` None: ``why`` there is nothing to judge.

    ``objectives``: of what answers its faults; ``rto_of``, ``rpo_of``: those that it measures besides.
    ``file``, ``file_sha256``: the scenario file as it was named, and what it held; "" if that is not known.
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
        """It was not run to its end: it left nothing to judge, or was aborted. A drill without it has no
        grade.
        """
        return self.judged is None or self.judged.verdict.outcome is Outcome.ABORTED


@dataclass(frozen=True)
class Earlier:
    """What is on record: drills before this one, oldest first, and when procedures were last proven.

    ``comparable`` False: this one was asked for something else than the whole drill of the stack as it is.
    """

    drills: tuple[PastDrill, ...] = ()
    fresh: tuple[Freshness, ...] = ()
    comparable: bool = True


@dataclass(frozen=True)
class Scope:
    """What of the whole drill this one was asked. ``whole``: how many scenarios that has; None: unknown.

    ``within``: how many of them were asked; ``beyond``: how many that are none of them. ``changes``: what
    ``--env`` changed, secrets hidden. ``drawn``: put together afterwards from run folders.
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
        """All that the calendar asks for and nothing else, of the stack as it stands."""
        return not (self.partial or self.beyond or self.changes or self.drawn)

    @property
    def title(self) -> str:
        """What may be called a recovery drill, and what is less than one."""
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
    """One drill. ``at``: epoch seconds of its begin; ``stacks``: those of its scenarios, each once."""

    id: str
    at: float
    paces: tuple[float, ...]
    stacks: tuple[Stack, ...]
    parts: tuple[DrillPart, ...]
    earlier: Earlier = field(default_factory=Earlier)
    scope: Scope = field(default_factory=Scope)
