"""Containers of a test: started, asked, and removed with it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from chaos.setup.commands import ProgramResult, must, run_program

DEADLINE = 30.0  # seconds for a container to answer


class NotYet(AssertionError):
    """The condition does not hold so far."""


def wait_until(condition: Callable[[], bool], awaited: str, within: float = DEADLINE) -> None:
    """Asks every 0.1 s until ``condition`` holds; fails after ``within`` seconds, saying what was awaited."""

    @retry(
        stop=stop_after_delay(within),
        wait=wait_fixed(0.1),
        retry=retry_if_exception_type(NotYet),
        reraise=True,
    )
    def ask() -> None:
        if not condition():
            raise NotYet(f"not within {within:g} s: {awaited}")

    ask()


@dataclass
class Box:
    """One running container."""

    identity: str

    def run(self, *argv: str, user: str = "") -> ProgramResult:
        return run_program(["docker", "exec", *(["-u", user] if user else []), self.identity, *argv])

    def out(self, *argv: str) -> str:
        return must(self.run(*argv), " ".join(argv)).out.strip()

    def inspect(self) -> dict[str, object]:
        shown = must(run_program(["docker", "inspect", self.identity]), "docker inspect")
        state: dict[str, object] = json.loads(shown.out)[0]["State"]
        return state

    def logs(self) -> str:
        shown = run_program(["docker", "logs", self.identity])
        return shown.out + shown.err

    def url(self, port: int) -> str:
        shown = must(run_program(["docker", "port", self.identity, f"{port}/tcp"]), "docker port")
        return f"http://{shown.out.split()[0]}"

    def stop(self) -> int:
        must(run_program(["docker", "stop", "-t", "20", self.identity]), "docker stop")
        code = self.inspect()["ExitCode"]
        assert isinstance(code, int)
        return code

    def start_again(self) -> None:
        must(run_program(["docker", "start", self.identity]), "docker start")

    def answers(self, port: int, path: str) -> bool:
        try:
            return httpx.get(self.url(port) + path, timeout=2).is_success
        except httpx.TransportError:
            return False


@dataclass
class Boxes:
    """Starts containers on one network of its own; ``close`` removes all of it."""

    network: str = field(default_factory=lambda: f"gameday-test-{uuid.uuid4().hex[:10]}")
    started: list[str] = field(default_factory=list)

    def open(self) -> None:
        must(run_program(["docker", "network", "create", self.network]), "docker network create")

    def close(self) -> None:
        if self.started:
            run_program(["docker", "rm", "-f", "-v", *self.started])
        run_program(["docker", "network", "rm", self.network])

    def start(
        self,
        image: str,
        *command: str,
        name: str = "",
        env: dict[str, str] | None = None,
        ports: tuple[int, ...] = (),
        mounts: dict[Path, str] | None = None,
        entrypoint: str = "",
    ) -> Box:
        options = ["--network", self.network, "--pull", "never"]
        options += ["--network-alias", name] if name else []
        options += ["--entrypoint", entrypoint] if entrypoint else []
        for key, value in (env or {}).items():
            options += ["-e", f"{key}={value}"]
        for port in ports:
            options += ["-p", f"127.0.0.1::{port}"]
        for source, target in (mounts or {}).items():
            options += ["-v", f"{source}:{target}:ro"]
        done = must(run_program(["docker", "run", "-d", *options, image, *command]), f"starting {image}")
        self.started.append(done.out.strip())
        return Box(done.out.strip())

    def once(
        self, image: str, *command: str, env: dict[str, str] | None = None, entrypoint: str = ""
    ) -> ProgramResult:
        """Runs ``command`` in a container of its own to its end."""
        options = [word for key, value in (env or {}).items() for word in ("-e", f"{key}={value}")]
        options += ["--entrypoint", entrypoint] if entrypoint else []
        return run_program(
            ["docker", "run", "--rm", "--pull", "never", "--network", self.network, *options, image, *command]
        )


@contextmanager
def boxes() -> Iterator[Boxes]:
    opened = Boxes()
    opened.open()
    try:
        yield opened
    finally:
        opened.close()
