"""Compose files as well-known public projects publish them. ``x-expected`` of each file says what its owner
expects of the draft; it was written before ``init`` saw the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from chaos.scenario import load_scenario
from chaos.scenario.draft import write_drafts
from chaos.yaml_text import load_text

pytestmark = pytest.mark.thorough

PUBLIC = Path(__file__).parent / "compose_public"
FILES = sorted((*PUBLIC.glob("*.yml"), *PUBLIC.glob("*/compose.yml")))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PUBLIC)))
def test_the_draft_is_what_its_owner_expects(here: Path, file: Path) -> None:
    document = cast("dict[str, dict[str, object]]", load_text(file.read_text(encoding="utf-8")))
    expected = document["x-expected"]
    draft, scenario = write_drafts(file, here / "drafts")
    loaded = load_scenario(scenario)
    stack, [profile] = loaded.stack, loaded.stack.load.values()
    victim = str(expected["victim"]).replace("_", "-")
    assert {f"{link}:{port}" for link, port in stack.links.items()} == words(expected["links"])
    assert loaded.scenario.scenario == f"{victim}-down"
    assert profile.requests[0].request == f"GET {expected.get('path', '/')}"
    assert profile.entry.target == expected.get("entry", profile.entry.target)
    roles = cast("dict[str, str]", expected["roles"])
    assert {name: str(stack.services[name].role) for name in roles} == roles
    assert {name for name, one in stack.services.items() if one.one_shot} == words(expected.get("jobs", ""))
    assert set(stack.redact) == words(expected["redact"])
    assert stack.stack == expected.get("name", stack.stack)
    lines = draft.read_text(encoding="utf-8").splitlines()
    comments = " ".join(line.strip("# ") for line in lines if line.startswith("#"))
    assert [said for said in cast("list[str]", expected.get("said", [])) if said not in comments] == []


def words(text: object) -> set[str]:
    return set(str(text).split())
