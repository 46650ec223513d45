"""What a link carried is read just before it is broken: its use until then is not use of a broken link."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from chaos.faults.link_down import LinkDown
from chaos.runner import Runner
from chaos.timeline.observations import LinkCounts, LinkUse
from tests.runner_harness import RunnerHarness


async def test_the_counters_are_read_at_the_instant_of_the_injection(tmp_path: Path) -> None:
    fault = LinkDown.model_validate({"at": "4.6s", "for": "4s", "fault": "link.down", "link": "clients->web"})
    harness = RunnerHarness(tmp_path, fault)

    async def read() -> tuple[LinkCounts, ...]:
        """The application sends a thousand bytes a second."""
        sent = int(1000 * harness.clock.mono())
        return (LinkCounts(link="clients->web", sent=sent, received=0, own_dials=0, own_sent=0, refused=0),)

    await harness.clock.run(Runner(harness.plan, replace(harness.needs(), link_use=read)).run())
    (intended,) = harness.journal.of("fault_intended")
    readings: list[LinkUse] = harness.journal.of("link_use")
    last = max((one for one in readings if one.mono <= intended.mono), key=lambda one: one.mono)
    assert intended.mono - last.mono < 0.1
    assert last.links[0].sent > 1000 * (intended.mono - 0.1)
