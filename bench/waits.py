"""Where the time of a recorded run went: waiting that the plan asked for, work of Docker, and the rest,
which is ours.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from bench.cold_start import call
from bench.table import print_table
from chaos.errors import GamedayError
from chaos.journal.reader import load_recording
from chaos.timeline.events import FaultInjected, FaultIntended, FaultReverted, Phase, RunEnded, SteadyState
from chaos.timeline.recording import Recording

GAMEDAY = Path(sys.executable).with_name("gameday")


def newest_whole(reports: Path) -> Path | None:
    """The last run that went through all its phases: one that broke off says nothing about lengths."""
    for journal in sorted(reports.glob("*/journal.jsonl"), reverse=True):
        try:
            recording = load_recording(journal.parent)
        except GamedayError:
            continue
        ended = next(recording.of(RunEnded), None)
        if ended and not ended.error and any(event.when == "after" for event in recording.of(SteadyState)):
            return journal.parent
    return None


def measure(folder: Path | None) -> None:
    folder = folder or newest_whole(Path("reports"))
    if folder is None:
        print("\nno whole run under reports/ yet: make chaos-pms, then again")
        return
    try:
        recording = load_recording(folder)
    except GamedayError as problem:
        print(f"\n{folder}: {problem}")
        return
    plan, whole = recording.plan, recording.ended - recording.began
    title = f"Where the time went: {plan.scenario.scenario} at pace {plan.pace:g}, {whole:.1f} s"
    print_table(title, ["part", "took", "planned", "over"], phases(recording))
    print_table(
        "How late each injection was", ["fault", "injected", "to inject", "undone"], injections(recording)
    )
    print_table("Afterwards, on the stored folder", ["command", "CPU", "took"], afterwards(folder))


def phases(recording: Recording) -> list[list[str]]:
    """Each phase: only the timeline has a planned length; up, recovery and down are the stack's and
    Docker's work.
    """
    ended = next((event.at for event in recording.of(RunEnded)), recording.ended)
    begins = [(phase, at) for phase in Phase if (at := recording.phase_began(phase)) is not None]
    rows = []
    for (phase, at), (_, until) in zip(begins, [*begins[1:], (None, ended)], strict=True):
        took, planned = until - at, recording.plan.timeline_seconds if phase == Phase.TIMELINE else None
        over = "" if planned is None else f"{took - planned:.2f} s"
        rows.append([phase, f"{took:.2f} s", "" if planned is None else f"{planned:.2f} s", over])
    return rows


def injections(recording: Recording) -> list[list[str]]:
    """Beside the instants of the plan, which count from the steady state."""
    steady = next((event.at for event in recording.of(SteadyState) if event.when == "before"), None)
    rows = []
    for step in recording.plan.steps:
        intended = next((e.at for e in recording.of(FaultIntended) if e.index == step.index), None)
        injected = next((e.at for e in recording.of(FaultInjected) if e.index == step.index), None)
        reverted = next((e.at for e in recording.of(FaultReverted) if e.index == step.index), None)
        if steady is None or intended is None or injected is None or reverted is None:
            rows.append([step.step.summary(), "not recorded", "", ""])
            continue
        late, took = intended - steady - step.start, injected - intended
        undone = reverted - steady - step.end
        rows.append([step.step.summary(), f"+{late:.2f} s", f"{took:.2f} s", f"+{undone:.2f} s"])
    return rows


def afterwards(folder: Path) -> list[list[str]]:
    """On a copy: measuring must not touch what was recorded."""
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        copy = shutil.copytree(folder, Path(temporary) / folder.name)
        for verb in ("judge", "report"):
            done = call([str(GAMEDAY), verb, str(copy)])
            rows.append([f"gameday {verb} (exit {done.code})", f"{done.cpu:.2f} s", f"{done.wall:.2f} s"])
    return rows


def measure_run(scenario: Path, pace: float) -> None:
    """One whole run, for which Docker must be up: its time beside the work of the harness's processes.

    CPU is that of ``gameday run`` and of all that it started and waited for (the load, Compose), not that
    of the engine and the containers.
    """
    done = call([str(GAMEDAY), "run", str(scenario), "--pace", f"{pace:g}"])
    name, share = f"{scenario} (exit {done.code})", done.cpu / done.wall
    cells = [name, f"{done.wall:.1f} s", f"{done.cpu:.1f} s", f"{share:.1%}"]
    print_table("One run", ["scenario", "took", "CPU of the harness", "of one core"], [cells])
