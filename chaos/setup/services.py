"""The images that a compose file builds itself (its ``build:`` sections), built with what this machine's
builds need.

The compose file stays plain: gameday adds CA secret, build arguments and labels in an override file. A
service without ``image:`` gets the name that Compose itself would give it, under which every run looks for
it (see ``service_image``).
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
from chaos.setup.build import BUILD_DEADLINE, BUILDKIT, Surroundings
from chaos.setup.commands import CommandRunner, must
from chaos.setup.engine import Say
from chaos.setup.fingerprint import CONTENT_LABEL, fingerprint
from chaos.setup.held import drop_replaced, held_images
from chaos.setup.images import ImageOutcome, Ready

COMPOSE_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
PROJECT = "gameday-build"


@dataclass(frozen=True)
class BuiltService:
    """A service that its compose file builds.

    ``recipe`` is its ``build:`` section as text, ``bases`` its FROM images.
    """

    service: str
    image: str
    context: Path
    recipe: str
    bases: tuple[str, ...]


def find_compose_file(folder: Path) -> Path | None:
    """The compose file of ``folder`` by its usual names, in the order Compose looks for them."""
    return next((folder / name for name in COMPOSE_NAMES if (folder / name).is_file()), None)


def service_image(project: str, service: str) -> str:
    """Name for the image of a service whose compose file gives none: as `docker compose build` names it."""
    return f"{project}-{service}:latest"


def built_services(
    compose_file: Path, run: CommandRunner, more: Sequence[Path] = ()
) -> tuple[BuiltService, ...]:
    """The services that are built, of ``compose_file`` with ``more`` files merged onto it.

    Raises BadInput if Compose can't read it, ToolProblem if its answer can't be read.
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
        read = json.loads(shown.out)
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
    force: bool = False,
    more: Sequence[Path] = (),
) -> tuple[Ready, ...]:
    """Builds the images that are missing or whose sources changed; one that services share is built once.

    Raises ``BadInput`` where two services build one image in different ways.
    """
    services = _once(built_services(compose_file, run, more), compose_file)
    held = held_images([name for s in services for name in (s.image, *s.bases)], run)
    contents = {
        s.service: fingerprint([s.context], s.recipe, *(held[b].identity for b in s.bases if b in held))
        for s in services
    }
    todo = [
        s for s in services if force or s.image not in held or held[s.image].content != contents[s.service]
    ]
    began = time.monotonic()
    if todo:
        say(f"building {', '.join(s.image for s in todo)}")
        _compose_build((compose_file, *more), todo, contents, around, run)
        drop_replaced({s.image: held[s.image] for s in todo if s.image in held}, run)
    seconds = (time.monotonic() - began) / max(len(todo), 1)
    return tuple(
        Ready(s.image, ImageOutcome.BUILT, seconds) if s in todo else Ready(s.image, ImageOutcome.PRESENT)
        for s in services
    )


def _once(services: Sequence[BuiltService], file: Path) -> tuple[BuiltService, ...]:
    """The first service of each image."""
    first: dict[str, BuiltService] = {}
    for service in services:
        other = first.setdefault(service.image, service)
        if (service.context, service.recipe) != (other.context, other.recipe):
            message = f"{other.service} and {service.service} build {service.image} in different ways"
            fix = "give one of the two another image:, or give both the same build:"
            raise BadInput([Problem.about(str(file), message, fix)])
    return tuple(first.values())


def project_files(folder: Path) -> tuple[Path, ...]:
    """The compose files of a stack: as its stack.yaml says, else by their usual names. None: ``()``."""
    described = folder / "stack.yaml"
    try:
        said = yaml.safe_load(read_file(described)) if described.is_file() else {}
    except (OSError, yaml.YAMLError):
        said = {}  # gameday validate says what is wrong with it
    named = said.get("compose") if isinstance(said, dict) else None
    first = folder / str(named) if named else find_compose_file(folder)
    if first is None or not first.is_file():
        return ()
    overrides = said.get("overrides") if isinstance(said, dict) else None
    if isinstance(overrides, list):
        return (first, *(folder / str(name) for name in overrides))
    beside = (first.with_name(f"{first.stem}.override{ending}") for ending in (".yml", ".yaml"))
    return (first, *[path for path in beside if path.is_file()][:1])


def build_override(
    services: Sequence[BuiltService], contents: Mapping[str, str], around: Surroundings
) -> str:
    """The compose override, as YAML, that gives every one of ``services`` image name, label, arguments and
    CA secret.
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
    """Images named by FROM lines: when one is replaced, images built on it are out of date."""
    path = context / dockerfile
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    words = [line.split() for line in lines if line.upper().startswith("FROM ")]
    return tuple(dict.fromkeys(next((w for w in line[1:] if not w.startswith("--")), "") for line in words))
