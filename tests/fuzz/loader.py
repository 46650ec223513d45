"""Any bytes as a scenario, a stack file, a compose file, a rule file or a procedure: a value or BadInput."""

from __future__ import annotations

import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["chaos"]):
    from chaos.errors import BadInput
    from chaos.scenario import load_scenario, stack_reader
    from chaos.scenario.compose import read_compose_project

from tests.fuzz.mutation import mutated, write_seeds
from tests.unit.scenario.files import TOYS, lay_out

ROOT = Path(tempfile.mkdtemp(prefix="gameday-fuzz-"))
SCENARIO = ROOT / lay_out(ROOT)
stack_reader.git_commit = lambda folder: None  # a process for each input
FILES = (SCENARIO, *(path for path in sorted(ROOT.rglob("*")) if path.is_file() and path != SCENARIO))
KEPT = {path: path.read_bytes() for path in FILES}


def one(data: bytes) -> None:
    """Byte 0 names the file; ``mutated`` says what the others do to it."""
    if len(data) < 5:
        return
    path = FILES[data[0] % len(FILES)]
    path.write_bytes(mutated(KEPT[path], data))
    try:
        for read in (lambda: load_scenario(SCENARIO, TOYS), lambda: read_compose_project(path)):
            with suppress(BadInput):
                read()
    finally:
        path.write_bytes(KEPT[path])


if __name__ == "__main__":
    write_seeds(sys.argv, len(FILES))
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
