"""Which images the engine already holds, and what their labels say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chaos.errors import foreign_errors
from chaos.setup.commands import CommandRunner
from chaos.setup.fingerprint import CONTENT_LABEL

SOURCE_LABEL = "gameday.image-source"


@dataclass(frozen=True)
class Held:
    """``content`` is the fingerprint it was built from, "" if we did not build it; ``built`` says who made
    it.
    """

    identity: str
    built: bool
    content: str


def held_images(names: Iterable[str], run: CommandRunner) -> Mapping[str, Held]:
    """The images among ``names`` that the engine holds, by name. One call for all of them.

    Raises ToolProblem for an answer that can't be read."""
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return {}
    # Ends with 1 when any of them is missing, and still prints the others.
    shown = run(["docker", "image", "inspect", *wanted], timeout=30)
    found: dict[str, Held] = {}
    try:
        images = json.loads(shown.out or "[]")
    except ValueError:
        return {}
    with foreign_errors("`docker image inspect` printed something that cannot be read"):
        for image in images:
            labels = (image.get("Config") or {}).get("Labels") or {}
            content = str(labels.get(CONTENT_LABEL, ""))
            held = Held(str(image["Id"]), labels.get(SOURCE_LABEL) == "build" or bool(content), content)
            found |= {tag: held for tag in image.get("RepoTags") or () if tag in wanted}
    return found


def drop_replaced(before: Mapping[str, Held], run: CommandRunner) -> None:
    """Removes the images of ``before`` that we built and whose name now means another one.

    The engine refuses while a container uses one; then it stays until a later time.
    """
    after = held_images(before, run)
    for name, old in before.items():
        if old.built and name in after and after[name].identity != old.identity:
            run(["docker", "image", "rm", old.identity])
