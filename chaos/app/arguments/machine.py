"""The arguments of the commands about this machine."""

from __future__ import annotations

from pathlib import Path

from chaos.app import verbs as commands
from chaos.app.arguments.shared import AddVerb


def add_machine_verbs(add: AddVerb) -> None:
    """``doctor``, ``images``, ``clean`` and the like."""
    doctor = add("doctor", commands.doctor, "check this machine; each finding comes with its fix")
    doctor.add_argument(
        "--fix", action="store_true", help="install and start what is missing (Debian/Ubuntu as root)"
    )
    doctor.add_argument("--quiet", action="store_true", help="print only what is not ok")
    images = add("images", commands.images, "get the images of a stack: pull them, or build them here")
    images.add_argument(
        "--source", choices=["auto", "registry", "build"], help="default: auto, or what was used last"
    )
    images.add_argument(
        "stacks", nargs="*", type=Path, metavar="STACK", help="folder or name of a stack (default: all below)"
    )
    clean = add("clean", commands.clean, "remove what is left of runs whose gameday process has ended")
    clean.add_argument("--all", action="store_true", help="also of runs that are still going on")
