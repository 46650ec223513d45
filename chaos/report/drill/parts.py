"""What the report of a drill is made of: plain values that the caller fills."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from chaos.model.past import Freshness, PastDrill
from chaos.model.stack import Stack
from chaos.model.verdict import Verdict
from chaos.timeline.recording import Recording


@dataclass(frozen=True)
class Judged:
    """A run that could be judged. ``folder`` is its run folder; ``seal`` says what its manifest is worth."""

    recording: Recording
    verdict: Verdict
    folder: Path
    manifest_sha256: str = ""  # of manifest.json; "" if there is none
    seal: str = ""  # intact, changed, not sealed, ...; "" if nobody looked
    drawn: bool = True  # it holds a report.html


@dataclass(frozen=True)
class DrillPart:
    """One scenario that the drill was asked to run. ``judged`` None: ``why`` it could not be told.

    ``objectives``: of what answers its faults; ``rto_of``, ``rpo_of``: those that it measures besides.
    """

    scenario: str
    title: str
    tier: int | None
    objectives: tuple[str, ...] = ()
    judged: Judged | None = None
    why: str = ""
    rto_of: tuple[str, ...] = ()
    rpo_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Earlier:
    """What is on record: drills before this one, oldest first, and when procedures were last proven.

    ``comparable`` False: this one was asked for something else than the whole drill of the stack as it is.
    """

    drills: tuple[PastDrill, ...] = ()
    fresh: tuple[Freshness, ...] = ()
    comparable: bool = True


@dataclass(frozen=True)
class Drill:
    """One drill. ``at``: epoch seconds of its begin; ``stacks``: those of its scenarios, each once."""

    id: str
    at: float
    paces: tuple[float, ...]
    stacks: tuple[Stack, ...]
    parts: tuple[DrillPart, ...]
    earlier: Earlier = field(default_factory=Earlier)
