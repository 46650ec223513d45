"""Whether a fault of the API shows from outside of its code: exit code 0 while it does.

    python witness.py memory MEGABYTES    the process holds more than that
    python witness.py cpu SHARE           it burnt more than that share of a core in the last half second
    python witness.py errors SHARE        at least that share of twenty requests is answered 500

The kernel's own figures and real requests: what the fault's order says of itself proves nothing.
"""

from __future__ import annotations

import http.client
import os
import sys
import time
import uuid
from pathlib import Path

API = Path("/proc/1")  # the API is the container's first process
REQUESTS = 20


def memory() -> float:
    """Resident megabytes."""
    pages = int((API / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu() -> float:
    """Share of one core, over half a second."""
    before, begun = _ticks(), time.monotonic()
    time.sleep(0.5)
    spent = (_ticks() - before) / os.sysconf("SC_CLK_TCK")
    return spent / (time.monotonic() - begun)


def _ticks() -> int:
    fields = (API / "stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])  # user and system time


def errors() -> float:
    """Share of 500 in a few look-ups of a reservation that does not exist, as a client of its own."""
    link = http.client.HTTPConnection("127.0.0.1", 8000, timeout=5)
    seen = 0
    for _ in range(REQUESTS):
        client = {"X-Forwarded-For": f"witness-{uuid.uuid4().hex}"}
        link.request("GET", f"/reservations/{uuid.uuid4()}", headers=client)
        answer = link.getresponse()
        answer.read()
        seen += answer.status == 500
    return seen / REQUESTS


def main(words: list[str]) -> int:
    figures = {"memory": memory, "cpu": cpu, "errors": errors}
    if len(words) != 2 or words[0] not in figures:
        print(f"expected {' | '.join(figures)}, and a number", file=sys.stderr)
        return 2
    seen = figures[words[0]]()
    print(f"{words[0]}: {seen:.2f}, asked for {words[1]}")
    return 0 if seen >= float(words[1]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
