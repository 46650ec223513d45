"""Off-site storage of a run: folders in the run folder to which volumes of the stack are bound.

They outlive every container, network and volume of the run, even if those are removed by hand.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from docker import DockerClient

from chaos.adapters.engine_connection import engine_errors
from chaos.adapters.overlay.compose_file import ComposeFile
from chaos.errors import BadInput, GamedayError, Problem
from chaos.files import make_folder
from chaos.model.stack import Stack

OFFSITE = "offsite"  # the folder's name in the run folder
_INSIDE = "/offsite"


def offsite_folders(stack: Stack, read: ComposeFile, home: Path) -> dict[str, str]:
    """Make a folder below ``home`` for each off-site volume; volume -> its folder.

    Every user may write there: the users inside the containers are unknown on this machine.
    """
    unknown = [name for name in stack.offsite if not read.volumes.get(name)]
    if unknown:
        message = f"offsite: the compose file has no volume {', '.join(unknown)} of its own"
        known = f"there are: {', '.join(name for name, own in read.volumes.items() if own) or 'none'}"
        raise BadInput([Problem.about(stack.compose, message, known)])
    folders = {name: home / name for name in stack.offsite}
    for folder in folders.values():
        make_folder(folder, mode=0o777)
    return {name: str(folder) for name, folder in folders.items()}


def discard(home: Path, read: ComposeFile, labels: Mapping[str, str], client: DockerClient) -> str:
    """Delete ``home`` and everything below it. Returns why it remains, or "".

    A container deletes files of users that exist only in containers; its image is one that wrote them.
    """
    try:
        if _deleted(home):
            return ""
        for image in _images(read, [folder.name for folder in home.iterdir()]):
            if _emptied(home, image, labels, client) and _deleted(home):
                return ""
    except (OSError, GamedayError) as error:
        return str(error)
    return f"files there belong to users of containers; delete the folder as root: rm -r {home}"


def _deleted(home: Path) -> bool:
    shutil.rmtree(home, ignore_errors=True)
    return not home.exists()


def _images(read: ComposeFile, volumes: Iterable[str]) -> Iterable[str]:
    """Images of the services that mount one of these volumes."""
    wanted = set(volumes)
    services = [*read.services.values(), *read.dormant.values()]
    found = [s.image for s in services if wanted & {mount.source for mount in s.mounts}]
    return dict.fromkeys(found)


def _emptied(home: Path, image: str, labels: Mapping[str, str], client: DockerClient) -> bool:
    """Empty the folders below ``home`` from a container. False: the image has no shell, or it failed."""
    host = client.api.create_host_config(binds={str(home): {"bind": _INSIDE, "mode": "rw"}})
    with engine_errors("delete what stands for off-site storage"):
        container = client.api.create_container(
            image,
            ["-c", f"rm -rf {_INSIDE}/* {_INSIDE}/.[!.]*"],
            entrypoint=["sh"],
            user="0",
            network_disabled=True,
            labels=dict(labels),
            host_config=host,
        )
        try:
            client.api.start(container)
            return int(client.api.wait(container, timeout=60)["StatusCode"]) == 0
        finally:
            client.api.remove_container(container, force=True, v=True)
