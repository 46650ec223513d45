"""Gives containers more than one process's share of the processor, on a machine without systemd.

With systemd each container is a unit of its own. Without it dockerd puts every container into one control
group, and by default that whole group weighs as much as one process outside it. While one stack starts, the
ten or more processes of dockerd and runc that are busy then leave the containers of another stack a tenth of
the processor; their clients get late answers, and checks cannot tell whose fault that was.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CONTROL_GROUPS = Path("/sys/fs/cgroup")
GROUP = "docker"  # what dockerd names the group of its containers, unless it is told otherwise
# How many processes of default priority the containers together weigh as much as. With one, a starting stack
# starves another; with eight, a container that burns the processor starved dockerd and gameday (measured).
PROCESSES = 4


@dataclass(frozen=True)
class _Setting:
    """Where a version of control groups keeps the weight of a group, and the weight of one process."""

    parent: Path
    file: str
    one_process: int


def raise_share_of_containers(root: Path) -> bool:
    """Let all containers together weigh as much as ``PROCESSES`` processes.

    ``root``: the folder of the control groups. Never lowers a weight. False: they cannot be read or written.
    """
    setting = _setting(root)
    group = setting.parent / GROUP
    weight = setting.one_process * PROCESSES
    try:
        group.mkdir(exist_ok=True)  # dockerd makes it with its first container
        if int((group / setting.file).read_text(encoding="ascii")) < weight:
            (group / setting.file).write_text(str(weight), encoding="ascii")
    except (OSError, ValueError):
        return False
    return True


def _setting(root: Path) -> _Setting:
    # Version 2 has one tree for all controllers, version 1 a tree for each.
    if (root / "cgroup.controllers").exists():
        return _Setting(root, "cpu.weight", one_process=100)
    return _Setting(root / "cpu", "cpu.shares", one_process=1024)
