"""Two runs of one plain project side by side on real containers: what the splice promises."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tenacity import AsyncRetrying, stop_after_delay, wait_fixed

from chaos.adapters.engine_connection import connect
from chaos.adapters.prometheus import PrometheusReader
from chaos.adapters.stack.leftovers import find_runs
from chaos.adapters.stack.owner import Ownership
from chaos.adapters.stack.runtime import StackRuntime
from chaos.errors import StackProblem
from chaos.model.stack import as_link
from chaos.setup.commands import run_program
from tests.contract.boxes import wait_until
from tests.contract.small_stack import COMPOSE, small_plan, write_project
from tests.engines import here

pytestmark = pytest.mark.containers

WEB, DB = as_link("clients->web"), as_link("web->db")
PING = """
import socket
with socket.create_connection(("db", 6379), 3) as dialled:
    dialled.settimeout(3)
    dialled.sendall(b"PING\\r\\n")
    print(dialled.recv(9))
"""
SEND = """
import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    sender.settimeout(2)
    for number in range(3):
        sender.sendto(b"datagram %d" % number, ("echo", 9999))
        print(sender.recv(100).decode())
"""


@dataclass(frozen=True)
class Pair:
    """Two runs of the same project, the folder with its plain file, and an instant before they started."""

    one: StackRuntime
    two: StackRuntime
    project: Path
    before: float


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("stack")
    project = write_project(folder / "project")
    one, two = _runtime(project, folder / "one"), _runtime(project, folder / "two")
    made = Pair(one, two, project, before=time.time())

    async def start(run: StackRuntime) -> None:
        await run.prepare()
        await run.up(90)

    async def start_both() -> None:
        await asyncio.gather(start(made.one), start(made.two))

    async def end_both() -> None:
        await asyncio.gather(made.one.down(), made.two.down())

    try:
        asyncio.run(start_both())
        yield made
    finally:
        asyncio.run(end_both())


def _runtime(project: Path, folder: Path) -> StackRuntime:
    return StackRuntime(small_plan(project), folder, secrets.token_hex(3), here(), private=folder / "private")


def url(run: StackRuntime) -> str:
    host, port = run.link_address(WEB)
    return f"http://{host}:{port}/"


def said(run: StackRuntime, service: str, *argv: str) -> str:
    done = run_program(["docker", "exec", asyncio.run(run.container_id(service)), *argv])
    return (done.out + done.err).strip()


def ping(run: StackRuntime, service: str) -> bool:
    return "PONG" in said(run, service, "python", "-c", PING)


def resolved(run: StackRuntime, service: str, name: str) -> str:
    return said(run, service, "python", "-c", f"import socket; print(socket.gethostbyname('{name}'))")


def addresses(run: StackRuntime, service: str) -> set[str]:
    networks = (
        connect(here())
        .containers.get(asyncio.run(run.container_id(service)))
        .attrs["NetworkSettings"]["Networks"]
    )
    return {body["IPAddress"] for body in networks.values()}


def turn(run: StackRuntime, enabled: bool) -> None:
    api = run.toxiproxy_api(DB)
    httpx.post(f"{api}/proxies/web-%3Edb", json={"enabled": enabled}, trust_env=False).raise_for_status()


def test_both_answer_through_their_proxies(pair: Pair) -> None:
    assert httpx.get(url(pair.one), trust_env=False).status_code == 200
    assert httpx.get(url(pair.two), trust_env=False).status_code == 200
    proxies = httpx.get(f"{pair.one.toxiproxy_api(WEB)}/proxies", trust_env=False).json()
    assert set(proxies) == {"clients->web"}


def test_the_client_resolves_its_target_to_its_proxy_and_no_other_does(pair: Pair) -> None:
    assert resolved(pair.one, "web", "db") in addresses(pair.one, "toxiproxy-web")
    assert resolved(pair.one, "worker", "db") in addresses(pair.one, "db")
    assert resolved(pair.one, "worker", "the-only-web") in addresses(pair.one, "web")


def test_a_link_that_is_cut_hurts_its_own_client_only(pair: Pair) -> None:
    assert ping(pair.one, "web")
    turn(pair.one, False)
    try:
        assert not ping(pair.one, "web")
        assert ping(pair.one, "worker"), "another client of the same target"
        assert ping(pair.two, "web"), "another run of the same project"
    finally:
        turn(pair.one, True)
    assert ping(pair.one, "web")


def test_udp_reaches_the_target_of_a_link_and_its_answer_the_client(pair: Pair) -> None:
    """Also while the link is cut, and for the next sender after the proxies' container was restarted."""
    heard = "heard datagram 0\nheard datagram 1\nheard datagram 2"
    assert said(pair.one, "web", "python", "-c", SEND) == heard
    turn(pair.one, False)
    try:
        assert said(pair.one, "web", "python", "-c", SEND) == heard
    finally:
        turn(pair.one, True)
    asyncio.run(pair.one.restart_proxy(DB))
    wait_until(lambda: said(pair.one, "web", "python", "-c", SEND) == heard, "UDP passes again")
    wait_until(lambda: ping(pair.one, "web"), "TCP passes again")


def test_a_container_that_was_killed_comes_back_at_its_port(pair: Pair) -> None:
    host, port = pair.one.address("watcher", 9090)
    ready = f"http://{host}:{port}/-/ready"
    container = connect(here()).containers.get(asyncio.run(pair.one.container_id("watcher")))
    container.kill()
    container.start()

    def answers() -> bool:
        try:
            return httpx.get(ready, timeout=2, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    wait_until(answers, f"Prometheus answers at {ready} again")


def test_prometheus_runs_the_compressed_rules(pair: Pair) -> None:
    host, port = pair.two.address("watcher", 9090)
    answer = httpx.get(f"http://{host}:{port}/api/v1/rules", trust_env=False).json()
    (rule,) = answer["data"]["groups"][0]["rules"]
    assert rule["query"] == 'max_over_time(up{job!="[5m]"}[15s]) >= 0'
    assert rule["duration"] == 1
    config = httpx.get(f"http://{host}:{port}/api/v1/status/config", trust_env=False).json()["data"]["yaml"]
    assert "scrape_interval: 500ms" in config
    assert "SUCCESS" in said(pair.two, "watcher", "promtool", "check", "rules", "/etc/prometheus/rules.yml")
    assert "SUCCESS" in said(
        pair.two, "watcher", "promtool", "check", "config", "/etc/prometheus/prometheus.yml"
    )


def test_an_alert_is_read_back_at_its_evaluation_instants(pair: Pair) -> None:
    host, port = pair.two.address("watcher", 9090)

    async def read() -> tuple[list[float], list[float]]:
        async with PrometheusReader(f"http://{host}:{port}") as reader:
            async for attempt in AsyncRetrying(stop=stop_after_delay(50), wait=wait_fixed(0.2), reraise=True):
                with attempt:
                    assert ("always", "firing") in await reader.active_alerts(), "the alert fires"
                    (now,) = await reader.values("time()") or (0.0,)
                    metrics = await reader.history(small_plan(pair.project), pair.before, now)
                    assert metrics.complete, metrics.detail
                    states = {
                        s.labels["alertstate"]: [at for at, _ in s.samples]
                        for s in metrics.series
                        if s.metric == "ALERTS"
                    }
                    assert "firing" in states, "Prometheus has written the samples of that evaluation"
            return states["pending"], states["firing"]

    pending, firing = asyncio.run(read())
    # for: 20s at pace 20 is 1 s, on the clock of the evaluations. Prometheus leaves out those for which it is
    # late, so the first that fires may come later, but none is still pending after that second.
    assert firing[0] - pending[0] >= 0.98
    assert pending[-1] - pending[0] < 0.98


def test_restart_policies_stay_and_nothing_is_published_to_the_world(pair: Pair) -> None:
    for container in connect(here()).containers.list(
        filters={"label": f"gameday.run={pair.one.prepared.run_id}"}
    ):
        host = container.attrs["HostConfig"]
        service = container.labels["com.docker.compose.service"]
        assert host["RestartPolicy"]["Name"] in (("always",) if service == "web" else ("", "no")), service
        for bindings in (host["PortBindings"] or {}).values():
            assert {binding["HostIp"] for binding in bindings} == {"127.0.0.1"}, container.name


def test_logs_hold_no_secret_and_versions_are_known(pair: Pair, tmp_path: Path) -> None:
    asyncio.run(pair.one.logs(tmp_path))
    assert "[redacted]" in (tmp_path / "worker.log").read_text()
    assert {path.stem for path in tmp_path.iterdir()} == set(pair.one.prepared.images())
    versions = asyncio.run(pair.one.versions())
    assert {"engine", "compose", "image redis:8"} <= set(versions)
    assert "missing" not in versions.values()


def test_a_running_run_is_found_with_its_living_harness(pair: Pair) -> None:
    found = {run.run_id: run.state for run in find_runs(connect(here()))}
    assert found[pair.one.prepared.run_id] is Ownership.ALIVE


def test_one_goes_without_a_trace_and_the_other_stays(pair: Pair) -> None:
    assert not asyncio.run(pair.one.down())
    assert not asyncio.run(pair.one.left_over())
    assert not asyncio.run(pair.one.down()), "again is no error"
    assert httpx.get(url(pair.two), trust_env=False).status_code == 200


def test_a_start_that_fails_explains_itself_and_goes(tmp_path: Path) -> None:
    broken = COMPOSE.replace(
        "CMD, redis-cli, ping], interval: 500ms, retries: 20",
        # It fails once Redis has said in its log that it is ready, never before.
        'CMD-SHELL, "until redis-cli ping; do sleep 0.1; done; false"], interval: 500ms, retries: 1',
    )
    run = _runtime(write_project(tmp_path / "project", broken), tmp_path / "run")

    async def start() -> str:
        await run.prepare()
        try:
            with pytest.raises(StackProblem) as caught:
                await run.up(60)
            return str(caught.value)
        finally:
            assert not await run.down()

    explained = asyncio.run(start())
    assert "db: running, health unhealthy" in explained
    assert "Ready to accept connections" in explained
