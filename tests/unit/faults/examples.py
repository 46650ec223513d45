"""One or more ways to write each kind; every kind must be here. For ``tests.fakes.fake_deployment()``."""

from __future__ import annotations

from chaos.kinds import Fault
from chaos.registry import kinds

EXAMPLES: tuple[dict[str, object], ...] = (
    {"fault": "container.kill", "service": "cache"},
    {"fault": "container.kill", "service": "cache", "close_links": False},
    {"fault": "container.stop", "service": "cache", "grace": "1s"},
    {"fault": "container.pause", "service": "cache"},
    {"fault": "container.restart", "service": "cache", "every": "1s", "grace": "0s"},
    {"fault": "container.oom", "service": "cache"},
    {"fault": "container.cpu", "service": "cache", "cpus": 0.1},
    {"fault": "container.disk_full", "service": "cache", "folder": "/small"},
    {"fault": "container.disconnect", "service": "cache"},
    {"fault": "link.down", "link": "web->cache"},
    {"fault": "link.latency", "link": "web->cache", "latency": "200ms", "jitter": "50ms"},
    {"fault": "link.latency", "link": "web->cache", "latency": "100ms", "direction": "both"},
    {"fault": "link.timeout", "link": "web->cache"},
    {"fault": "link.timeout", "link": "web->cache", "timeout": "100ms", "direction": "upstream"},
    {"fault": "link.reset_peer", "link": "web->cache"},
    {"fault": "link.reset_peer", "link": "web->cache", "timeout": "100ms", "direction": "upstream"},
    {"fault": "link.timeout", "link": "web->cache", "toxicity": 0.5},
    {"fault": "link.latency", "link": "web->cache", "latency": "200ms", "toxicity": 0.5},
    {"fault": "link.bandwidth", "link": "web->cache", "rate": 50},
    {"fault": "link.bandwidth", "link": "web->cache", "rate": 50, "direction": "upstream"},
    {"fault": "link.slicer", "link": "web->cache"},
    {"fault": "link.slicer", "link": "web->cache", "variation": 16, "direction": "both"},
    {"fault": "link.limit_data", "link": "web->cache", "bytes": 500},
    {"fault": "link.limit_data", "link": "web->cache", "bytes": 0, "direction": "upstream"},
    {"fault": "link.limit_data", "link": "web->cache", "bytes": 500, "toxicity": 0.5},
    {"fault": "link.slow_close", "link": "web->cache"},
    {"fault": "link.slow_close", "link": "web->cache", "direction": "upstream"},
    {"fault": "redis.maxmemory", "service": "cache"},
    {"fault": "redis.readonly", "service": "cache"},
    {"fault": "redis.flush", "service": "cache"},
    {"fault": "postgres.exhaust_connections", "service": "db"},
    {"fault": "postgres.lock_table", "service": "db", "table": "guests"},
    {"fault": "postgres.kill_backends", "service": "db"},
    {"fault": "postgres.kill_backends", "service": "db", "which": "all"},
    {"fault": "postgres.slow_queries", "service": "db", "table": "public.guests"},
    {"fault": "service.env", "service": "cache", "env": {"LEVEL": "high", "MODE": ""}},
    {"fault": "deploy.bad_version", "service": "web"},
    {"fault": "deploy.bad_version", "service": "web", "env": {"RELEASE": "broken"}},
    {"fault": "traffic.spike", "link": "clients->web", "rate": "100/s"},
    {
        "fault": "traffic.spike",
        "link": "clients->web",
        "rate": "10/s",
        "clients": "one",
        "header": "X-Client",
        "profile": "visitors",
    },
    {"fault": "dns.gone", "link": "web->cache"},
    {"fault": "http.status", "link": "clients->web", "status": 503},
    {"fault": "http.status", "link": "clients->web", "status": 429, "share": 0.3, "path": "/items"},
    {"fault": "http.slow_body", "link": "clients->web", "rate": 200},
    {"fault": "http.slow_body", "link": "clients->web", "rate": 50, "share": 0.5},
    {"fault": "http.bad_body", "link": "clients->web"},
    {"fault": "http.bad_body", "link": "clients->web", "how": "malformed", "share": 0.5},
    {"fault": "http.no_header", "link": "clients->web", "header": "X-One"},
    {"fault": "lever", "lever": "web.errors", "status": 500},
    {"fault": "container.lose_volume", "service": "cache", "volume": "cache-data", "answer": "restore"},
    {"fault": "stack.lose", "answer": "restore"},
)
UNDOABLE = tuple(example for example in EXAMPLES if kinds().faults[str(example["fault"])].undoable)
OF_A_STACK = (
    *("service.env", "deploy.bad_version", "traffic.spike", "dns.gone"),
    *("http.status", "http.slow_body", "http.bad_body", "http.no_header"),
)  # they need a stack that Compose started
LOSSES = tuple(example for example in EXAMPLES if example not in UNDOABLE)


def read(**written: object) -> Fault:
    """A step as a scenario file writes it; ``at`` and ``for`` have defaults here."""
    kind = kinds().faults[str(written["fault"])]
    end = {} if "answer" in written else {"for": "1m"}
    return kind.model_validate({"at": "1m", **end, **written})


def name_of(example: dict[str, object]) -> str:
    return " ".join(str(value) for value in example.values())
