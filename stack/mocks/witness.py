"""Whether a fault of a mock shows in its answers: exit code 0 while it does.

    python witness.py late PATH         an answer takes a second or longer, until its last byte
    python witness.py malformed PATH    an answer says 200 and is no JSON

It asks as the API does, through the mock's own port and with the API's key.
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.request

from serving import PORT

LATE = 1.0  # seconds; without a fault an answer takes a tenth of it
BODIES = {"/transcribe": {"audio": "hola"}, "/intent": {"text": "hola"}}  # what is not asked by GET


def ask(path: str, patience: float = 60.0) -> bytes:
    key = os.environ.get("PMS_API_KEY") or os.environ["NLP_API_KEY"]
    body = json.dumps(BODIES[path]).encode() if path in BODIES else None
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", body, headers)
    with urllib.request.urlopen(request, timeout=patience) as answer:
        return bytes(answer.read())


def late(path: str) -> bool:
    """Waits no longer than it takes to know: one measurement for each late answer would be too few."""
    begun = time.monotonic()
    try:
        ask(path, LATE)
    except TimeoutError:
        return True
    return time.monotonic() - begun >= LATE


def malformed(path: str) -> bool:
    try:
        json.loads(ask(path))
    except ValueError:
        return True
    return False


def main(words: list[str]) -> int:
    kinds = {"late": late, "malformed": malformed}
    if len(words) != 2 or words[0] not in kinds:
        print(f"expected {' | '.join(kinds)}, and a path", file=sys.stderr)
        return 2
    return 0 if kinds[words[0]](words[1]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
