"""Finds out which images the engine has, and what their labels say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chaos.errors import foreign_errors
from chaos.setup.commands import CommandRunner
from chaos.setup.fingerprint import CONTENT_LABEL

SOURCE_LABEL = "gameday.image-source"


@dataclass(frozen=True)
class HeldImage:
    """An image of the engine. ``identity``: its ID. ``built``: gameday built it. ``content``: the fingerprint
    of the files that it was built from; "" if it has none.
    """

    identity: str
    built: bool
    content: str


def held_images(names: Iterable[str], run: CommandRunner) -> Mapping[str, HeldImage]:
    """The images among ``names`` that the engine has, by name, in one call. Empty if the answer is not JSON.

    Raises ToolProblem if the JSON does not have the expected form.
    """
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return {}
    # The exit code is 1 if any of them is missing, but the others are printed.
    shown = run(["docker", "image", "inspect", *wanted], timeout=30)
    found: dict[str, HeldImage] = {}
    try:
        images = json.loads(shown.out or "[]")
    except ValueError:
        return {}
    with foreign_errors("`docker image inspect` printed something that cannot be read"):
        for image in images:
            labels = (image.get("Config") or {}).get("Labels") or {}
            content = str(labels.get(CONTENT_LABEL, ""))
            held = HeldImage(str(image["Id"]), labels.get(SOURCE_LABEL) == "build" or bool(content), content)
            found |= {tag: held for tag in image.get("RepoTags") or () if tag in wanted}
    return found


def drop_replaced(before: Mapping[str, HeldImage], run: CommandRunner) -> None:
    """Removes the images of ``before`` that gameday built and whose name now belongs to another image.

    The engine refuses to remove an image that a container uses; that image stays.
    """
    after = held_images(before, run)
    for name, old in before.items():
        if old.built and name in after and after[name].identity != old.identity:
            run(["docker", "image", "rm", old.identity])
