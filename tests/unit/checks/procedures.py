"""Recordings of runs with a procedure."""

from __future__ import annotations

from dataclasses import replace

from chaos.model.plan import Plan
from chaos.model.procedure import Procedure
from chaos.timeline.events import (
    ProcedureBegan,
    ProcedureEnded,
    ProcedureStepBegan,
    ProcedureStepEnded,
    Purpose,
)
from chaos.timeline.recording import Recording
from tests.recording_builder import BEGAN, RecordingBuilder

FETCH, OPEN = "fetch", "open"
RESTORE = Procedure.model_validate(
    {
        "procedure": "restore",
        "title": "Put it back",
        "steps": [
            {"step": FETCH, "title": "Fetch", "planned": "1m", "check": {"run": "docker compose ps"}},
            {"step": OPEN, "title": "Open", "planned": "30s", "check": {"run": "docker compose ps"}},
        ],
    }
)


def rehearsing(purpose: Purpose = "rehearse") -> RecordingBuilder:
    """The recording of a run whose scenario names the procedure."""
    builder = RecordingBuilder()
    scenario = builder.plan.scenario.model_copy(update={purpose: ("restore",)})
    builder.plan = builder.plan.model_copy(update={"procedures": {"restore": RESTORE}, "scenario": scenario})
    return builder


def ran(
    builder: RecordingBuilder,
    *steps: tuple[str, bool, float],
    at: float = 20.0,
    purpose: Purpose = "rehearse",
    detail: str = "",
    output: str = "",
    end: bool = True,
    known: bool = True,
) -> RecordingBuilder:
    """The procedure as it went: (step, done, seconds) each; it stops at the first that was not done."""
    builder.add(ProcedureBegan(at=BEGAN + at, mono=at, procedure="restore", purpose=purpose))
    ok = True
    for step, done, seconds in steps:
        builder.add(ProcedureStepBegan(at=BEGAN + at, mono=at, procedure="restore", step=step))
        at += seconds
        builder.add(
            ProcedureStepEnded(
                at=BEGAN + at,
                mono=at,
                procedure="restore",
                step=step,
                ok=done,
                detail="" if done else detail,
                output=output,
                known=done or known,
            )
        )
        ok = ok and done
    if end:
        builder.add(ProcedureEnded(at=BEGAN + at, mono=at, procedure="restore", ok=ok, detail=detail))
    return builder


def ended(recording: Recording, plan: Plan) -> Recording:
    """The recording under another plan."""
    return replace(recording, plan=plan)


def lost(recording: Recording) -> Recording:
    """The recording of a run whose plan breaks nothing."""
    return replace(recording, plan=recording.plan.model_copy(update={"steps": ()}))
