"""Commands of procedures on real containers: whose they are, and that they end with whoever gave them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from chaos.adapters.engine_connection import connect
from chaos.adapters.labels import RUN_LABEL
from chaos.adapters.stack.operator import StackOperator
from chaos.adapters.stack.runtime import StackRuntime
from chaos.adapters.stack.sweep import belongings
from chaos.model.stack import HttpCall
from tests.contract.boxes import wait_until
from tests.contract.small_stack import small_plan, write_project
from tests.engines import here

pytestmark = pytest.mark.containers
SLEEPS = ["docker", "compose", "run", "--rm", "--no-deps", "-T", "db", "sleep", "300"]


class Console:
    """An operator of a running stack, and the processes that it started."""

    def __init__(self, folder: Path) -> None:
        self.run_id = secrets.token_hex(3)
        self.started: list[int] = []
        self.runtime = StackRuntime(
            small_plan(write_project(folder / "project")),
            folder,
            self.run_id,
            here(),
            private=folder / "private",
        )
        self.operator = StackOperator(self.runtime, (), self._address, self.started.append)

    def say(self, line: str, timeout: float = 60) -> tuple[int | None, str]:
        ran = asyncio.run(self.operator.run(line.split(), timeout))
        return ran.code, ran.output

    def one_offs(self) -> list[str]:
        label = [f"{RUN_LABEL}={self.run_id}", "com.docker.compose.oneoff=True"]
        listed = connect(here()).containers.list(filters={"label": label}, ignore_removed=True)
        return [one.name for one in listed]

    def _address(self, service: str, port: int | None) -> str:
        host, found = self.runtime.address(service, port)
        return f"http://{host}:{found}"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    made = Console(tmp_path_factory.mktemp("operator"))

    async def start() -> None:
        await made.runtime.prepare()
        await made.runtime.up(90)

    try:
        asyncio.run(start())
        yield made
    finally:
        asyncio.run(made.runtime.down())
        assert not belongings(connect(here()), made.run_id)


def test_the_words_of_a_terminal_reach_the_containers_of_the_run(console: Console) -> None:
    assert console.say("docker compose exec -T db redis-cli PING") == (0, "PONG\n")
    code, output = console.say("docker compose exec -T db redis-cli -x NO-SUCH-COMMAND")
    assert (code, "unknown command" in output) == (0, True)
    assert console.say("docker compose exec -T db false")[0] == 1


def test_what_is_secret_is_not_printed(console: Console) -> None:
    code, output = console.say("docker compose exec -T web printenv TOKEN")
    assert code == 0
    assert "contract-s3cret" not in output
    assert output.strip()


def test_a_service_is_asked_past_its_proxy_where_clients_are(console: Console) -> None:
    assert asyncio.run(console.operator.ask(HttpCall(service="web", path="/"))).holds
    answer = asyncio.run(console.operator.ask(HttpCall(service="web", path="/no-such-page")))
    assert (answer.holds, "404" in answer.detail) == (False, True)


def test_a_container_of_a_command_is_the_run_s_and_says_nothing_of_the_service(console: Console) -> None:
    """It goes with the command where that ends well, and with the run where it was cut off."""

    async def cut_off() -> None:
        running = asyncio.ensure_future(console.operator.run(SLEEPS, 60))
        await asyncio.to_thread(wait_until, lambda: bool(console.one_offs()), "the command's container")
        assert [seen.service for seen in await console.runtime.states()].count("db") == 1
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(asyncio.wait_for(cut_off(), 60))
    assert not psutil.pid_exists(console.started[-1])
    (left,) = console.one_offs()
    assert left in belongings(connect(here()), console.run_id).containers
    connect(here()).api.remove_container(left, force=True)


def test_a_command_that_takes_too_long_is_killed(console: Console) -> None:
    # `run` would do as well, but if it were killed before its container starts, that container would keep the
    # volume that the next test removes.
    code, _ = console.say("docker compose exec -T db sleep 300", timeout=3)
    assert code is None
    wait_until(lambda: not psutil.pid_exists(console.started[-1]), "the command's process is gone")


def test_a_lost_volume_is_made_again_by_the_words_of_a_terminal(console: Console) -> None:
    assert console.say("docker compose rm --stop --force db")[0] == 0
    connect(here()).api.remove_volume(f"gameday-{console.run_id}_data")
    assert console.say("docker compose up -d --no-deps db")[0] == 0
    assert f"gameday-{console.run_id}_data" in belongings(connect(here()), console.run_id).volumes
