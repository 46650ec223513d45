"""The Debian 13 image that built images start from.

It is pulled if a registry answers, and otherwise made from this machine's package mirror.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from chaos.errors import EnvironmentProblem
from chaos.setup.build import Surroundings, build_image
from chaos.setup.commands import APT, MISSING, CommandRunner, must
from chaos.setup.engine import Say
from chaos.setup.fingerprint import fingerprint
from chaos.setup.held import held_images
from chaos.setup.machine import Machine, debian_mirror
from chaos.setup.manifest import OWN_CONTEXTS
from chaos.setup.registry_probe import Probe

DEBIAN = "debian:trixie-slim"
BASE = "gameday/base:trixie"
BASE_CONTEXT = OWN_CONTEXTS / "base"


def ensure_base(machine: Machine, around: Surroundings, run: CommandRunner, probe: Probe, say: Say) -> None:
    """Build ``BASE``, unless it exists and its folder has not changed.

    Raises EnvironmentProblem if there is no way to get Debian, ToolProblem if a command fails.
    """
    content = fingerprint([BASE_CONTEXT])
    held = held_images([BASE, DEBIAN], run)
    if BASE in held and held[BASE].content == content:
        return
    if DEBIAN not in held:
        answer = probe(DEBIAN)
        if answer.answers:
            say(f"pulling {DEBIAN}")
            must(run(["docker", "pull", "-q", DEBIAN], timeout=600), f"pulling {DEBIAN}")
        else:
            bootstrap(machine, run, say)
    build_image(BASE, BASE_CONTEXT, content, around, run)


def bootstrap(machine: Machine, run: CommandRunner, say: Say) -> None:
    """Makes ``DEBIAN`` with debootstrap from this machine's mirror, in about 24 s.

    Raises EnvironmentProblem unless this is Debian and the user is root, ToolProblem if a command fails.
    """
    mirror = debian_mirror(machine, run)
    if mirror is None or not machine.is_root:
        raise EnvironmentProblem(
            f"no registry answers, and gameday can build {DEBIAN} only on Debian, as root",
            f"pull {DEBIAN} elsewhere and load it here, or set IMAGE_REGISTRY to one you can reach",
        )
    say(f"making {DEBIAN} with debootstrap")
    if run(["debootstrap", "--version"]).code == MISSING:
        must(run(["apt-get", "update", "-qq"], timeout=300, env=APT), "apt-get update")
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "debootstrap"]
        must(run(install, timeout=300, env=APT), "installing debootstrap")
    with tempfile.TemporaryDirectory(prefix="gameday-base-") as name:
        root, archive = Path(name) / "root", Path(name) / "base.tar"
        must(
            run(["debootstrap", "--variant=minbase", "trixie", str(root), mirror], timeout=600), "debootstrap"
        )
        pack = [
            "tar",
            "-C",
            str(root),
            "--exclude=./var/cache/apt/archives/*.deb",
            "--exclude=./var/lib/apt/lists/*_*",
        ]
        must(run([*pack, "-cf", str(archive), "."], timeout=120), "packing the base")
        imported = [
            "docker",
            "import",
            "--change",
            'CMD ["bash"]',
            "--change",
            "LABEL gameday.image-source=build",
        ]
        must(run([*imported, str(archive), DEBIAN], timeout=120), f"importing {DEBIAN}")
