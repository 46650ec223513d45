"""Builds the images of a compose file's ``build:`` sections, with the settings that this machine needs.

The compose file needs nothing special: gameday adds the CA secret, build arguments and labels in an override
file. The image of a service without ``image:`` gets the name that Compose would give it (``service_image``);
runs use that name.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from chaos.errors import BadInput, Problem, foreign_errors
from chaos.files import read_file
from chaos.json_text import single_dollars
from chaos.model.project_files import STACK_FILE, compose_file_in, override_beside
from chaos.setup.build import BUILD_DEADLINE, BUILDKIT, Surroundings
from chaos.setup.commands import CommandRunner, must
from chaos.setup.engine import Say
from chaos.setup.fingerprint import CONTENT_LABEL, fingerprint
from chaos.setup.held import drop_replaced, held_images
from chaos.setup.images import ImageOutcome, ReadyImage
from chaos.yaml_text import load_text

PROJECT = "gameday-build"


@dataclass(frozen=True)
class BuiltService:
    """A service that its compose file builds. ``context``: the folder. ``recipe``: its ``build:`` section as
    JSON text. ``bases``: the images that its Dockerfile names in FROM.
    """

    service: str
    image: str
    context: Path
    recipe: str
    bases: tuple[str, ...]


def service_image(project: str, service: str) -> str:
    """The name of an image if the compose file gives none, the same as `docker compose build` uses."""
    return f"{project}-{service}:latest"


def built_services(
    compose_file: Path, run: CommandRunner, more: Sequence[Path] = ()
) -> tuple[BuiltService, ...]:
    """The services with a ``build:`` section in ``compose_file`` with ``more`` files merged onto it, by name.

    Raises BadInput if Compose cannot read the files, ToolProblem if gameday cannot read Compose's answer.
    """
    argv = [
        "docker",
        "compose",
        "-f",
        str(compose_file),
        *(word for file in more for word in ("-f", str(file))),
        "--profile",
        "*",
        "config",
        "--format",
        "json",
    ]
    shown = run(argv, timeout=30)
    if not shown.ok:
        raise BadInput([Problem.about(str(compose_file), f"Compose cannot read it: {shown.last_lines(3)}")])
    with foreign_errors("`docker compose config` printed something that cannot be read"):
        read = json.loads(single_dollars(shown.out))
        services = read.get("services") or {}
        return tuple(
            _built(read["name"], name, service.get("image"), service["build"])
            for name, service in sorted(services.items())
            if service.get("build")
        )


def _built(project: str, name: str, image: str | None, recipe: dict[str, str]) -> BuiltService:
    context = Path(recipe["context"])
    text = json.dumps(recipe | {"context": "."}, sort_keys=True)
    bases = _bases(context, recipe.get("dockerfile", "Dockerfile"))
    return BuiltService(name, image or service_image(project, name), context, text, bases)


def ensure_services(
    compose_file: Path,
    around: Surroundings,
    run: CommandRunner,
    say: Say,
    *,
    more: Sequence[Path] = (),
) -> tuple[ReadyImage, ...]:
    """Builds the images that are missing or whose sources changed. An image that
    several services share is built once.

    Raises ``BadInput`` if two services build the same image in different ways, ``ToolProblem`` if the build
    fails, and like ``built_services``.
    """
    services = _once(built_services(compose_file, run, more), compose_file)
    held = held_images([name for s in services for name in (s.image, *s.bases)], run)
    contents = {
        s.service: fingerprint([s.context], s.recipe, *(held[b].identity for b in s.bases if b in held))
        for s in services
    }
    todo = [s for s in services if s.image not in held or held[s.image].content != contents[s.service]]
    began = time.monotonic()
    if todo:
        say(f"building {', '.join(s.image for s in todo)}")
        _compose_build((compose_file, *more), todo, contents, around, run)
        drop_replaced({s.image: held[s.image] for s in todo if s.image in held}, run)
    seconds = (time.monotonic() - began) / max(len(todo), 1)
    return tuple(
        ReadyImage(s.image, ImageOutcome.BUILT, seconds)
        if s in todo
        else ReadyImage(s.image, ImageOutcome.PRESENT)
        for s in services
    )


def _once(services: Sequence[BuiltService], file: Path) -> tuple[BuiltService, ...]:
    """The first service of each image. Raises ``BadInput`` if another one builds it in a different way."""
    first: dict[str, BuiltService] = {}
    for service in services:
        other = first.setdefault(service.image, service)
        if (service.context, service.recipe) != (other.context, other.recipe):
            message = f"{other.service} and {service.service} build {service.image} in different ways"
            fix = "give one of the two another image:, or give both the same build:"
            raise BadInput([Problem.about(str(file), message, fix)])
    return tuple(first.values())


def project_files(folder: Path) -> tuple[Path, ...]:
    """The compose files of a stack: those that its stack.yaml names, else those with the usual names; may be
    empty.
    """
    described = folder / STACK_FILE
    try:
        said = load_text(read_file(described).decode("utf-8")) if described.is_file() else {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        said = {}  # gameday validate reports what is wrong with it
    named = said.get("compose") if isinstance(said, dict) else None
    first = folder / str(named) if named else compose_file_in(folder)
    if first is None or not first.is_file():
        return ()
    overrides = said.get("overrides") if isinstance(said, dict) else None
    if isinstance(overrides, list):
        return (first, *(folder / str(name) for name in overrides))
    beside = override_beside(first)
    return (first,) if beside is None else (first, beside)


def build_override(
    services: Sequence[BuiltService], contents: Mapping[str, str], around: Surroundings
) -> str:
    """A compose override, as YAML, with image name, label, build arguments and CA secret of each service.

    ``contents``: service -> fingerprint.
    """
    secrets = [{"source": "ca", "target": "ca"}] if around.ca else []
    override: dict[str, object] = {
        "services": {
            s.service: {
                "image": s.image,
                "build": {
                    "labels": {CONTENT_LABEL: contents[s.service]},
                    "args": dict(around.arguments),
                    "secrets": secrets,
                },
            }
            for s in services
        }
    }
    if around.ca:
        override["secrets"] = {"ca": {"file": str(around.ca)}}
    return yaml.safe_dump(override)


def _compose_build(
    files_of_project: Sequence[Path],
    services: Sequence[BuiltService],
    contents: Mapping[str, str],
    around: Surroundings,
    run: CommandRunner,
) -> None:
    with tempfile.TemporaryDirectory(prefix="gameday-build-") as folder:
        override = Path(folder) / "override.yaml"
        override.write_text(build_override(services, contents, around), encoding="utf-8")
        files = [
            *(word for file in files_of_project for word in ("-f", str(file))),
            "-f",
            str(override),
            "--project-directory",
            str(files_of_project[0].parent),
        ]
        argv = ["docker", "compose", "-p", PROJECT, *files, "--profile", "*", "build", "-q"]
        names = [s.service for s in services]
        must(run([*argv, *names], timeout=BUILD_DEADLINE, env=BUILDKIT), f"building {', '.join(names)}")


def _bases(context: Path, dockerfile: str) -> tuple[str, ...]:
    """The images in FROM lines. If one is replaced, an image that was built on it is out of date."""
    path = context / dockerfile
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    words = [line.split() for line in lines if line.upper().startswith("FROM ")]
    return tuple(dict.fromkeys(next((w for w in line[1:] if not w.startswith("--")), "") for line in words))
