"""Switch a feature of the running API, in its container.

    python -m agente.operate                     what is on
    python -m agente.operate audio on|off|auto   auto leaves it to the level of degradation

Prints one line a feature. Exit code 0 when done, 1 with one line on what is in the way, 2 for other words.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from collections.abc import Mapping

from agente.degradation import Feature

WORDS = {"on": True, "off": False, "auto": None}
URL = "http://127.0.0.1:8000/admin/features"


def ask(url: str, token: str, wish: Mapping[str, object] | None) -> dict[str, bool]:
    """The features after `wish` was done; None only reads. Raises OSError when the API does not do it."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = None if wish is None else json.dumps(wish).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as answer:
        return dict(json.load(answer)["features"])


def main(words: list[str], url: str = URL) -> int:
    match words:
        case []:
            wish = None
        case [feature, word] if feature in set(Feature) and word in WORDS:
            wish = {"feature": feature, "on": WORDS[word]}
        case _:
            print(f"expected {' | '.join(Feature)}, and {' | '.join(WORDS)}", file=sys.stderr)
            return 2
    try:
        features = ask(url, os.environ.get("ADMIN_TOKEN", ""), wish)
    except OSError as problem:
        print(f"the API does not do it: {problem}", file=sys.stderr)
        return 1
    for feature, on in features.items():
        print(f"{feature}: {'on' if on else 'off'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
