"""What an operator does with the PMS's database, in its container: dump it, ship its log, restore it.

    python pms_admin.py dump | ship      the running PMS writes to the off-site folder
    python pms_admin.py restore          an empty database is filled from there, while the PMS is down

Exit code 0 when done, 1 with one line on what is in the way.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path

from pms_backup import BackupError, restore
from serving import PORT


def ask(verb: str) -> str:
    """The running PMS does it: it alone knows its ledger at one instant. Raises BackupError."""
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}/admin/{verb}", method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return str(answer.read(), "utf-8")
    except urllib.error.HTTPError as problem:
        raise BackupError(problem.read().decode()) from problem
    except OSError as problem:
        raise BackupError(f"the PMS does not answer: {problem}") from problem


def main(words: list[str]) -> int:
    try:
        match words:
            case ["dump" | "ship" as verb]:
                print(ask(verb))
            case ["restore"]:
                done = restore(offsite_folder(), ledger_file())
                print(json.dumps({"restored": done.bookings, "dump": done.dump, "logs": done.logs}))
            case _:
                print("expected one of: dump, ship, restore", file=sys.stderr)
                return 1
    except BackupError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def ledger_file() -> Path:
    return Path(os.environ.get("PMS_LEDGER", "/var/lib/pms/ledger.jsonl"))


def offsite_folder() -> Path:
    return Path(os.environ.get("PMS_OFFSITE", "/offsite/pms"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
