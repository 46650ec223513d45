"""Guardrails: readings of the host that end a run before it harms the machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from chaos.model.scenario import Guardrail
from chaos.probes.host import read_host, watch_guardrails
from chaos.timeline.events import Event, GuardrailTripped
from chaos.timing import Clock


class GuardrailTripping(Exception):
    """Unwinds the run; the teardown then undoes everything."""

    def __init__(self, event: GuardrailTripped) -> None:
        super().__init__(f"{event.probe} at {event.value:g} %, bound {event.bound:g} %")
        self.event = event


async def guard(
    guardrails: Sequence[Guardrail], write: Callable[[Event], None], clock: Clock, folder: Path
) -> None:
    """Raises ``GuardrailTripping`` once a reading passed its bound; it is in the journal by then."""
    if guardrails:
        raise GuardrailTripping(
            await watch_guardrails(guardrails, write, clock, partial(read_host, folder=folder))
        )
