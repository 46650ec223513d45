"""Finds the Docker engine, and starts one on a machine that has none.

gameday uses a running engine as it is (``DOCKER_HOST``, Docker contexts, the socket). It installs and starts
one only on Debian or Ubuntu, as root. That engine keeps running after gameday has ended.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from chaos.engine import EngineAddress, EngineSource
from chaos.errors import EnvironmentProblem, ToolProblem, foreign_errors
from chaos.setup.commands import APT, MISSING, CommandRunner, must
from chaos.setup.machine import Machine
from chaos.setup.processor_share import CONTROL_GROUPS, raise_share_of_containers

Say = Callable[[str], None]

LOG = Path("/var/log/gameday-dockerd.log")
# dockerd and its containerd refuse to start if any running program has the number in the pid file.
PID_FILES = (
    (Path("/var/run/docker.pid"), "dockerd"),
    (Path("/var/run/docker/containerd/containerd.pid"), "containerd"),
)
SYSTEMD = Path("/run/systemd/system")  # exists where systemd is running
POLL = 0.3  # seconds between two attempts to reach dockerd
START_DEADLINE = 60.0  # seconds from the start of dockerd to its first answer; usually 2


@dataclass(frozen=True)
class Engine:
    """An engine that answered. ``root``: its data folder. ``identity``: the ID that `docker info` prints.

    ``cpus`` and ``memory`` (bytes) are those of the engine: under Docker Desktop those of a VM.
    """

    address: EngineAddress
    version: str
    identity: str
    root: str
    cpus: int
    memory: int


def find_engine(run: CommandRunner, address: EngineAddress) -> Engine | None:
    """The engine at ``address`` if it answers within 10 s, else None. ``run`` must make ``docker`` use it.

    Raises ToolProblem if `docker info` prints something that gameday cannot read.
    """
    answer = run(["docker", "info", "--format", "{{json .}}"], timeout=10)
    if not answer.ok:
        return None
    try:
        info = json.loads(answer.out)
    except ValueError as problem:
        raise ToolProblem(f"`docker info` did not print JSON: {answer.last_lines(2)}") from problem
    with foreign_errors("`docker info` printed something that cannot be read"):
        # `docker info` ends with 0 and lists ServerErrors when no engine answers.
        if not info.get("ServerVersion"):
            return None
        return Engine(
            address=address,
            version=str(info["ServerVersion"]),
            identity=str(info.get("ID", "")),
            root=str(info.get("DockerRootDir", "")),
            cpus=int(info.get("NCPU", 0)),
            memory=int(info.get("MemTotal", 0)),
        )


def program_of(pid: int, proc: Path = Path("/proc")) -> str:
    """Name of the running program with this process id; "" if there is none or it is a zombie."""
    try:
        status = (proc / str(pid) / "status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    return "" if fields.get("State", "").startswith("Z") else fields.get("Name", "").strip()


def drop_stale_pid_file(pid_file: Path, program: str, proc: Path = Path("/proc")) -> bool:
    """Removes ``pid_file`` unless it names a running ``program``. True if it was removed."""
    try:
        text = pid_file.read_text(encoding="utf-8").strip()
    except OSError:
        return False
    if text.isdigit() and program_of(int(text), proc) == program:
        return False
    pid_file.unlink(missing_ok=True)
    return True


def install_engine(machine: Machine, run: CommandRunner, say: Say) -> None:
    """Installs the engine of the distribution. Needs apt and root. Raises ToolProblem if a command fails."""
    say("installing the Docker engine (docker.io)")
    must(run(["apt-get", "update", "-qq"], timeout=300, env=APT), "apt-get update")
    # Up to Debian 12 the client is in docker.io; later it is a separate package.
    known = run(["apt-cache", "pkgnames", "docker"]).out.split()
    packages = [name for name in ("docker.io", "docker-cli") if name in known]
    install = [
        "apt-get",
        "install",
        "-y",
        "-qq",
        "--no-install-recommends",
        *packages,
        "iptables",
        "ca-certificates",
    ]
    must(run(install, timeout=600, env=APT), "installing docker.io")


def start_engine(run: CommandRunner, say: Say, address: EngineAddress, log: Path = LOG) -> Engine:
    """Starts dockerd, with systemd where that is running, and waits for its first answer.

    Raises EnvironmentProblem if dockerd ends or does not answer within ``START_DEADLINE``, ToolProblem if
    systemctl fails.
    """
    for pid_file, program in PID_FILES:
        if drop_stale_pid_file(pid_file, program):
            say(f"removed {pid_file}: it does not name a running {program}")
    process: subprocess.Popen[bytes] | None = None
    if SYSTEMD.is_dir():
        must(run(["systemctl", "start", "docker"], timeout=90), "systemctl start docker")
    elif PID_FILES[0][0].exists():
        say("dockerd is already starting")
    else:
        say(f"starting dockerd (log: {log})")
        with log.open("ab") as out:
            # In a new session, so that neither Ctrl-C in this terminal nor its end stops the engine.
            process = subprocess.Popen(
                ["dockerd"],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def answer() -> Engine | None:
        engine = find_engine(run, address)
        if engine is None and process is not None and process.poll() is not None:
            raise EnvironmentProblem(f"dockerd ended with {process.returncode}:\n{_tail(log)}", f"read {log}")
        return engine

    waiting = Retrying(
        retry=retry_if_result(lambda engine: engine is None),
        stop=stop_after_delay(START_DEADLINE),
        wait=wait_fixed(POLL),
        retry_error_callback=lambda _: None,
    )
    engine: Engine | None = waiting(answer)
    if engine is None:
        raise EnvironmentProblem(
            f"no answer from dockerd after {START_DEADLINE:g} s:\n{_tail(log)}",
            f"read {log}, then `gameday doctor --fix`",
        )
    if process is not None and not raise_share_of_containers(CONTROL_GROUPS):
        say("containers weigh no more than one process: stacks side by side may disturb one another")
    return engine


def how_to_get_an_engine(machine: Machine) -> str:
    """What a user without a running engine should do, in one line."""
    if machine.family == "darwin":
        return "start Docker Desktop (or Colima), then try again"
    if machine.has_apt:
        return "`gameday doctor --fix` as root installs and starts one; or join the group docker"
    return "install Docker Engine for your distribution and start it, then try again"


def ensure_engine(machine: Machine, run: CommandRunner, say: Say, address: EngineAddress) -> Engine:
    """The running engine, or one that this call installs and starts.

    Raises EnvironmentProblem with a fix if neither is possible, ToolProblem if a command fails.
    """
    engine = find_engine(run, address)
    if engine is not None:
        return engine
    if address.source is not EngineSource.DEFAULT:
        raise EnvironmentProblem(
            f"no Docker engine answers at {address}", f"start that engine, or unset {address.source}"
        )
    if not (machine.has_apt and machine.is_root):
        raise EnvironmentProblem("no Docker engine answers", how_to_get_an_engine(machine))
    if MISSING in (run(["dockerd", "--version"]).code, run(["docker", "--version"]).code):
        install_engine(machine, run, say)
        # The package may have started it.
        engine = find_engine(run, address)
        if engine is not None:
            return engine
    return start_engine(run, say, address)


def _tail(log: Path, lines: int = 6) -> str:
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return f"({log} cannot be read)"
