"""Guardrails: readings of this machine that end a run before memory or disk runs out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from chaos.errors import ToolProblem
from chaos.model.scenario import Guardrail
from chaos.timeline.events import GuardrailTripped, Sample
from chaos.timing import Clock

DEFAULT_HZ = 1.0


def read_host(probe: str, folder: Path) -> float:
    """Percent in use of memory, or of the file system of ``folder``. ``probe``: host_memory or host_disk.

    Raises ``ToolProblem`` if it cannot be read, and for another probe.
    """
    try:
        if probe == "host_memory":
            return float(psutil.virtual_memory().percent)
        if probe == "host_disk":
            return float(psutil.disk_usage(str(folder)).percent)
    except (OSError, psutil.Error) as problem:
        raise ToolProblem(f"{probe} cannot be read: {problem}") from problem
    raise ToolProblem(f"there is no host reading {probe}")


def bound_of(guardrail: Guardrail) -> float:
    """The bound in percent: 90.0 for ``below: 90%``."""
    return float(guardrail.below.removesuffix("%"))


async def watch_guardrails(
    guardrails: Sequence[Guardrail],
    write: Callable[[Sample | GuardrailTripped], None],
    clock: Clock,
    read: Callable[[str], float],
    hz: float = DEFAULT_HZ,
) -> GuardrailTripped:
    """Read every guardrail ``hz`` times a second. Returns when a reading is not below its bound.

    ``read``: name of a probe -> percent (``read_host`` with its folder). Raises its ``ToolProblem``, because
    a guardrail that cannot be read does not protect the machine. Without guardrails it never returns.
    """
    while True:
        for guardrail in guardrails:
            started, began = clock.wall(), clock.mono()
            value, bound = read(guardrail.probe), bound_of(guardrail)
            fine = value < bound
            at, mono = clock.wall(), clock.mono()
            detail = "" if fine else f"{value:g}% is not below {bound:g}%"
            write(
                Sample(
                    at=at,
                    mono=mono,
                    probe=guardrail.probe,
                    ok=fine,
                    started=started,
                    started_mono=began,
                    value=value,
                    detail=detail,
                )
            )
            if not fine:
                tripped = GuardrailTripped(at=at, mono=mono, probe=guardrail.probe, value=value, bound=bound)
                write(tripped)
                return tripped
        await clock.sleep(1 / hz)
