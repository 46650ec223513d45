"""Records every second how busy this machine is: a run on a saturated machine says little about the system.

Pressure comes from the kernel (PSI, https://docs.kernel.org/accounting/psi.html): the share of time in which
some task waited for a core, for memory or for the disk. On a kernel without PSI it is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from chaos.timeline.observations import MachineReading
from chaos.timing import Clock

EVERY = 1.0  # seconds between two readings
TICK = 0.05  # seconds between two measurements of how late the event loop is

_TOTAL = re.compile(r"^some .*\btotal=(\d+)$", re.MULTILINE)
# The parts of a core's time that do not overlap (proc_stat(5)); each system has some of them.
_CPU_PARTS = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
_PRESSURE = Path("/proc/pressure")


@dataclass(frozen=True)
class MachineTotals:
    """Counters since the machine started, in seconds. None: this system does not provide it.

    ``cpu``, ``idle``, ``steal``: sums over all cores. ``*_waits``: time in which some task waited.
    """

    cpu: float | None = None
    idle: float | None = None
    steal: float | None = None
    cpu_waits: float | None = None
    memory_waits: float | None = None
    io_waits: float | None = None


ReadMachine = Callable[[], MachineTotals]


def read_machine(pressure: Path = _PRESSURE) -> MachineTotals:
    """The counters now. Never raises: what cannot be read is None."""
    cpu: float | None = None
    idle: float | None = None
    steal: float | None = None
    try:
        times = psutil.cpu_times()
        cpu = sum(getattr(times, name, 0.0) for name in _CPU_PARTS)
        idle = times.idle + getattr(times, "iowait", 0.0)
        steal = getattr(times, "steal", None)
    except (OSError, psutil.Error):
        pass  # what was not read stays unknown
    return MachineTotals(
        cpu=cpu,
        idle=idle,
        steal=steal,
        cpu_waits=_waits(pressure / "cpu"),
        memory_waits=_waits(pressure / "memory"),
        io_waits=_waits(pressure / "io"),
    )


def _waits(path: Path) -> float | None:
    try:
        found = _TOTAL.search(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError):
        return None
    return int(found[1]) / 1e6 if found else None


async def watch_machine(
    write: Callable[[MachineReading], None],
    clock: Clock,
    read: ReadMachine = read_machine,
    every: float = EVERY,
) -> None:
    """Write a ``MachineReading`` every ``every`` real seconds until cancelled."""
    before, began, lag = read(), clock.mono(), 0.0
    while True:
        asleep = clock.mono()
        await clock.sleep(TICK)
        now = clock.mono()
        lag = max(lag, now - asleep - TICK)
        if now - began < every - TICK / 2:
            continue
        totals = read()
        write(machine_reading(before, totals, at=clock.wall(), mono=now, over=now - began, lag=lag))
        before, began, lag = totals, now, 0.0


def machine_reading(
    before: MachineTotals, now: MachineTotals, *, at: float, mono: float, over: float, lag: float
) -> MachineReading:
    """The reading from two totals that are ``over`` seconds apart. Shares are 0 to 1; ``lag`` in seconds."""
    cpu = _grown(before.cpu, now.cpu)
    idle = _share(_grown(before.idle, now.idle), cpu)
    return MachineReading(
        at=at,
        mono=mono,
        over=over,
        cpu_busy=None if idle is None else 1.0 - idle,
        cpu_steal=_share(_grown(before.steal, now.steal), cpu),
        cpu_pressure=_share(_grown(before.cpu_waits, now.cpu_waits), over),
        memory_pressure=_share(_grown(before.memory_waits, now.memory_waits), over),
        io_pressure=_share(_grown(before.io_waits, now.io_waits), over),
        lag=lag,
    )


def _grown(before: float | None, now: float | None) -> float | None:
    return None if before is None or now is None else now - before


def _share(part: float | None, whole: float | None) -> float | None:
    if part is None or whole is None or whole <= 0:
        return None
    return round(min(1.0, max(0.0, part / whole)), 4)
