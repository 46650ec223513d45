"""What a run tells while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field

from chaos.timeline.events import Phase


@dataclass(frozen=True)
class Progress:
    """One moment of one run: what happens now, how long it will still take, what alerts and breakers say.

    ``elapsed`` and ``remaining`` in seconds; ``remaining`` is an estimate from the plan and never negative.
    """

    run_id: str
    scenario: str
    phase: Phase
    message: str
    elapsed: float
    remaining: float
    alerts: tuple[str, ...] = ()  # "alert firing", "alert pending"
    breakers: tuple[str, ...] = field(default=())  # "name open"
    milestone: bool = False  # worth a line of its own in a plain log
