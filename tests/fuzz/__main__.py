"""``python -m tests.fuzz --seconds 600``: each target in a process of its own, side by side.

Exit code 0 if no target found anything, 1 if one did: its input lies in ``--findings`` then, and
``python -m tests.fuzz.TARGET FILE`` runs it again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

TARGETS = ("loader", "readers")
GRACE = 120  # seconds beyond the time given: starting, and the last input


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--findings", type=Path, default=Path("build/fuzz"))
    arguments = parser.parse_args()
    running = {}
    for target in TARGETS:
        corpus = arguments.findings / target / "corpus"
        corpus.mkdir(parents=True, exist_ok=True)
        command = [
            *(sys.executable, "-m", f"tests.fuzz.{target}", str(corpus)),
            *(f"-max_total_time={arguments.seconds}", f"-artifact_prefix={corpus.parent}/"),
            *("-timeout=30", "-rss_limit_mb=4096", "-max_len=20000", "-print_final_stats=1"),
        ]
        running[target] = subprocess.Popen(command)
    try:
        codes = {target: process.wait(arguments.seconds + GRACE) for target, process in running.items()}
    finally:
        for process in running.values():
            process.kill()
    for target, code in codes.items():
        print(f"fuzz {target}: {'no finding' if code == 0 else f'a finding, exit code {code}'}")
    return 0 if not any(codes.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
