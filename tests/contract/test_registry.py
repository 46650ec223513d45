"""The pull path, against a real registry on 127.0.0.1."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.engine import EngineAddress
from chaos.errors import ToolProblem
from chaos.setup.base import ensure_base
from chaos.setup.build import build_image, surroundings
from chaos.setup.commands import must, run_program
from chaos.setup.engine import Engine, find_engine
from chaos.setup.fingerprint import fingerprint
from chaos.setup.held import held_images
from chaos.setup.images import ImageHost, ImageOutcome, ImageRequest, ImageSource, ensure_images
from chaos.setup.machine import this_machine
from chaos.setup.manifest import Image
from chaos.setup.registry_probe import engine_probe
from tests.contract.boxes import boxes, wait_until
from tests.engines import here

pytestmark = pytest.mark.containers

SERVER = "gameday/test-registry:local"
SERVER_CONTEXT = Path(__file__).parent / "registry"
PATIENT = 30.0  # seconds for one call to the engine: here it is not the probe's haste that is tested


@pytest.fixture(scope="module")
def engine() -> Engine:
    found = find_engine(run_program, here())
    assert found is not None, "make setup"
    return found


@pytest.fixture(scope="module")
def registry(engine: Engine) -> Iterator[str]:
    """Address of a running registry that holds nothing yet."""
    machine = this_machine()
    around = surroundings(machine, run_program)
    ensure_base(machine, around, run_program, engine_probe(engine.address), print)
    build_image(SERVER, SERVER_CONTEXT, fingerprint([SERVER_CONTEXT]), around, run_program)
    with boxes() as place:
        box = place.start(SERVER, ports=(5000,))
        wait_until(lambda: box.answers(5000, "/v2/"), "the registry")
        yield box.url(5000).removeprefix("http://")


@pytest.fixture
def image(registry: str, tmp_path: Path) -> Iterator[Image]:
    """An official image that the registry holds and this engine does not; its folder builds a stand-in."""
    name = f"gameday-test/small-{uuid.uuid4().hex[:8]}:1"
    context = tmp_path / "small"
    context.mkdir()
    (context / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\nLABEL origin=registry\n")
    remote = f"{registry}/{name}"
    must(
        run_program(["docker", "build", "-q", "-t", remote, str(context)], env={"DOCKER_BUILDKIT": "1"}),
        "build",
    )
    must(run_program(["docker", "push", "-q", remote]), "push")
    must(run_program(["docker", "rmi", remote]), "rmi")
    (context / "Dockerfile").write_text(
        "FROM scratch\nCOPY Dockerfile /\nLABEL origin=folder gameday.image-source=build\n"
    )
    yield Image(name, context)
    run_program(["docker", "rmi", "-f", name, remote])


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(tmp_path / "cache")}


def ensure(
    image: Image, request: ImageRequest, engine: Engine, env: dict[str, str]
) -> tuple[ImageOutcome, bool]:
    """How the image came about, and whether what the engine holds now was built here."""
    probe = engine_probe(engine.address, limit=PATIENT)
    (ready,) = ensure_images([image], request, ImageHost(engine, this_machine(), env=env), probe)
    return ready.outcome, held_images([image.name], run_program)[image.name].built


def test_it_is_pulled_when_asked_for_and_keeps_the_official_name(
    image: Image, engine: Engine, registry: str, env: dict[str, str]
) -> None:
    request = ImageRequest(ImageSource.REGISTRY, explicit=True, registry=registry)
    assert ensure(image, request, engine, env) == (ImageOutcome.PULLED, False)
    assert ensure(image, request, engine, env) == (ImageOutcome.PRESENT, False)


def test_auto_asks_the_registry_and_pulls(
    image: Image, engine: Engine, registry: str, env: dict[str, str]
) -> None:
    assert ensure(image, ImageRequest(registry=registry), engine, env) == (ImageOutcome.PULLED, False)


def test_auto_builds_where_no_one_answers(image: Image, engine: Engine, env: dict[str, str]) -> None:
    # Port 1 on the loopback: refused at once.
    assert ensure(image, ImageRequest(registry="127.0.0.1:1"), engine, env) == (ImageOutcome.BUILT, True)


def test_what_was_built_is_replaced_when_the_registry_is_asked_for(
    image: Image, engine: Engine, registry: str, env: dict[str, str]
) -> None:
    assert ensure(image, ImageRequest(ImageSource.BUILD, explicit=True), engine, env) == (
        ImageOutcome.BUILT,
        True,
    )
    request = ImageRequest(ImageSource.REGISTRY, explicit=True, registry=registry)
    assert ensure(image, request, engine, env) == (ImageOutcome.PULLED, False)


def test_an_image_that_the_registry_lacks_is_an_error_when_asked_for(
    image: Image, engine: Engine, registry: str, env: dict[str, str]
) -> None:
    absent = Image("gameday-test/absent:1", image.context)
    with pytest.raises(ToolProblem, match="absent"):
        ensure(absent, ImageRequest(ImageSource.REGISTRY, explicit=True, registry=registry), engine, env)


def test_the_probe_says_why(image: Image, engine: Engine, registry: str) -> None:
    probe = engine_probe(engine.address, limit=PATIENT)
    assert probe(f"{registry}/{image.name}").answers
    absent = probe(f"{registry}/gameday-test/absent:1")
    assert (absent.answers, bool(absent.why)) == (False, True)
    assert "refused" in probe(f"127.0.0.1:1/{image.name}").why
    missing = engine_probe(EngineAddress("unix:///nowhere/docker.sock"))(image.name)
    assert (missing.answers, bool(missing.why)) == (False, True)
