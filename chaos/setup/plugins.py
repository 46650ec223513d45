"""Finds Compose and buildx, and installs them if they are missing or too old."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chaos.errors import EnvironmentProblem
from chaos.setup.commands import APT, CommandRunner, must
from chaos.setup.machine import Machine, debian_mirror

Version = tuple[int, ...]

COMPOSE_AT_LEAST: Version = (2, 24, 4)  # the first with `!override`, which gameday needs to insert proxies
PLUGIN_FOLDER = Path("/usr/libexec/docker/cli-plugins")
# Debian 13's plugins are single binaries that also run on Debian 12, whose own archive has none.
DEBIAN_WITH_PLUGINS = "trixie"
PACKAGES = ("docker-compose", "docker-buildx")


@dataclass(frozen=True)
class Plugins:
    """The installed versions; None for a plugin that is missing."""

    compose: Version | None
    buildx: Version | None

    @property
    def good(self) -> bool:
        return self.compose is not None and self.compose >= COMPOSE_AT_LEAST and self.buildx is not None


def parse_version(text: str) -> Version | None:
    """The first dotted number in ``text``: ``"Docker Compose version v2.26.1-4"`` -> ``(2, 26, 1)``; None if
    there is none.
    """
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(part or 0) for part in found.groups()) if found else None


def show_version(version: Version) -> str:
    return ".".join(str(part) for part in version)


def find_plugins(run: CommandRunner) -> Plugins:
    """The versions that `docker compose` and `docker buildx` print."""
    compose = run(["docker", "compose", "version", "--short"], timeout=20)
    buildx = run(["docker", "buildx", "version"], timeout=20)
    return Plugins(
        parse_version(compose.out) if compose.ok else None, parse_version(buildx.out) if buildx.ok else None
    )


def ensure_plugins(machine: Machine, run: CommandRunner, say: Callable[[str], None]) -> Plugins:
    """Installs plugins that are missing or too old, as root on Debian or Ubuntu, and returns the versions.

    Raises EnvironmentProblem where it cannot, ToolProblem if a command fails.
    """
    found = find_plugins(run)
    if found.good:
        return found
    if not (machine.has_apt and machine.is_root):
        raise EnvironmentProblem(
            f"Docker Compose {show_version(COMPOSE_AT_LEAST)} or newer and buildx are needed",
            "install the docker-compose-plugin and docker-buildx-plugin packages, or update Docker Desktop",
        )
    _install_from_own_release(machine, run, say)
    found = find_plugins(run)
    if not found.good:
        _copy_from_debian_13(machine, run, say)
        found = find_plugins(run)
    if not found.good:
        raise EnvironmentProblem(
            f"Docker Compose {show_version(COMPOSE_AT_LEAST)} or newer and buildx could not be installed",
            "install the docker-compose-plugin and docker-buildx-plugin packages by hand",
        )
    return found


def _install_from_own_release(machine: Machine, run: CommandRunner, say: Callable[[str], None]) -> None:
    """Installs the packages of the distribution if all of them are new enough.

    The docker-compose of Debian 12 is not: it is version 1.
    """
    names = ("docker-compose-v2", "docker-buildx") if machine.family == "ubuntu" else PACKAGES
    new_enough = []
    for name in names:
        candidate = re.search(r"Candidate:\s*(\S+)", run(["apt-cache", "policy", name]).out)
        version = parse_version(candidate.group(1)) if candidate else None
        if version and (name == "docker-buildx" or version >= COMPOSE_AT_LEAST):
            new_enough.append(name)
    if len(new_enough) == len(names):
        say(f"installing {' and '.join(names)}")
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names]
        must(run(install, timeout=300, env=APT), f"installing {' '.join(names)}")


def _copy_from_debian_13(machine: Machine, run: CommandRunner, say: Callable[[str], None]) -> None:
    """Copies the two binaries from the packages of Debian 13, without changing the machine's apt sources.

    Does nothing if the machine has no Debian mirror.
    """
    mirror = debian_mirror(machine, run)
    if mirror is None:
        return
    say("fetching Compose and buildx from Debian 13")
    with tempfile.TemporaryDirectory(prefix="gameday-plugins-") as name:
        folder = Path(name)
        options = own_apt(folder, mirror)
        must(
            run(["apt-get", *options, "update", "-qq"], timeout=300, env=APT),
            "reading Debian 13's package list",
        )
        fetch = ["apt-get", *options, "download", "-qq", *PACKAGES]
        must(run(fetch, timeout=300, env=APT, cwd=folder), "fetching Compose and buildx")
        PLUGIN_FOLDER.mkdir(parents=True, exist_ok=True)
        for package in sorted(folder.glob("*.deb")):
            must(run(["dpkg-deb", "-x", str(package), str(folder / "unpacked")]), f"unpacking {package.name}")
        for binary in sorted((folder / "unpacked" / PLUGIN_FOLDER.relative_to("/")).iterdir()):
            shutil.copy2(binary, PLUGIN_FOLDER / binary.name)


def own_apt(folder: Path, mirror: str) -> list[str]:
    """Options with which apt reads Debian 13 from ``mirror`` only, and keeps its lists under ``folder``."""
    (folder / "lists" / "partial").mkdir(parents=True)
    (folder / "cache" / "archives" / "partial").mkdir(parents=True)
    (folder / "status").touch()
    source = folder / "sources.list"
    source.write_text(f"deb {mirror} {DEBIAN_WITH_PLUGINS} main\n", encoding="utf-8")
    settings = {
        "Dir::Etc::sourcelist": source,
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root",  # the folder is private to root
    }
    return [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]
