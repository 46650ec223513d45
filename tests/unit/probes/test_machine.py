"""What this machine could give is read every second, and stays unknown where the system does not say."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from chaos.probes.machine import MachineTotals, machine_reading, read_machine, watch_machine
from chaos.timeline.observations import MachineReading
from tests.fakes import ManualClock

PSI = "some avg10=96.79 avg60=90.01 avg300=69.91 total=1031714221\nfull avg10=0.00 total=7\n"


async def readings(clock: ManualClock, seconds: float, totals: list[MachineTotals]) -> list[MachineReading]:
    written: list[MachineReading] = []
    left = iter(totals)
    task = asyncio.create_task(watch_machine(written.append, clock, lambda: next(left)))
    await clock.advance(seconds)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return written


async def test_shares_of_what_went_by_since_the_last_reading() -> None:
    totals = [
        MachineTotals(cpu=100, idle=50, steal=1, cpu_waits=10, memory_waits=0, io_waits=2),
        MachineTotals(cpu=102, idle=50.5, steal=1.2, cpu_waits=10.6, memory_waits=0, io_waits=2.1),
    ]
    (found,) = await readings(ManualClock(), 1.2, totals)
    assert found.over == pytest.approx(1.0, abs=0.06)
    assert found.cpu_busy == pytest.approx(0.75)
    assert found.cpu_steal == pytest.approx(0.1)
    assert found.cpu_pressure == pytest.approx(0.6, abs=0.04)
    assert found.memory_pressure == 0.0
    assert found.io_pressure == pytest.approx(0.1, abs=0.01)
    assert found.lag == pytest.approx(0.0, abs=1e-6)


async def test_an_event_loop_that_comes_late_is_seen() -> None:
    clock, written = ManualClock(), list[MachineReading]()
    task = asyncio.create_task(watch_machine(written.append, clock, MachineTotals))
    await clock.advance(0.52)
    clock._now += 0.4  # this process was not scheduled
    await clock.advance(0.3)
    task.cancel()
    (found,) = written
    assert found.lag == pytest.approx(0.37, abs=0.03)


def test_what_the_system_does_not_say_is_unknown() -> None:
    found = machine_reading(MachineTotals(), MachineTotals(cpu=3), at=1.0, mono=1.0, over=1.0, lag=0.0)
    assert (found.cpu_busy, found.cpu_steal, found.cpu_pressure, found.io_pressure) == (None,) * 4


def test_pressure_is_read_in_seconds(tmp_path: Path) -> None:
    (tmp_path / "cpu").write_text(PSI)
    (tmp_path / "memory").write_text("none of that")
    found = read_machine(tmp_path)
    assert (found.cpu_waits, found.memory_waits, found.io_waits) == (1031.714221, None, None)
    assert found.cpu is not None
    assert found.idle is not None
    assert 0 <= found.idle <= found.cpu
