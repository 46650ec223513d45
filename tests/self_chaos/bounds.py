"""What must hold of an injured run, whatever was done to it; a pure function of what was observed."""

from __future__ import annotations

import signal

from pydantic import BaseModel, ConfigDict

from chaos.timeline.events import Phase

_KILLED_BY_SIGNAL = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT)
BEFORE_TEARDOWN = frozenset({"", Phase.START, Phase.STEADY, Phase.TIMELINE, Phase.RECOVERY})
SIGNALLED = 25.0  # seconds in which a run that got a signal, or its watchdog, has undone everything
WHOLE = 150.0  # seconds in which any other run has ended: a whole one takes some 40 s


class Observed(BaseModel):
    """One trial: what was done when, and what was found afterwards."""

    model_config = ConfigDict(frozen=True)

    index: int
    injury: str
    at: float  # seconds after the process was started
    phase: str  # of the run when it was struck; "" before its journal began
    late: str = ""  # why it could not be struck any more; "": it was
    survivable: bool = False
    code: int | None  # None: it did not end within ``limit``
    took: float  # seconds from the injury to the end of the process
    limit: float
    outcome: str = ""  # of the recording judged again; "" where there is none
    left: tuple[str, ...] = ()  # containers, networks, volumes and processes, half a minute after the end
    recorded: bool = False  # there is a journal
    unreadable: str = ""  # why the recording could not be loaded or drawn
    traceback: bool = False
    last_line: str = ""


def violations(seen: Observed) -> tuple[str, ...]:
    """Each bound that was broken, in words. A run that was never injured must have ended well by itself."""
    found = []
    if seen.code is None:
        found.append(f"it had not ended after {seen.limit:g} s")
    if seen.left:
        found.append(f"left behind: {', '.join(seen.left)}")
    passed = seen.code == 0 or seen.outcome == "PASS"
    if passed and not seen.late and not seen.survivable and seen.phase in BEFORE_TEARDOWN:
        found.append("it passed although something it needs was gone")
    if seen.late and seen.code != 0:
        found.append(f"it ended with exit code {seen.code} before anything was done to it")
    if seen.outcome == "FAIL":
        found.append("the system is blamed for what was done to gameday")
    if seen.recorded and seen.unreadable:
        found.append(f"its recording cannot be read: {seen.unreadable}")
    if seen.traceback:
        found.append("it printed a traceback")
    silent = seen.code not in (0, None) and not seen.recorded and not seen.last_line
    if silent and seen.code not in _KILLED_BY_SIGNAL:  # before gameday had begun: the code says what ended it
        found.append("it ended without a recording and without a word")
    return tuple(found)
