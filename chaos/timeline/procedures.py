"""How the procedures of a run went: how long each step took, and which failed. Instants on the run axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chaos.timeline.events import (
    ProcedureBegan,
    ProcedureEnded,
    ProcedureStepBegan,
    ProcedureStepEnded,
    Purpose,
)
from chaos.timeline.recording import Recording

PURPOSE_IN_WORDS: Mapping[Purpose, str] = {
    "prepare": "prepares the run",
    "rehearse": "is rehearsed",
    "answer": "answers the fault",
}


@dataclass(frozen=True)
class StepRun:
    """One step that began. ``end`` and ``ok`` are None if the end was not recorded."""

    step: str
    start: float
    end: float | None = None
    ok: bool | None = None
    detail: str = ""
    output: str = ""
    known: bool = True  # False: a command ended with an exit code that means "unknown"

    @property
    def took(self) -> float | None:
        return None if self.end is None else self.end - self.start


@dataclass(frozen=True)
class ProcedureRun:
    """One run of one procedure. ``index``: the timeline step that it answers, or None. ``end`` and ``ok`` are
    None if the end was not recorded.
    """

    procedure: str
    purpose: Purpose
    index: int | None
    start: float
    end: float | None
    ok: bool | None
    detail: str
    steps: tuple[StepRun, ...]

    @property
    def took(self) -> float | None:
        return None if self.end is None else self.end - self.start


def procedure_runs(recording: Recording) -> tuple[ProcedureRun, ...]:
    """Every procedure that began, in order. Procedures do not overlap."""
    runs: list[ProcedureRun] = []
    began: ProcedureBegan | None = None
    ended: ProcedureEnded | None = None
    steps: list[StepRun] = []

    def close() -> None:
        nonlocal began, ended, steps
        if began is not None:
            end, ok, detail = (ended.at, ended.ok, ended.detail) if ended else (None, None, "")
            runs.append(
                ProcedureRun(
                    began.procedure, began.purpose, began.index, began.at, end, ok, detail, tuple(steps)
                )
            )
        began, ended, steps = None, None, []

    for event in recording.events:
        if isinstance(event, ProcedureBegan):
            close()
            began = event
        elif began is None or ended is not None:
            continue
        elif isinstance(event, ProcedureStepBegan):
            steps.append(StepRun(event.step, event.at))
        elif isinstance(event, ProcedureStepEnded) and steps and steps[-1].step == event.step:
            start = steps[-1].start
            steps[-1] = StepRun(
                event.step, start, event.at, event.ok, event.detail, event.output, event.known
            )
        elif isinstance(event, ProcedureEnded):
            ended = event
    close()
    return tuple(runs)
