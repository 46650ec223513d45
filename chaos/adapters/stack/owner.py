"""Who owns a run? A label identifies a process permanently: a reused process id never counts as the owner.

The label also holds a lease: how long the run may take at most. It decides if the process is not visible
here, because it ran on another machine or in another container.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PID_NAMESPACE = Path("/proc/self/ns/pid")
_PID_DIGITS = 10
_LEASE_FACTOR = 4  # a slow machine takes longer than planned
_LEASE_MARGIN = 6 * 3600.0  # seconds: holds of a game day, and clocks of two machines that differ


class Ownership(StrEnum):
    ALIVE = "alive"
    DEAD = "dead"
    ELSEWHERE = "elsewhere"  # started on another machine or in another container: unknown from here
    EXPIRED = "expired"  # as elsewhere, and its lease is over


@dataclass(frozen=True)
class Lease:
    """Both in seconds since the epoch, by the clock of the machine that runs it."""

    began: float
    ends: float

    def __str__(self) -> str:
        return f"{self.began:.0f}-{self.ends:.0f}"

    @classmethod
    def of(cls, planned: float, now: float) -> Lease:
        """The lease of a run that is planned to take ``planned`` seconds from ``now`` on."""
        return cls(now, now + _LEASE_FACTOR * planned + _LEASE_MARGIN)

    @classmethod
    def parse(cls, text: str) -> Lease | None:
        """None for a label that is not gameday's, or that a gameday without leases wrote."""
        began, _, ends = text.partition("-")
        known = all(part.isascii() and part.isdigit() and len(part) <= 15 for part in (began, ends))
        return cls(float(began), float(ends)) if known else None


@dataclass(frozen=True)
class Owner:
    """``started``: the kernel's own count where there is one, else seconds since the epoch. ``machine``:
    name, boot and process namespace: in another namespace the same id is another process.
    """

    pid: int
    started: str
    machine: str

    def __str__(self) -> str:
        return f"{self.pid}:{self.started}:{self.machine}"

    @classmethod
    def of(cls, pid: int) -> Owner:
        """The owner label of a living process of this machine."""
        return cls(pid, process_start(pid) or "", _machine())

    @classmethod
    def parse(cls, text: str) -> Owner | None:
        """None for a label that is not gameday's."""
        pid, _, rest = text.partition(":")
        started, _, machine = rest.partition(":")
        known = pid.isascii() and pid.isdigit() and len(pid) <= _PID_DIGITS and started and machine
        return cls(int(pid), started, machine) if known else None

    def state(self, lease: Lease | None = None, now: float = 0.0) -> Ownership:
        """Is it still running? After a reboot since the start of its lease it is not."""
        here = _machine()
        if self.machine == here:
            return Ownership.ALIVE if process_start(self.pid) == self.started else Ownership.DEAD
        (host, _, rest), (own_host, _, own_rest) = self.machine.partition("/"), here.partition("/")
        other_boot = rest.partition("/")[0] != own_rest.partition("/")[0]
        if host == own_host and other_boot and (lease is None or lease.began < psutil.boot_time()):
            return Ownership.DEAD
        return Ownership.EXPIRED if lease is not None and lease.ends < now else Ownership.ELSEWHERE


def current_owner() -> Owner:
    return Owner.of(os.getpid())


def process_start(pid: int) -> str | None:
    """What distinguishes this process from a later one with the same id; None if there is no such process
    (or only a zombie).
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        return None if fields[0] == "Z" else fields[19]  # field 22 of proc(5): ticks since boot
    except (OSError, IndexError):
        pass
    try:
        return f"{psutil.Process(pid).create_time():.0f}"
    except psutil.Error:
        return None


def _machine() -> str:
    try:
        boot = _BOOT_ID.read_text().strip()[:8]
    except OSError:
        boot = f"{psutil.boot_time():.0f}"
    try:
        namespace = os.readlink(_PID_NAMESPACE).strip("pid:[]")
    except OSError:
        namespace = ""
    host = socket.gethostname().replace(":", "-").replace("/", "-")
    return f"{host}/{boot}/{namespace}"
