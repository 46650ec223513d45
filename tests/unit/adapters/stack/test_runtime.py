"""Starting: what is awaited, how it fails, and that a failure explains itself. `docker` and the engine are
stand-ins.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import docker.errors
import pytest

from chaos.adapters.overlay.wiring import Wiring
from chaos.adapters.stack.missing_images import missing_images
from chaos.adapters.stack.prepared import image_of_tool
from chaos.adapters.stack.runtime import StackRuntime
from chaos.adapters.stack.sweep import LabelledResources
from chaos.engine import EngineAddress
from chaos.errors import StackProblem, ToolProblem
from chaos.model.stack import Stack, as_link
from tests.unit.adapters.overlay.specimens import shop, stack
from tests.unit.adapters.stack.stand_in import plan_for, play_compose

ALL = ("web", "db", "queue", "worker", "watcher", "toxiproxy-clients", "toxiproxy-web")
HEALTHY = "Up 2 seconds (healthy)"

PROXY_IMAGE = image_of_tool("GAMEDAY_TOXIPROXY_IMAGE", Wiring.proxy_image)


class Engine:
    """Answers each look with the next of ``looks`` (the last for ever): service -> status."""

    def __init__(self, *looks: dict[str, str], images: tuple[str, ...] = ("redis:8", PROXY_IMAGE)) -> None:
        self.looks = list(looks) or [dict.fromkeys(ALL, HEALTHY)]
        self.tags = images
        self.api = self
        self.images = self

    def containers(self, **_: Any) -> list[dict[str, Any]]:
        now = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        return [
            {
                "Id": f"id-{service}",
                "Names": [f"/{service}"],
                "Labels": {"com.docker.compose.service": service},
                "State": "running" if status.startswith("Up") else "exited",
                "Status": status,
            }
            for service, status in now.items()
        ]

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the engine was asked for {name}")

    def logs(self, identity: str, **_: Any) -> bytes:
        return f"last words of {identity}, token s3cret\n".encode()

    def get(self, name: str) -> Any:
        if name not in self.tags:
            raise docker.errors.ImageNotFound("no")
        return SimpleNamespace(id="sha256:1", attrs={"Config": {}})

    def version(self) -> dict[str, str]:
        return {"Version": "20.10"}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "docker-compose.yml").write_text("{}")
    play_compose(tmp_path / "bin", shop())
    return folder


async def runtime(root: Path, engine: Engine, of: Stack | None = None) -> StackRuntime:
    plan = plan_for(of or stack(redact=["TOKEN"]), root)
    made = StackRuntime(
        plan, root.parent / "run", "abc123", EngineAddress(), client=engine, private=root.parent / "private"
    )
    await made.prepare()
    return made


async def test_up_when_everything_runs_and_is_healthy(root: Path) -> None:
    first = dict.fromkeys(ALL, HEALTHY) | {"web": "Up 1 second (health: starting)"}
    engine = Engine(first, dict.fromkeys(ALL, HEALTHY))
    await (await runtime(root, engine)).up(20)
    assert engine.looks == [dict.fromkeys(ALL, HEALTHY)], "it looked again until web was healthy"


async def test_a_job_that_stack_yaml_names_may_end_although_a_link_leads_to_it(root: Path) -> None:
    seen = dict.fromkeys(ALL, HEALTHY) | {"queue": "Exited (0) 1 second ago"}
    services = {"web": {}, "db": {}, "queue": {"one_shot": True}}
    await (await runtime(root, Engine(seen), stack(services=services))).up(20)
    with pytest.raises(StackProblem, match="queue: exited with code 0"):
        await (await runtime(root, Engine(seen))).up(20)


async def test_a_start_that_fails_explains_itself(root: Path) -> None:
    seen = dict.fromkeys(ALL, HEALTHY) | {"web": "Exited (3) 1 second ago"}
    stack_up = await runtime(root, Engine(seen))
    with pytest.raises(StackProblem) as caught:
        await stack_up.up(20)
    said = str(caught.value)
    assert "waited 0 s of 20 s for 7 services to be running and healthy" in said
    assert "web: exited with code 3" in said
    assert "last words of id-web, token [redacted]" in said
    assert "id-db" not in said, "only what is guilty"
    assert "try: docker compose -f" in said


async def test_what_never_gets_ready_is_named_at_the_deadline(root: Path) -> None:
    seen = dict.fromkeys(ALL, HEALTHY) | {"db": "Up 9 seconds (health: starting)"}
    stack_up = await runtime(root, Engine(seen))
    with pytest.raises(StackProblem, match="db: running, health starting"):
        await stack_up.up(0)


async def test_composes_own_words_are_passed_on(root: Path) -> None:
    play_compose(root.parent / "bin", shop(), up="echo 'no such network' >&2; exit 1")
    stack_up = await runtime(root, Engine({}))
    with pytest.raises(StackProblem, match=r"nothing was created\n  Compose said: no such network"):
        await stack_up.up(20)


async def test_an_engine_without_addresses_is_distinguished_from_a_broken_stack(root: Path) -> None:
    words = "could not find an available, non-overlapping IPv4 address pool"
    play_compose(root.parent / "bin", shop(), up=f"echo '{words}' >&2; exit 1")
    with pytest.raises(StackProblem, match="try: gameday clean"):
        await (await runtime(root, Engine({}))).up(20)


async def test_missing_images_are_named_before_anything_starts(root: Path) -> None:
    play_compose(root.parent / "bin", shop(), up=f"touch {root}/started")
    stack_up = await runtime(root, Engine(images=("redis:8",)))
    with pytest.raises(StackProblem, match=r"toxiproxy:2.12.0\n  try: gameday images"):
        await stack_up.up(20)
    assert not (root / "started").exists()
    assert (await stack_up.versions())[f"image {PROXY_IMAGE}"] == "missing"


async def test_each_kind_of_missing_image_has_its_own_advice(root: Path) -> None:
    project = shop()
    project["services"]["web"] |= {"image": "shop-web", "build": {"context": "."}}
    play_compose(root.parent / "bin", project)
    stack_up = await runtime(root, Engine(images=(PROXY_IMAGE,)))
    with pytest.raises(StackProblem) as caught:
        await stack_up.up(20)
    compose = f"docker compose -f {root}/docker-compose.yml"
    assert str(caught.value).splitlines() == [
        "images are missing: redis:8, shop-web",
        f"  try: {compose} pull db queue worker watcher",
        f"  try: {compose} build web (or: gameday images {root})",
    ]


async def test_a_shipped_stack_is_set_up_as_a_whole(root: Path) -> None:
    prepared = (await runtime(root, Engine())).prepared
    (root.parent / "Makefile").touch()
    said = missing_images(prepared, ["redis:8"], root, checkout=root.parent)
    assert said == "images are missing: redis:8\n  try: make setup"


async def test_a_port_that_was_taken_meanwhile_is_distinguished_from_a_broken_stack(root: Path) -> None:
    play_compose(
        root.parent / "bin",
        shop(),
        up="echo 'Bind for 127.0.0.1:1 failed: port is already allocated' >&2; exit 1",
    )
    with pytest.raises(StackProblem, match=r"port is already allocated\n  try: run it again"):
        await (await runtime(root, Engine({}))).up(20)


@pytest.mark.parametrize(
    ("up", "looks"),
    [("true", ()), ("exit 1", (3, 0.7)), ("sleep 60", (3, 0.7))],
    ids=["settled", "failed", "cut short"],
)
async def test_after_a_start_that_did_not_end_well_latecomers_are_awaited(
    root: Path, monkeypatch: pytest.MonkeyPatch, up: str, looks: tuple[float, ...]
) -> None:
    asked: list[tuple[float, ...]] = []

    def remove(client: object, run_id: str, within: float, *more: float) -> LabelledResources:
        asked.append(more)
        return LabelledResources()

    monkeypatch.setattr("chaos.adapters.stack.runtime.remove_run", remove)
    play_compose(root.parent / "bin", shop(), up=f"touch {root}/started; {up}")
    stack_up = await runtime(root, Engine(dict.fromkeys(ALL, HEALTHY)))
    start = asyncio.ensure_future(stack_up.up(20))
    async with asyncio.timeout(20):
        while not (root / "started").exists():  # noqa: ASYNC110 - a file of another process has no event
            await asyncio.sleep(0.01)
    if up == "sleep 60":
        start.cancel()
    await asyncio.wait({start})
    assert start.cancelled() or up == "true" or isinstance(start.exception(), StackProblem)
    await stack_up.down()
    assert asked == [looks]


async def test_where_things_are_reached(root: Path) -> None:
    stack_up = await runtime(root, Engine())
    ports = stack_up.prepared.wiring.ports
    assert stack_up.link_address(as_link("web->db")) == ("127.0.0.1", ports[("toxiproxy-web", 6379)])
    assert stack_up.toxiproxy_api(as_link("web->db")) == f"http://127.0.0.1:{ports[('toxiproxy-web', 8474)]}"
    assert stack_up.address("web") == stack_up.link_address(as_link("clients->web"))
    with pytest.raises(ToolProblem, match="port 1 of db is not published"):
        stack_up.address("db", 1)
    assert await stack_up.container_id("db") == "id-db"
    with pytest.raises(StackProblem, match="unknown has no container"):
        await stack_up.container_id("unknown")


async def test_nothing_is_reported_of_a_stack_that_was_not_prepared(root: Path) -> None:
    with pytest.raises(StackProblem, match="not prepared"):
        StackRuntime(
            plan_for(stack(), root), root, "abc123", EngineAddress(), client=Engine(), private=root
        ).address("web")
