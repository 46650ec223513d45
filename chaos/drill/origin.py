"""What a drill ran on and with, and what its pace means, for readers who know neither."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chaos.drill.parts import Drill
from chaos.report import human
from chaos.timeline.events import RunStarted

SHORT = 8  # digits of a commit
_VERSIONS = (("gameday-harness", "gameday"), ("engine", "Docker Engine"))


def origin_of(drill: Drill) -> str:
    """``stack toy · git 217be512 · gameday 0.1.0 · Docker Engine 27.3.1``: for every recorded run."""
    recordings = [part.judged.recording for part in drill.parts if part.judged is not None]
    commits = [(r.plan.source.git_commit or "")[:SHORT] or "no checkout" for r in recordings]
    started = [event for r in recordings for event in r.of(RunStarted)]
    said = [f"stack {_once(stack.stack for stack in drill.stacks)}", f"git {_once(commits)}"]
    said += [
        f"{name} {_once(e.versions[key] for e in started if key in e.versions)}" for key, name in _VERSIONS
    ]
    return " · ".join(said)


def _once(values: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(values)) or "not known"


def pace_meaning(paces: Sequence[float]) -> str:
    """A sentence; "" if nothing is compressed."""
    faster = sorted({pace for pace in paces if pace != 1})
    if not faster:
        return ""
    times = " or ".join(human.pace(pace) for pace in faster)
    return (
        f"Pace {times} makes waits that policy sets, such as the delay of an alert, that many times shorter; "
        "outages, RTO, RPO and procedures are real time."
    )
