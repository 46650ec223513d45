"""What faults claim inside a container (``Fault.exclusive``).

A fault that ends or freezes the container claims everything in it: the undo of another fault could not run
there, or the effect of the other fault would be gone.
"""

from __future__ import annotations

from enum import StrEnum


class ExclusiveResource(StrEnum):
    """Something inside a container that only one fault may change at a time. Messages show the value."""

    DISK = "disk space"
    MEMORY = "memory limit"
    REPLICATION = "replication"
    KEYS = "keys"
    CONNECTIONS = "connections"
    LOCKS = "locks"
    SESSIONS = "sessions"
    NAMES = "name resolution"


def inside(service: str, slot: ExclusiveResource) -> str:
    """The claim of a fault that changes one thing inside the container of ``service``."""
    return f"the {slot.value} of {service}"


def whole_container(service: str) -> frozenset[str]:
    """The claims of a fault that ends or freezes the container of ``service``."""
    return frozenset({f"the container of {service}", *(inside(service, slot) for slot in ExclusiveResource)})
