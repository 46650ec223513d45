"""Copies the owner's data into volumes of a run, before any part of the run starts.

Two containers that are never started carry the source, read-only, and the volume; the engine reads one and
writes the other, with owners and permissions. It writes nothing of the owner's, and runs no program.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import docker.errors
from docker import DockerClient
from docker.types import Mount

from chaos.adapters.engine_connection import engine_errors
from chaos.adapters.labels import ONE_OFF_LABEL, PROJECT_LABEL, VOLUME_LABEL
from chaos.adapters.overlay.data import DataCopy, private
from chaos.adapters.overlay.wiring import Wiring
from chaos.errors import StackProblem
from chaos.model.owners import MIB, RAISE_COPY_MOST, too_large

PLACE = "/gameday-data"  # the path in both containers


@dataclass(frozen=True)
class CopyLimits:
    """What ends a copy: ``most_mib`` of all copies together, or ``stop``, which another thread sets."""

    most_mib: int
    stop: threading.Event = field(default_factory=threading.Event)

    def check(self, copied: int, copy: DataCopy) -> None:
        """Raises ``StackProblem`` if ``copy`` must not go on after ``copied`` bytes in all."""
        if self.stop.is_set():
            raise StackProblem("the copy of the owner's data was interrupted")
        if copied > self.most_mib * MIB:
            message = too_large(f"{copy.kind} {copy.source}", self.most_mib)
            raise StackProblem(f"{message}\n  fix: {RAISE_COPY_MOST}")


def copy_data(client: DockerClient, copies: Iterable[DataCopy], wiring: Wiring, limits: CopyLimits) -> int:
    """The number of copied bytes, as a tar stream. Blocking.

    Raises ``StackProblem`` when a limit ends it. A volume that the owner does not have yet is left empty.
    """
    copied = 0
    with engine_errors("copy the owner's data"):
        for copy in copies:
            limits.check(copied, copy)
            if copy.kind == "volume" and not _exists(client, copy.source):
                continue
            copied = _copy(client, copy, wiring, copied, limits)
    return copied


def _exists(client: DockerClient, volume: str) -> bool:
    try:
        client.api.inspect_volume(volume)
    except docker.errors.NotFound:
        return False
    return True


def _copy(client: DockerClient, copy: DataCopy, wiring: Wiring, already: int, limits: CopyLimits) -> int:
    own = private(copy.key, wiring)
    labels = dict(wiring.labels) | {PROJECT_LABEL: wiring.project, VOLUME_LABEL: copy.key}
    client.api.create_volume(str(own["name"]), labels=labels)
    source = Mount(PLACE, copy.source, type=copy.kind, read_only=True)
    target = Mount(PLACE, str(own["name"]), type="volume", no_copy=True)
    with _holder(client, wiring, source) as reader, _holder(client, wiring, target) as writer:
        # The SDK's own call hides the answer, and the engine holds the container until it is closed.
        answer = client.api._get(
            client.api._url("/containers/{0}/archive", reader), params={"path": PLACE}, stream=True
        )
        with closing(answer):
            client.api._raise_for_status(answer)
            counted = _Counted(answer.iter_content(MIB), copy, already, limits)
            client.api.put_archive(writer, "/", iter(counted))
        return counted.bytes


@contextmanager
def _holder(client: DockerClient, wiring: Wiring, mount: Mount) -> Iterator[str]:
    """A container that is never started."""
    host = client.api.create_host_config(network_mode="none", mounts=[mount])
    labels = dict(wiring.labels) | {ONE_OFF_LABEL: "True"}
    made = client.api.create_container(wiring.proxy_image, host_config=host, labels=labels)["Id"]
    try:
        yield made
    finally:
        client.api.remove_container(made, force=True)


class _Counted:
    """The stream, until a limit ends it."""

    def __init__(self, stream: Iterable[bytes], copy: DataCopy, already: int, limits: CopyLimits) -> None:
        self._stream = stream
        self._copy = copy
        self._limits = limits
        self.bytes = already

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            self.bytes += len(chunk)
            self._limits.check(self.bytes, self._copy)
            yield chunk
