"""``gameday`` as a process of its own, for tests that interrupt it, kill it and look at what it left."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from chaos.adapters.engine_connection import connect
from chaos.adapters.labels import RUN_LABEL, SERVICE_LABEL
from chaos.journal import load_recording
from chaos.model.verdict import Verdict
from chaos.timeline.recording import Recording
from tests.engines import here
from tests.self_chaos.bounds import SIGNALLED
from tests.stack.judged import verdict_in

ROOT = Path(__file__).parents[2]
COUNTER = "examples/counter/scenarios/redis-down.yaml"
AFTER_INTERRUPT = SIGNALLED  # seconds within which an interrupted run is undone, judged and gone


@dataclass(frozen=True)
class Ended:
    """A harness that ended by itself, with its run folders in the order of their names."""

    code: int
    output: str
    folders: tuple[Path, ...]

    def verdict(self, scenario: str) -> Verdict:
        (folder,) = (path for path in self.folders if f"-{scenario}-" in path.name)
        return verdict_in(folder)

    def recording(self, scenario: str) -> Recording:
        (folder,) = (path for path in self.folders if f"-{scenario}-" in path.name)
        return load_recording(folder)


class Harness:
    """One ``gameday run``, or another command; its reports go to a folder of the test's own."""

    def __init__(self, reports: Path, *words: str, command: str = "run") -> None:
        self.reports = reports
        self._log = (reports.parent / "output.txt").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "chaos.cli", command, *words, "--reports", str(reports)],
            cwd=ROOT,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        atexit.register(self._end_with_the_tests)

    def _end_with_the_tests(self) -> None:
        """Somebody interrupted the tests, and a run of its own session knows nothing of that."""
        if self.process.poll() is None:
            self.interrupt()
            self.process.wait(AFTER_INTERRUPT)

    def end(self, within: float) -> Ended:
        """Wait for it; fails if it takes longer."""
        code = self.process.wait(within)
        self._log.seek(0)
        return Ended(code, self._log.read(), self.folders())

    def folders(self) -> tuple[Path, ...]:
        return tuple(sorted(path.parent for path in self.reports.glob("*/plan.json")))

    def run_id(self) -> str:
        """Of the only run that there is."""
        (folder,) = self.folders()
        return folder.name.rsplit("-", 1)[-1]

    def await_event(self, kind: str, within: float = 90.0, scenario: str = "", **fields: Any) -> None:
        """Until a journal, or that of this scenario, has an event of this kind with these fields."""

        @retry(
            stop=stop_after_delay(within),
            wait=wait_fixed(0.05),
            retry=retry_if_result(lambda found: not found),
        )
        def look() -> bool:
            assert self.process.poll() is None, f"the harness ended with {self.process.returncode}"
            return any(
                event["event"] == kind and all(event.get(name) == value for name, value in fields.items())
                for path in self.reports.glob(f"*{scenario}*/journal.jsonl")
                for event in map(json.loads, path.read_text().splitlines(keepends=False)[:-1])
            )

        look()

    def await_container(self, within: float = 60.0) -> None:
        """Until the first container of the run exists: the start is under way."""

        @retry(
            stop=stop_after_delay(within),
            wait=wait_fixed(0.02),
            retry=retry_if_result(lambda found: not found),
        )
        def look() -> list[str]:
            return belongings(self.run_id()) if self.folders() else []

        look()

    def await_line(self, words: str, within: float = 30.0) -> None:
        """Until it has printed these words."""

        @retry(
            stop=stop_after_delay(within),
            wait=wait_fixed(0.02),
            retry=retry_if_result(lambda found: not found),
        )
        def look() -> bool:
            return words in (self.reports.parent / "output.txt").read_text()

        look()

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> None:
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)


def belongings(run_id: str) -> list[str]:
    """Names of all that carries the run's label: containers in any state, networks, volumes."""
    api = connect(here()).api
    label = {"label": f"{RUN_LABEL}={run_id}"}
    return [
        *(body["Names"][0] for body in api.containers(all=True, filters=label) if body.get("Names")),
        *(body["Name"] for body in api.networks(filters=label)),
        *(body["Name"] for body in api.volumes(filters=label).get("Volumes") or ()),
    ]


def remove_container(run_id: str, service: str) -> None:
    """What no fault kind does: take a run's container away for good."""
    label = [f"{RUN_LABEL}={run_id}", f"{SERVICE_LABEL}={service}"]
    (container,) = connect(here()).containers.list(filters={"label": label}, all=True)
    container.remove(force=True)


def await_gone(run_id: str, within: float) -> None:
    """Until nothing of the run is left; fails with what is still there."""

    @retry(
        stop=stop_after_delay(within),
        wait=wait_fixed(0.2),
        retry=retry_if_result(bool),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else ["?"],
    )
    def look() -> list[str]:
        return belongings(run_id)

    assert look() == [], f"still there after {within:g} s"


def gameday(*words: str) -> subprocess.CompletedProcess[str]:
    """Any other command, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "chaos.cli", *words], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
