"""Checks every requirement of a run on this machine, and says in one line how to meet it."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from chaos.engine import local_engine
from chaos.errors import EnvironmentProblem
from chaos.setup.commands import CommandRunner, on_engine, run_program
from chaos.setup.engine import Engine, Say, ensure_engine, find_engine, how_to_get_an_engine
from chaos.setup.machine import CaBundle, Machine, find_ca_bundle, this_machine
from chaos.setup.plugins import COMPOSE_AT_LEAST, Plugins, ensure_plugins, find_plugins, show_version

GIB = 1024**3
# The images of the reference stack take 1.9 GiB, a build cache as much again, a run's volumes 0.2 GiB.
DISK_AT_LEAST = 5 * GIB
# One stack of eight containers takes 0.7 GiB; the harness with its load process 0.3 GiB.
MEMORY_AT_LEAST = 2 * GIB
FIXABLE = frozenset({"engine", "compose", "buildx"})  # the requirements that `fix` can meet
PORTS_AT_LEAST = 20  # published by one run: services, proxies and their control


@dataclass(frozen=True)
class Requirement:
    """One requirement. ``found``: what is there. ``fix``: what to do if it is not met, in one line."""

    name: str
    ok: bool
    found: str
    fix: str = ""

    def __str__(self) -> str:
        line = f"{'ok    ' if self.ok else 'not ok'}  {self.name:<8} {self.found}"
        return line if self.ok else f"{line}\n        fix: {self.fix}"


def diagnose(
    folder: Path,
    *,
    run: CommandRunner | None = None,
    machine: Machine | None = None,
    env: Mapping[str, str] = os.environ,
) -> tuple[Requirement, ...]:
    """All requirements, met or not. ``folder``: where reports are written. Changes nothing.

    Raises ToolProblem if `docker info` prints something that gameday cannot read.
    """
    machine = machine or this_machine()
    try:
        address = local_engine(env)
        run = run or on_engine(address, env)
        engine = find_engine(run, address)
        engine_finding = judge_engine(engine, machine)
    except EnvironmentProblem as problem:
        run = run or partial(run_program, base=env)
        engine, engine_finding = None, Requirement("engine", False, str(problem).splitlines()[0], problem.fix)
    return (
        judge_python(sys.version_info[:3]),
        engine_finding,
        *judge_plugins(find_plugins(run)),
        judge_disk(folder, free_bytes(folder)),
        *_engine_disk(engine),
        judge_memory(psutil.virtual_memory().available, engine),
        judge_ports(count_free_ports(PORTS_AT_LEAST)),
        judge_ca(find_ca_bundle(env)),
    )


def fix(
    *,
    run: CommandRunner | None = None,
    say: Say = print,
    machine: Machine | None = None,
    env: Mapping[str, str] = os.environ,
) -> Engine:
    """Installs and starts the engine and its plugins, if they are missing.

    Raises EnvironmentProblem with a fix where gameday cannot do that, ToolProblem if a command fails.
    """
    machine = machine or this_machine()
    address = local_engine(env)
    run = run or on_engine(address, env)
    engine = ensure_engine(machine, run, say, address)
    ensure_plugins(machine, run, say)
    return engine


def judge_python(version: tuple[int, ...]) -> Requirement:
    return Requirement("python", version >= (3, 11), show_version(version), "install Python 3.11 or newer")


def judge_engine(engine: Engine | None, machine: Machine) -> Requirement:
    if engine is None:
        return Requirement("engine", False, "no Docker engine answers", how_to_get_an_engine(machine))
    return Requirement("engine", True, f"{engine.version} at {engine.address}")


def judge_plugins(plugins: Plugins) -> tuple[Requirement, Requirement]:
    wanted = show_version(COMPOSE_AT_LEAST)
    compose, buildx = plugins.compose, plugins.buildx
    return (
        Requirement(
            "compose",
            compose is not None and compose >= COMPOSE_AT_LEAST,
            f"{show_version(compose) if compose else 'missing'} ({wanted} or newer is needed)",
            "`gameday doctor --fix` as root on Debian or Ubuntu, else update docker-compose-plugin",
        ),
        Requirement(
            "buildx",
            buildx is not None,
            show_version(buildx) if buildx else "missing",
            "`gameday doctor --fix` as root on Debian or Ubuntu, else install docker-buildx-plugin",
        ),
    )


def judge_disk(folder: Path, free: int) -> Requirement:
    return Requirement(
        "disk",
        free >= DISK_AT_LEAST,
        f"{free / GIB:.1f} GiB free at {folder} ({DISK_AT_LEAST / GIB:g} GiB is needed)",
        "free some space, for example with `docker image prune` or by deleting old folders under reports/",
    )


def judge_memory(available: int, engine: Engine | None) -> Requirement:
    """Judges the free memory of this machine, or all memory of the engine's virtual machine if it is less."""
    spare = min(available, engine.memory) if engine and engine.memory else available
    return Requirement(
        "memory",
        spare >= MEMORY_AT_LEAST,
        f"{spare / GIB:.1f} GiB to spare ({MEMORY_AT_LEAST / GIB:g} GiB is needed)",
        "close other programs, or give Docker Desktop's machine more memory",
    )


def judge_ports(free: int) -> Requirement:
    return Requirement(
        "ports",
        free >= PORTS_AT_LEAST,
        f"{free} of {PORTS_AT_LEAST} ports on 127.0.0.1 are free",
        "close programs that hold many connections, or widen net.ipv4.ip_local_port_range",
    )


def judge_ca(bundle: CaBundle | None) -> Requirement:
    if bundle is None:
        return Requirement(
            "ca",
            False,
            "no CA bundle found",
            "install ca-certificates, or point SSL_CERT_FILE at your bundle",
        )
    problem = bundle.problem()
    return Requirement(
        "ca", not problem, problem or str(bundle.path), "point SSL_CERT_FILE at a PEM file that exists"
    )


def free_bytes(folder: Path) -> int:
    """Free bytes of the file system on which ``folder`` is, or would be made. Raises OSError."""
    there = next(place for place in (folder, *folder.resolve().parents) if place.exists())
    return shutil.disk_usage(there).free


def count_free_ports(wanted: int, bind: Callable[[socket.socket], None] | None = None) -> int:
    """How many ports on 127.0.0.1 can be bound at the same time, up to ``wanted``."""
    take = bind or (lambda listener: listener.bind(("127.0.0.1", 0)))
    with ExitStack() as held:
        for taken in range(wanted):
            try:
                take(held.enter_context(socket.socket()))
            except OSError:
                return taken
    return wanted


def _engine_disk(engine: Engine | None) -> tuple[Requirement, ...]:
    """Judges the disk of the engine's data folder, if that is on this machine: not under Docker Desktop."""
    root = Path(engine.root) if engine and engine.root else None
    try:
        return (judge_disk(root, free_bytes(root)),) if root and root.is_dir() else ()
    except OSError:
        return ()
