"""What faults change inside a running container. A fault that ends or freezes the container claims all of it:
the other's undo could not run, or its effect would be gone.
"""

from __future__ import annotations

from enum import StrEnum


class Slot(StrEnum):
    """Something inside a container that only one fault at a time may change. Messages show the value."""

    DISK = "disk space"
    MEMORY = "memory limit"
    REPLICATION = "replication"
    KEYS = "keys"
    CONNECTIONS = "connections"
    LOCKS = "locks"
    SESSIONS = "sessions"
    NAMES = "name resolution"


def inside(service: str, slot: Slot) -> str:
    """The claim of a fault that changes one thing inside the container of ``service``."""
    return f"the {slot.value} of {service}"


def whole_container(service: str) -> frozenset[str]:
    """The claims of a fault after which nothing else can act inside the container."""
    return frozenset({f"the container of {service}", *(inside(service, slot) for slot in Slot)})
