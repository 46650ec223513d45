"""A limit in real time that is missed on a machine that was saturated says nothing of the system."""

from __future__ import annotations

from collections.abc import Iterable

from chaos.model.asked import CannotTell
from chaos.model.verdict import Evidence, Measure
from chaos.timeline.machine import saturated
from chaos.timeline.recording import Recording


def excuse_slowness(
    recording: Recording,
    start: float,
    end: float,
    missed: str,
    *,
    evidence: Iterable[Evidence] = (),
    measures: Iterable[Measure] = (),
) -> None:
    """Call it before a limit in real time fails, and only then. Run axis; ``missed`` says what was too late.

    Raises ``CannotTell`` if the machine was saturated in ``[start, end]``. A failure that no slowness
    explains, such as a wrong status or a lost write, must not come here.
    """
    found = saturated(recording, start, end)
    if found is not None:
        why = f"{missed}, but {found.text()}: what came late may be its fault"
        raise CannotTell(why, evidence=evidence, measures=measures, fix=_FIX)


_FIX = "Run it again with fewer stacks side by side (`--jobs auto`), or on a machine with more cores."
