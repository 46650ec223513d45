"""One or more ways to write each kind; every kind must be here. The world is ``tests.fakes.world()``."""

from __future__ import annotations

from chaos.kinds import Fault
from chaos.registry import kinds

EXAMPLES: tuple[dict[str, object], ...] = (
    {"fault": "container.kill", "service": "cache"},
    {"fault": "container.kill", "service": "cache", "close_links": False},
    {"fault": "container.stop", "service": "cache", "grace": "1s"},
    {"fault": "container.pause", "service": "cache"},
    {"fault": "link.down", "link": "web->cache"},
    {"fault": "link.latency", "link": "web->cache", "latency": "200ms", "jitter": "50ms"},
    {"fault": "link.latency", "link": "web->cache", "latency": "100ms", "direction": "both"},
    {"fault": "link.timeout", "link": "web->cache"},
    {"fault": "link.timeout", "link": "web->cache", "timeout": "100ms", "direction": "upstream"},
    {"fault": "link.reset_peer", "link": "web->cache"},
    {"fault": "link.reset_peer", "link": "web->cache", "timeout": "100ms", "direction": "upstream"},
    {"fault": "lever", "lever": "web.errors", "status": 500},
    {"fault": "container.lose_volume", "service": "cache", "volume": "cache-data", "answer": "restore"},
    {"fault": "stack.lose", "answer": "restore"},
)
UNDOABLE = tuple(example for example in EXAMPLES if kinds().faults[str(example["fault"])].undoable)
LOSSES = tuple(example for example in EXAMPLES if example not in UNDOABLE)


def read(**written: object) -> Fault:
    """A step as a scenario file writes it; ``at`` and ``for`` have defaults here."""
    kind = kinds().faults[str(written["fault"])]
    end = {} if "answer" in written else {"for": "1m"}
    return kind.model_validate({"at": "1m", **end, **written})


def name_of(example: dict[str, object]) -> str:
    return " ".join(str(value) for value in example.values())
