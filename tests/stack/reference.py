"""Starts the reference stack for tests: its own project and ports, short times, nothing left afterwards."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import yaml
from tenacity import RetryError, Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

STACK = Path(__file__).parents[2] / "stack"
PORTS = {
    **{"api": 8000, "pms": 8080, "prometheus": 9090, "alertmanager": 9093, "redis_exporter": 9121},
    **{
        "nlp": 8080,
        "channels": 8080,
        "notifications": 8080,
        "pms-backup": 8080,
        "postgres_exporter": 9187,
        "replica_exporter": 9187,
    },
}
UNPUBLISHED = ("postgres", "replica", "redis")
# Short enough for a test, long enough for half-open to be seen.
FAST = {
    "PMS_BREAKER_RESET_SECONDS": "1",
    "PMS_BREAKER_PROBATION_SECONDS": "1",
    "CACHE_TTL_SECONDS": "1",
    "QUEUE_DRAIN_SECONDS": "0.5",
    "AUDIT_SECONDS": "0.5",
}
STAY = {"room_type": "double", "check_in": "2031-03-03", "check_out": "2031-03-05"}
PMS_KEY = {"Authorization": "Bearer pms-demo-key"}


class Awaited(AssertionError):
    """A condition that did not come true in time."""


def wait_for(what: str, condition: Callable[[], None], seconds: float = 20) -> None:
    """Ask until `condition` raises no AssertionError and no connection error; the last one is raised."""
    often = Retrying(
        stop=stop_after_delay(seconds),
        wait=wait_fixed(0.1),
        retry=retry_if_exception_type((AssertionError, httpx.TransportError)),
    )
    try:
        often(condition)
    except RetryError as error:
        last = error.last_attempt.exception()
        raise Awaited(f"{what}: not within {seconds:g} s; last seen: {last!r}") from last


class ReferenceStack:
    """One running copy of the stack. `down` removes it with its volumes."""

    def __init__(self, folder: Path, defect: str = "", **variables: str) -> None:
        """`variables` of the API, beside those that make it quick."""
        self.project = f"agente-test-{uuid.uuid4().hex[:8]}"
        override = folder / "override.yml"
        override.write_text(_override(defect, variables))
        files = ["-f", str(STACK / "docker-compose.yml"), "-f", str(override)]
        self._compose = ["docker", "compose", "-p", self.project, *files]

    def environment(self) -> dict[str, str]:
        """With it a plain `docker compose` means this copy."""
        files = [word for word in self._compose if word.endswith(".yml")]
        return {"COMPOSE_PROJECT_NAME": self.project, "COMPOSE_FILE": ":".join(files)}

    def up(self, *options: str, services: Sequence[str] = ()) -> None:
        """All services without a profile, or `services`. `options` are Compose's own, such as --profile."""
        images = [str(Path(sys.executable).parent / "gameday"), "images", str(STACK)]
        subprocess.run(images, check=True, timeout=900, cwd=STACK.parent)
        self.compose(*options, "up", "-d", "--wait", "--wait-timeout", "120", *services)

    def down(self) -> None:
        self.compose("--profile", "*", "down", "--volumes", "--timeout", "2", "--remove-orphans")

    def compose(self, *words: str) -> str:
        done = self.try_compose(*words)
        assert done.returncode == 0, f"compose {' '.join(words)}: {done.stderr[-2000:]}"
        return done.stdout

    def try_compose(self, *words: str) -> subprocess.CompletedProcess[str]:
        """For a command whose exit code says something."""
        return subprocess.run(
            [*self._compose, *words], capture_output=True, text=True, timeout=180, check=False
        )

    def docker(self, verb: str, service: str) -> None:
        """`docker kill api` and the like."""
        subprocess.run(
            ["docker", verb, f"{self.project}-{service}-1"], check=True, timeout=60, capture_output=True
        )

    def docker_volume_rm(self, volume: str) -> None:
        name = f"{self.project}_{volume}"
        subprocess.run(["docker", "volume", "rm", name], check=True, timeout=60, capture_output=True)

    def url(self, service: str) -> str:
        """Asked anew each time: a container that was started again has another port."""
        return "http://" + self.compose("port", service, str(PORTS[service])).strip()


def _override(defect: str, variables: dict[str, str]) -> str:
    def published(port: int) -> Any:
        return _Override([f"127.0.0.1::{port}"])

    services: dict[str, Any] = {name: {"ports": published(port)} for name, port in PORTS.items()}
    services |= {name: {"ports": _Override([])} for name in UNPUBLISHED}
    services["api"]["environment"] = {**FAST, **variables, "DEFECT": defect}
    return yaml.dump({"services": services}, Dumper=_Dumper)


class _Override(list[str]):
    """A list that replaces the one of the compose file."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(_Override, lambda dumper, value: dumper.represent_sequence("!override", value))


class Guest:
    """The API as a guest's program calls it, and what Prometheus would read of it."""

    def __init__(self, base_url: str) -> None:
        # Whoever waits longer than this has met a hang: every time-out of the API is 2 s or less.
        self.http = httpx.Client(base_url=base_url, timeout=httpx.Timeout(6, connect=2))

    def ask(self) -> httpx.Response:
        return self.http.get("/availability", params=STAY)

    def book(self) -> httpx.Response:
        key = uuid.uuid4().hex
        wish = {**STAY, "room": f"T-{key[:12]}", "guest": "A. Guest"}
        return self.http.post("/reservations", json=wish, headers={"Idempotency-Key": key})

    def ready(self) -> httpx.Response:
        return self.http.get("/health/ready")

    def metric(self, name: str) -> float:
        for line in self.http.get("/metrics").text.splitlines():
            if line.startswith(f"{name} "):
                return float(line.split()[1])
        raise AssertionError(f"no metric {name}")
