"""Which containers are touched, and which never; over an engine in memory."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import docker
import docker.errors
import pytest
import requests

from chaos.adapters.containers import DockerContainers
from chaos.adapters.labels import RUN_LABEL, SERVICE_LABEL
from chaos.errors import ToolProblem
from chaos.ports import ContainerReading


class FakeEngine:
    """The calls of the SDK's client that the adapter makes. ``lies``: it answers with other containers."""

    def __init__(self) -> None:
        self.containers_: dict[str, dict[str, Any]] = {}
        self.log: list[str] = []
        self.lies = False
        self.error: Exception | None = None
        self.over = threading.Event()
        self.hangs = False
        self.stopping: threading.Event | None = None  # awaited before the end of a stop
        self.begun, self.stopped = threading.Event(), threading.Event()
        self.api = self

    def add(self, run: str, service: str, state: str = "running", **more: Any) -> str:
        name = f"{run}-{service}-{len(self.containers_)}"
        self.containers_[name] = {
            "Id": name,
            "Config": {"Labels": {RUN_LABEL: run, SERVICE_LABEL: service}},
            "State": {"Status": state, "ExitCode": 0, **more},
        }
        return name

    def containers(self, all: bool, filters: dict[str, list[str]]) -> list[dict[str, Any]]:
        assert all
        if self.hangs:
            self.over.wait()
        wanted = dict(label.split("=", 1) for label in filters["label"])
        return [
            {"Id": name, "Labels": found["Config"]["Labels"]}
            for name, found in self.containers_.items()
            if self.lies or wanted.items() <= found["Config"]["Labels"].items()
        ]

    def inspect_container(self, name: str) -> dict[str, Any]:
        if self.error:
            raise self.error
        return self.containers_[name]

    def _move(self, verb: str, name: str, state: str) -> None:
        self.log.append(f"{verb} {name}")
        self.containers_[name]["State"]["Status"] = state

    def kill(self, name: str, signal: str) -> None:
        self._move(f"kill {signal}", name, "exited")

    def stop(self, name: str, timeout: int) -> None:
        self.begun.set()
        if self.stopping is not None:
            self.stopping.wait()
        self._move(f"stop {timeout}", name, "exited")
        self.stopped.set()

    def start(self, name: str) -> None:
        self._move("start", name, "running")

    def pause(self, name: str) -> None:
        self._move("pause", name, "paused")

    def unpause(self, name: str) -> None:
        self._move("unpause", name, "running")


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


def containers(engine: FakeEngine, deadline: float = 5.0) -> DockerContainers:
    return DockerContainers("run1", engine, deadline)


COMMANDS: dict[str, Callable[[DockerContainers], Any]] = {
    "kill": lambda c: c.kill("db"),
    "stop": lambda c: c.stop("db", 1.2),
    "start": lambda c: c.start("db"),
    "pause": lambda c: c.pause("db"),
    "unpause": lambda c: c.unpause("db"),
    "execute": lambda c: c.execute("db", ["true"], 1.0),
}
every_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)


@pytest.mark.parametrize(
    ("command", "state", "said", "after"),
    [
        ("kill", "running", "kill SIGKILL", "exited"),
        ("kill", "paused", "kill SIGKILL", "exited"),
        ("kill", "exited", None, "exited"),
        ("stop", "running", "stop 2", "exited"),  # whole seconds, rounded up
        ("stop", "exited", None, "exited"),
        ("start", "exited", "start", "running"),
        ("start", "created", "start", "running"),
        ("start", "running", None, "running"),
        ("pause", "running", "pause", "paused"),
        ("pause", "paused", None, "paused"),
        ("unpause", "paused", "unpause", "running"),
        ("unpause", "running", None, "running"),
        ("unpause", "exited", None, "exited"),
    ],
)
async def test_asks_only_for_what_is_not_so_yet(
    engine: FakeEngine, command: str, state: str, said: str | None, after: str
) -> None:
    name = engine.add("run1", "db", state)
    await COMMANDS[command](containers(engine))
    assert engine.log == ([f"{said} {name}"] if said else [])
    assert (await containers(engine).reading("db")).state == after


@every_command
async def test_never_touches_another_run(
    engine: FakeEngine, command: Callable[[DockerContainers], Any]
) -> None:
    engine.add("run2", "db")
    with pytest.raises(ToolProblem, match="run run1 has no container of that service"):
        await command(containers(engine))
    assert engine.log == []


@every_command
async def test_does_not_believe_an_engine_that_answers_with_another_container(
    engine: FakeEngine, command: Callable[[DockerContainers], Any]
) -> None:
    engine.add("run2", "db")
    engine.lies = True
    with pytest.raises(ToolProblem, match="refused to touch container run2-db-0"):
        await command(containers(engine))
    assert engine.log == []


@every_command
async def test_refuses_to_choose_among_several(
    engine: FakeEngine, command: Callable[[DockerContainers], Any]
) -> None:
    engine.add("run1", "db")
    engine.add("run1", "db")
    with pytest.raises(ToolProblem, match="db has 2 containers in run run1"):
        await command(containers(engine))
    assert engine.log == []


async def test_reads_state_health_and_exit_code(engine: FakeEngine) -> None:
    engine.add("run1", "db", "exited", ExitCode=137)
    engine.add("run1", "web", "running", Health={"Status": "unhealthy"})
    engine.add("run1", "job", "removing", Health={"Status": "none"})
    read = containers(engine).reading
    assert await read("db") == ContainerReading("exited", "", 137)
    assert await read("web") == ContainerReading("running", "unhealthy", None)
    assert await read("job") == ContainerReading("gone", "", None)
    assert await read("never") == ContainerReading("gone")


async def test_a_container_removed_between_two_questions_is_gone(engine: FakeEngine) -> None:
    engine.add("run1", "db")
    engine.error = docker.errors.NotFound("no such container")
    assert await containers(engine).reading("db") == ContainerReading("gone")


async def test_calls_wait_in_the_threads_that_they_were_given(engine: FakeEngine) -> None:
    engine.add("run1", "db")
    engine.hangs = True
    with ThreadPoolExecutor(1) as threads:
        apart = DockerContainers("run1", engine, 0.05, threads)
        with pytest.raises(ToolProblem, match="did not run list in db"):
            await apart.execute("db", ["list"], 0.05)
        assert threads.submit(str).running() is False, "its one thread is taken"
        engine.over.set()


@pytest.mark.parametrize(
    "error",
    [
        docker.errors.APIError("conflict"),
        requests.ConnectionError("refused"),
        requests.ReadTimeout("slow"),
        ValueError("49"),
    ],
)
async def test_foreign_errors_end_here(engine: FakeEngine, error: Exception) -> None:
    engine.add("run1", "db")
    engine.error = error
    with pytest.raises(ToolProblem, match="the engine could not send SIGKILL to db: "):
        await containers(engine).kill("db")


async def test_an_engine_that_hangs_costs_no_more_than_the_deadline(engine: FakeEngine) -> None:
    engine.hangs = True
    with pytest.raises(ToolProblem, match=r"did not pause db within 0\.1 s"):
        await containers(engine, deadline=0.1).pause("db")
    engine.over.set()  # or the loop would wait for the thread


@pytest.mark.parametrize("how", ["is cancelled", "gives up"])
async def test_a_change_waits_for_the_one_whose_caller_is_gone(engine: FakeEngine, how: str) -> None:
    """Or the start would do nothing, because it still runs, and the stop would end it afterwards."""
    name = engine.add("run1", "db")
    engine.stopping = threading.Event()
    port = containers(engine, deadline=5.0 if how == "is cancelled" else 0.2)
    stop = asyncio.ensure_future(port.stop("db", 0))
    await asyncio.to_thread(engine.begun.wait)
    if how == "is cancelled":
        stop.cancel()
    with pytest.raises((asyncio.CancelledError, ToolProblem)):
        await stop
    try:
        start = asyncio.ensure_future(port.start("db"))
        assert not (await asyncio.wait({start}, timeout=0.05))[0]
        if how == "gives up":
            with pytest.raises(
                ToolProblem, match=r"the engine still did not stop db, after 0\.2 more seconds"
            ):
                await start
    finally:
        engine.stopping.set()  # or the loop would wait for the thread
    await asyncio.to_thread(engine.stopped.wait)
    await (start if how == "is cancelled" else port.start("db"))
    assert engine.log == [f"stop 0 {name}", f"start {name}"]
    assert (await port.reading("db")).state == "running"


async def test_a_change_that_failed_holds_up_no_other(engine: FakeEngine) -> None:
    engine.add("run1", "db", "exited")
    engine.error = docker.errors.APIError("conflict")
    with pytest.raises(ToolProblem, match="conflict"):
        await containers(engine).start("db")
    port, engine.error = containers(engine), None
    await port.start("db")
    assert (await port.reading("db")).state == "running"


def test_the_fake_has_the_calls_of_the_real_client() -> None:
    own = {name for name in vars(FakeEngine) if not name.startswith("_")} - {"add"}
    assert {name for name in own if not hasattr(docker.APIClient, name)} == set()


async def test_a_container_of_one_command_is_none_of_the_service(engine: FakeEngine) -> None:
    name = engine.add("run1", "db", "exited")
    labels = engine.containers_[name]["Config"]["Labels"]
    labels["com.docker.compose.oneoff"] = "True"
    assert await containers(engine).reading("db") == ContainerReading("gone")
    engine.add("run1", "db")
    assert (await containers(engine).reading("db")).state == "running"
