"""The engine's own words stand where it is spoken to; the rest of the program knows services and faults."""

from __future__ import annotations

import re
from pathlib import Path

import chaos

PACKAGE = Path(chaos.__file__).parent
SPEAKS = ("adapters/", "setup/", "engine/")
FORMAT = {  # words of the file format that a user writes
    "model/procedure.py": "every command of a procedure begins with them",
    "model/stack.py": "the usual name of the project's file",
    "scenario/commands.py": "checks those commands",
    "scenario/routed.py": "the name of a router that reads labels",
    "model/project_files.py": "the usual names of a compose project's files",
    "scenario/composed/interpolation.py": "where the rules of interpolation are published",
    "scenario/composed/merge.py": "where the rules of merging are published",
    "model/owners.py": "a folder in which official images look for configuration",
}
FOR_PEOPLE = {
    "errors.py": "says which tool may have answered with an error",
    "drill/origin.py": "a label of the report",
    "app/stacks/attached.py": "names the class of testcontainers that a test hands in",
    "pytest_plugin.py": "names that class too",
}


def test_the_word_docker_stays_where_the_engine_is_spoken_to() -> None:
    found = set()
    for path in PACKAGE.rglob("*.py"):
        name = str(path.relative_to(PACKAGE))
        if not name.startswith(SPEAKS) and re.search("docker", path.read_text("utf-8"), re.IGNORECASE):
            found.add(name)
    assert found == set(FORMAT) | set(FOR_PEOPLE)
