"""Provides the images of gameday and of the stacks from one of two sources.

``registry`` pulls the official images. ``build`` builds stand-ins of the same names, labelled
``gameday.image-source=build``, with the variables, commands, ports, paths and users of the official ones.
``auto`` asks the registry first and remembers which source it used.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from chaos.errors import BadInput, EnvironmentProblem, ToolProblem
from chaos.files import make_folder, read_file, write_file
from chaos.json_text import read_json
from chaos.setup.base import BASE_CONTEXT, ensure_base
from chaos.setup.build import build_image, surroundings
from chaos.setup.commands import CommandRunner, run_program
from chaos.setup.engine import Engine, Say
from chaos.setup.fingerprint import fingerprint
from chaos.setup.held import HeldImage, drop_replaced, held_images
from chaos.setup.machine import Machine
from chaos.setup.manifest import Image
from chaos.setup.registry_probe import Probe

PULL_DEADLINE = 900.0  # seconds for one image
BUILDERS = 2  # builds at the same time: while one compiles, another can unpack


class ImageSource(StrEnum):
    AUTO = "auto"
    REGISTRY = "registry"
    BUILD = "build"


class ImageOutcome(StrEnum):
    PRESENT = "present"
    PULLED = "pulled"
    BUILT = "built"


@dataclass(frozen=True)
class ReadyImage:
    """One image that can be used now. ``seconds``: how long it took to pull or build."""

    name: str
    outcome: ImageOutcome
    seconds: float = 0.0


@dataclass(frozen=True)
class ImageRequest:
    """The source that the user asked for. ``explicit``: with ``--source``; then ``auto`` ignores the
    remembered source. ``registry``: where to pull from instead of the official registries, such as
    ``127.0.0.1:5000``.
    """

    source: ImageSource = ImageSource.AUTO
    explicit: bool = False
    registry: str = ""


@dataclass(frozen=True)
class ImageHost:
    """The engine that holds the images and the machine on which they are built, and how gameday talks to
    them: ``run`` runs a program, ``say`` tells the user, ``env`` is the user's environment.
    """

    engine: Engine
    machine: Machine
    run: CommandRunner = run_program
    say: Say = print
    env: Mapping[str, str] = field(default_factory=lambda: os.environ)


def read_image_request(option: str | None, env: Mapping[str, str] = os.environ) -> ImageRequest:
    """Reads the source from ``--source``, else ``IMAGE_SOURCE``, else auto; the registry from
    ``IMAGE_REGISTRY``.

    Raises BadInput for an unknown source.
    """
    word = option or env.get("IMAGE_SOURCE") or ImageSource.AUTO
    try:
        source = ImageSource(word)
    except ValueError as problem:
        origin = "--source" if option else "IMAGE_SOURCE"
        raise BadInput(f"{origin}: expected auto, registry or build, got {word!r}") from problem
    return ImageRequest(source, option is not None, env.get("IMAGE_REGISTRY", "").rstrip("/"))


def pull_name(name: str, registry: str) -> str:
    """The name of an image in ``registry``, without its own host: ``ghcr.io/a/b:1`` ->
    ``127.0.0.1:5000/a/b:1``. Without a registry: ``name``.
    """
    if not registry:
        return name
    first, slash, rest = name.partition("/")
    is_host = bool(slash) and ("." in first or ":" in first)
    return f"{registry}/{rest if is_host else name}"


def expected_content(image: Image) -> str:
    """The fingerprint in the label of an up-to-date stand-in: of its folder and of that of the base."""
    return fingerprint([BASE_CONTEXT, image.context])


def is_settled(held: HeldImage | None, content: str, source: ImageSource) -> bool:
    """Is the image there, from a requested source, and up to date? Then there is nothing to do."""
    if held is None:
        return False
    if source is ImageSource.REGISTRY:
        return not held.built
    return held.content == content or (source is ImageSource.AUTO and not held.built)


def remembered(state: Path, engine: Engine) -> ImageSource | None:
    """The source of this engine's images last time; None if it is unknown. Never raises."""
    try:
        kept = read_json(read_file(state))
        return ImageSource(str(kept[engine.identity])) if isinstance(kept, dict) else None
    except (OSError, ValueError, KeyError):
        return None


def remember(state: Path, engine: Engine, source: ImageSource) -> None:
    """Keeps the source for next time. Never raises: without it, gameday asks the registry again."""
    try:
        kept = read_json(read_file(state))
    except (OSError, ValueError):
        kept = {}
    kept = kept if isinstance(kept, dict) else {}
    try:
        make_folder(state.parent)
        write_file(state, json.dumps({**kept, engine.identity: source}))
    except EnvironmentProblem:
        return


def state_file(env: Mapping[str, str] = os.environ) -> Path:
    """The file in the user's cache folder that keeps the source."""
    return Path(env.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gameday" / "image-source.json"


def ensure_images(
    images: Sequence[Image], request: ImageRequest, host: ImageHost, probe: Probe
) -> tuple[ReadyImage, ...]:
    """Pulls or builds those of ``images`` that are missing or out of date. One result per image, in order.

    Raises ToolProblem or EnvironmentProblem if an image cannot be provided.
    """
    held = held_images([image.name for image in images], host.run)
    todo = [i for i in images if not is_settled(held.get(i.name), expected_content(i), request.source)]
    if not todo:
        return tuple(ReadyImage(image.name, ImageOutcome.PRESENT) for image in images)
    state = state_file(host.env)
    source = _choose(todo[0], request, remembered(state, host.engine), probe, host.say)
    done: dict[str, ReadyImage] = {}
    if source is ImageSource.REGISTRY:
        for image in todo:
            try:
                done[image.name] = _pull(image, request.registry, host.run, host.say)
            except ToolProblem as problem:
                if request.source is ImageSource.REGISTRY:
                    raise
                host.say(f"{problem}\nthe registry failed part-way: building the rest")
                source = ImageSource.BUILD
                break
    if source is ImageSource.BUILD:
        rest = [image for image in todo if image.name not in done]
        done |= {ready.name: ready for ready in _build(rest, host, probe)}
    remember(state, host.engine, source)
    drop_replaced({name: held[name] for name in done if name in held}, host.run)
    return tuple(done.get(image.name, ReadyImage(image.name, ImageOutcome.PRESENT)) for image in images)


def _choose(
    first: Image, request: ImageRequest, last: ImageSource | None, probe: Probe, say: Say
) -> ImageSource:
    if request.source is not ImageSource.AUTO:
        say(f"images: from {request.source}, as requested")
        return request.source
    if last is not None and not request.explicit:
        say(f"images: from {last}, as last time (another: --source registry|build, or auto to ask again)")
        return last
    answer = probe(pull_name(first.name, request.registry))
    say(
        "images: from the registry"
        if answer.answers
        else f"images: built here, because the registry cannot be used ({answer.why})"
    )
    return ImageSource.REGISTRY if answer.answers else ImageSource.BUILD


def _pull(image: Image, registry: str, run: CommandRunner, say: Say) -> ReadyImage:
    began = time.monotonic()
    source = pull_name(image.name, registry)
    say(f"pulling {source}")
    pulled = run(["docker", "pull", "-q", source], timeout=PULL_DEADLINE)
    if not pulled.ok:
        raise ToolProblem(
            f"pulling {source} failed: {pulled.last_lines(2)}\n"
            "  fix: `gameday images --source build`, or set IMAGE_REGISTRY"
        )
    if source != image.name:
        tagged = run(["docker", "tag", source, image.name])
        if not tagged.ok:
            raise ToolProblem(f"tagging {source} as {image.name} failed: {tagged.last_lines(2)}")
    return ReadyImage(image.name, ImageOutcome.PULLED, time.monotonic() - began)


def _build(images: Sequence[Image], host: ImageHost, probe: Probe) -> tuple[ReadyImage, ...]:
    around = surroundings(host.machine, host.run, host.env)
    ensure_base(host.machine, around, host.run, probe, host.say)

    def build(image: Image) -> ReadyImage:
        began = time.monotonic()
        build_image(image.name, image.context, expected_content(image), around, host.run)
        ready = ReadyImage(image.name, ImageOutcome.BUILT, time.monotonic() - began)
        host.say(f"built {ready.name} in {ready.seconds:.0f} s")
        return ready

    with ThreadPoolExecutor(BUILDERS) as pool:
        return tuple(pool.map(build, images))
