"""Reads ``images.yaml`` of gameday and of a stack: the images, and the folder that builds each of them.

images:
  - {name: "redis:8", context: redis}     # context: a folder beside the file, with a Dockerfile
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chaos.errors import BadInput, Problem
from chaos.files import is_file, read_file
from chaos.yaml_text import load_text, yaml_problem

OWN_CONTEXTS = Path(__file__).parent / "contexts"
FILE_NAME = "images.yaml"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._/:-]*:[A-Za-z0-9._-]+$")
    context: str = Field(pattern=r"^[\w.-]+$")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    images: tuple[_Entry, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Image:
    """``name``: with its tag, as in a compose file. ``context``: the folder that builds a stand-in for it."""

    name: str
    context: Path


def read_manifest(path: Path) -> tuple[Image, ...]:
    """The images of one ``images.yaml``, in file order. Raises BadInput with every problem."""
    text = ""
    try:
        text = read_file(path).decode("utf-8")
        content = _File.model_validate(load_text(text))
    except OSError as problem:
        raise BadInput([Problem.about(str(path), f"cannot be read: {problem.strerror}")]) from problem
    except UnicodeDecodeError as problem:
        raise BadInput([Problem.about(str(path), "not UTF-8 text", "save the file as UTF-8")]) from problem
    except yaml.YAMLError as problem:
        raise BadInput([yaml_problem(str(path), problem, text)]) from problem
    except ValidationError as problem:
        found = [
            Problem.about(
                str(path), f"{'.'.join(str(part) for part in error['loc']) or 'file'}: {error['msg']}"
            )
            for error in problem.errors()
        ]
        raise BadInput(found) from problem
    images = tuple(Image(entry.name, path.parent / entry.context) for entry in content.images)
    missing = [image for image in images if not is_file(image.context / "Dockerfile")]
    if missing:
        raise BadInput([Problem.about(str(path), f"{i.name}: no Dockerfile in {i.context}") for i in missing])
    return images


def own_images() -> tuple[Image, ...]:
    """The images that gameday itself needs. Raises BadInput."""
    return read_manifest(OWN_CONTEXTS / FILE_NAME)


def stack_images(stack_folder: Path) -> tuple[Image, ...]:
    """The images of the stack in ``stack_folder``; none without ``images/images.yaml``. Raises BadInput."""
    path = stack_folder / "images" / FILE_NAME
    return read_manifest(path) if path.exists() else ()
