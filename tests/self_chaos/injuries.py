"""What is done to a run of gameday, one function a kind. Each leaves the machine as it was: see ``heal``."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from chaos.adapters.engine_connection import connect
from chaos.adapters.labels import RUN_LABEL, SERVICE_LABEL
from tests.engines import here
from tests.self_chaos.engine_proxy import EngineProxy

COUNTER = "examples/counter/scenarios/redis-down.yaml"
REFERENCE = "scenarios/pms/pms-down.yaml"  # with alerts and a breaker: Prometheus is needed
DISK_BYTES = 400 * 2**20
BACK_AFTER = 6.0  # seconds for which the engine is gone where it comes back


class TooLateError(Exception):
    """The run had ended, or what was to be injured was gone."""


@dataclass
class Target:
    """The run that is injured: its processes, its folders, and what stands around it for this trial."""

    process: psutil.Popen
    reports: Path
    engine: EngineProxy | None = None
    clock: Path | None = None
    facts: dict[str, str] = field(default_factory=dict)

    def children(self, module: str) -> list[psutil.Process]:
        """Processes of the run that execute a module."""
        with suppress(psutil.NoSuchProcess):
            return [p for p in self.process.children(recursive=True) if module in " ".join(_command(p))]
        return []

    def run_folder(self) -> Path:
        """Raises ``TooLateError``, which also says that it is too early: there is none."""
        found = sorted(path.parent for path in self.reports.glob("*/plan.json"))
        if not found:
            raise TooLateError("the run has no folder")
        return found[-1]


@dataclass(frozen=True)
class Injury:
    """One kind. ``strike`` happens once, at the instant of the trial."""

    name: str
    strike: Callable[[Target], None]
    scenario: str = COUNTER
    needs: str = ""  # engine, clock or disk: what is put around the run before it starts
    again: Callable[[Target], None] | None = None  # what happens ``BACK_AFTER`` seconds later
    survivable: bool = False  # a run that was injured so may pass: nothing that the verdict needs is lost


def _command(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return list(process.cmdline())
    return []


def _signal(number: signal.Signals) -> Callable[[Target], None]:
    def strike(target: Target) -> None:
        if target.process.poll() is not None:
            raise TooLateError("the run had ended")
        target.process.send_signal(number)

    return strike


def _child(module: str) -> Callable[[Target], None]:
    def strike(target: Target) -> None:
        found = target.children(module)
        if not found:
            raise TooLateError(f"no process of the run executes {module}")
        for process in found:
            process.kill()

    return strike


def _container(service: str) -> Callable[[Target], None]:
    def strike(target: Target) -> None:
        run_id = target.run_folder().name.rsplit("-", 1)[-1]
        client = connect(here())
        found = client.containers.list(filters={"label": f"{RUN_LABEL}={run_id}"}, ignore_removed=True)
        chosen = [c for c in found if service in c.labels.get(SERVICE_LABEL, "") or service in c.name]
        if not chosen:
            raise TooLateError(f"the run has no container of {service}")
        for container in chosen:
            container.kill()

    return strike


def _stop_engine(target: Target) -> None:
    assert target.engine is not None
    target.engine.stop()


def _resume_engine(target: Target) -> None:
    assert target.engine is not None
    target.engine.resume()


def _step(seconds: float) -> Callable[[Target], None]:
    def strike(target: Target) -> None:
        assert target.clock is not None
        written = target.clock.with_suffix(".new")
        written.write_text(f"{seconds}", encoding="utf-8")
        written.replace(target.clock)

    return strike


def _fill_disk(target: Target) -> None:
    free = shutil.disk_usage(target.reports).free
    with (target.reports / ".full").open("wb") as stream, suppress(OSError):
        for _ in range(0, free, 2**20):
            stream.write(b"\0" * 2**20)


def _remove_folder(target: Target) -> None:
    shutil.rmtree(target.run_folder())


def mount_disk(folder: Path) -> None:
    """A small file system of its own for the reports. Needs root."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)], check=True)


def unmount_disk(folder: Path) -> None:
    """Also one that a process still uses."""
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


INJURIES: Mapping[str, Injury] = {
    injury.name: injury
    for injury in (
        Injury("SIGKILL", _signal(signal.SIGKILL)),
        Injury("SIGTERM", _signal(signal.SIGTERM)),
        Injury("SIGINT", _signal(signal.SIGINT)),
        Injury("engine gone", _stop_engine, needs="engine"),
        Injury("engine gone for 6 s", _stop_engine, needs="engine", again=_resume_engine, survivable=True),
        Injury("Prometheus killed", _container("prometheus"), scenario=REFERENCE),
        Injury("Toxiproxy killed", _container("toxiproxy")),
        Injury("load generator killed", _child("chaos.load.worker")),
        Injury("watchdog killed", _child("watchdog_process"), survivable=True),
        Injury("disk full", _fill_disk, needs="disk"),
        Injury("clock back 7 s", _step(-7.0), needs="clock", survivable=True),
        Injury("clock ahead 30 s", _step(30.0), needs="clock", survivable=True),
        Injury("clock back 7 s, with alerts", _step(-7.0), REFERENCE, needs="clock", survivable=True),
        Injury("run folder removed", _remove_folder),
    )
}


def environment(token: str, clock: Path | None, engine: EngineProxy | None) -> dict[str, str]:
    """Of the run: marked so that each of its processes can be found again wherever it is."""
    env = {**os.environ, "SELF_CHAOS_RUN": token, "PYTHONUNBUFFERED": "1"}
    if clock is not None:
        env["SELF_CHAOS_CLOCK"] = str(clock)
        path = (str(Path(__file__).parent / "stepped_clock"), env.get("PYTHONPATH", ""))
        env["PYTHONPATH"] = os.pathsep.join(filter(None, path))
    if engine is not None:
        env["DOCKER_HOST"] = engine.host
    return env
