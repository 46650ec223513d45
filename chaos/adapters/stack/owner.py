"""Whose run is it? A label that names a process for good: a recycled id never passes for its owner."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Ownership(StrEnum):
    ALIVE = "alive"
    DEAD = "dead"
    ELSEWHERE = "elsewhere"  # started on another machine or in another container: we cannot tell


@dataclass(frozen=True)
class Owner:
    """``started``: the kernel's own count where there is one, else seconds since the epoch."""

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
        """None for a label that is not one of ours."""
        pid, _, rest = text.partition(":")
        started, _, machine = rest.partition(":")
        return cls(int(pid), started, machine) if pid.isdigit() and machine else None

    def state(self) -> Ownership:
        """Is it still running? A reboot in between means dead."""
        host, _, _ = _machine().partition("/")
        if self.machine.partition("/")[0] != host:
            return Ownership.ELSEWHERE
        same_boot = self.machine == _machine()
        return Ownership.ALIVE if same_boot and process_start(self.pid) == self.started else Ownership.DEAD


def current_owner() -> Owner:
    return Owner.of(os.getpid())


def process_start(pid: int) -> str | None:
    """What tells this process from a later one with the same id; None when there is no such process (or a
    zombie).
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
    return f"{socket.gethostname().replace(':', '-')}/{boot}"
