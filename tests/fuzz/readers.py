"""Any bytes in the files of a run folder: judged, drawn and verified, or refused with exit code 4."""

from __future__ import annotations

import io
import json
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["chaos"]):
    from chaos.app.command_context import CommandContext
    from chaos.cli import main
    from chaos.errors import ExitCode
    from chaos.evidence import MANIFEST
    from chaos.model.run_files import VERDICT

from tests.corpus.archive import unpack
from tests.fuzz.mutation import mutated, write_seeds

UNPACKED = unpack("guardrail", Path(tempfile.mkdtemp(prefix="gameday-fuzz-")))
RUN_ID = json.loads((UNPACKED / "journal.jsonl").read_text().splitlines()[0])["run_id"]
FOLDER = UNPACKED.rename(UNPACKED.with_name(f"guardrail-{RUN_ID}"))  # as a run names it: its seal says so
ALLOWED = {*ExitCode} - {ExitCode.HARNESS, ExitCode.LEFT_DIRTY, ExitCode.INTERRUPTED}


def run(*arguments: str) -> tuple[int, str]:
    said = io.StringIO()
    context = CommandContext(out=said, err=said, env={}, cwd=FOLDER.parent)
    return main(arguments, context), said.getvalue()


assert run("report", str(FOLDER))[0] == 0
FILES = tuple(sorted(FOLDER.rglob("*")))
KEPT = {path: path.read_bytes() for path in FILES}
RAW = ("plan.json", "journal.jsonl", "load.jsonl", "metrics.json", "readback.json", "ledger.jsonl")
FUZZED = (*RAW, MANIFEST, VERDICT)


def one(data: bytes) -> None:
    """Byte 0 names the file; ``mutated`` says what the others do to it."""
    if len(data) < 5:
        return
    path = FOLDER / FUZZED[data[0] % len(FUZZED)]
    path.write_bytes(mutated(KEPT.get(path, b""), data))
    if path.name != MANIFEST:
        (FOLDER / MANIFEST).unlink(missing_ok=True)
    try:
        for command in ("judge", "report", "verify"):
            code, said = run(command, str(FOLDER))
            assert code in ALLOWED, f"gameday {command} ended with {code}:\n{said}"
    finally:
        for file, content in KEPT.items():
            file.write_bytes(content)
        for file in set(FOLDER.rglob("*")) - set(FILES):
            file.unlink()


if __name__ == "__main__":
    write_seeds(sys.argv, len(FUZZED))
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
