"""The commands of the runbooks, typed into a stack in that fault: each shows it, or ends it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.runbook_commands import Block, When, blocks_of, numbered
from tests.stack.reference import STACK, ReferenceStack, wait_for
from tests.stack.runbook_faults import FAULTS, SAMPLE

pytestmark = pytest.mark.containers
PROFILES = "nlp,channels"
FEEDS = "cabin-luna=http://channels:8080/ical/cabin-luna.ics"
PUBLISHED = {"8000": "api", "8080": "pms", "8081": "nlp", "8082": "channels", "9090": "prometheus"}
INSIDE = {"8000": "8000", "8080": "8080", "8081": "8080", "8082": "8080", "9090": "9090"}
NOWHERE = "127.0.0.1:9"  # of a service whose container does not run
SHOWS, RECOVERS = 40.0, 60.0  # seconds within which a fault shows, and a resolution has an effect
CHOSEN = FAULTS if os.environ.get("RUNBOOKS") == "all" else SAMPLE


@dataclass(frozen=True)
class Typed:
    code: int
    output: str


class Terminal:
    """A shell in `stack/`, whose `docker compose` means the test's own copy of the stack."""

    def __init__(self, stack: ReferenceStack) -> None:
        self._stack = stack

    def type(self, commands: str, timeout: float = 120) -> Typed:
        """The commands, all of which must succeed one after the other; addresses are those of the copy."""
        done = subprocess.run(
            ["bash", "-c", "set -euo pipefail\n" + self._own_addresses(commands)],
            cwd=STACK,
            env={**os.environ, **self._stack.environment(), "COMPOSE_PROFILES": PROFILES},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Typed(done.returncode, done.stdout + done.stderr)

    def _own_addresses(self, commands: str) -> str:
        """Only where the host asks: within a container the addresses are right as they are."""
        return "\n".join(
            re.sub(r"127\.0\.0\.1:(\d+)", self._address, line) if "curl " in line else line
            for line in commands.splitlines()
        )

    def _address(self, found: re.Match[str]) -> str:
        port = found[1]
        asked = self._stack.try_compose("port", PUBLISHED[port], INSIDE[port])
        return asked.stdout.strip() or NOWHERE


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    folder = tmp_path_factory.mktemp("stack")
    stack = ReferenceStack(folder, defect="${DEFECT:-}", ICAL_FEEDS=FEEDS, ICAL_INTERVAL_SECONDS="1")
    try:
        stack.up(*(word for profile in PROFILES.split(",") for word in ("--profile", profile)))
        yield Terminal(stack)
    finally:
        stack.down()


def cases() -> list[tuple[str, str]]:
    """(runbook, fault), in the order of the runbooks."""
    found = [(block.runbook, block.fault) for path in numbered() for block in blocks_of(path)]
    return [case for case in dict.fromkeys(found) if case[1] in CHOSEN]


@pytest.mark.parametrize(("runbook", "fault"), cases())
def test_the_commands_show_the_fault_and_end_it(terminal: Terminal, runbook: str, fault: str) -> None:
    (path,) = (path for path in numbered() if path.stem == runbook)
    try:
        for command in FAULTS[fault].cause:
            caused = terminal.type(command)
            assert caused.code == 0, f"{command}\n{caused.output}"
        for block in (block for block in blocks_of(path) if block.fault == fault):
            follow(terminal, block)
    finally:
        for command in FAULTS[fault].clear:
            assert terminal.type(command).code == 0, command
        wait_for("the stack is ready again", lambda: ready(terminal), RECOVERS)


def follow(terminal: Terminal, block: Block) -> None:
    """What the runbook says of this block comes true."""
    if block.when is When.ENDS:
        done = terminal.type(block.commands)
        assert done.code == 0, f"{block.commands}\n{done.output}"
        return

    def shown() -> None:
        output = terminal.type(block.commands).output
        assert re.search(block.shows, output, re.MULTILINE), f"{block.shows} is not in\n{output}"

    wait_for(block.commands, shown, SHOWS if block.when is When.WHILE else RECOVERS)


def ready(terminal: Terminal) -> None:
    answer = terminal.type("curl -s -m 5 http://127.0.0.1:8000/health/ready").output
    assert '"status":"ready"' in answer, answer
