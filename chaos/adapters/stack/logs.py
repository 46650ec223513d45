"""Container logs: bounded, and without secrets."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from docker import DockerClient

from chaos.adapters.engine_connection import engine_errors
from chaos.adapters.stack.start_progress import FoundContainer
from chaos.files import make_folder, write_file
from chaos.redaction import redact

_LINES = 5000
_LONGEST = 1_000_000  # characters for each service; keeps the end, where failures show
_FEW = 5


def save_logs(
    client: DockerClient,
    containers: Iterable[FoundContainer],
    folder: Path,
    secrets: Iterable[str],
    since: float | None = None,
) -> None:
    """One file a service, with the engine's timestamps. ``since``: epoch seconds; None: from the start on."""
    secrets = tuple(secrets)
    for container in containers:
        with engine_errors(f"read the log of {container.service}"):
            raw: bytes = client.api.logs(container.container_id, timestamps=True, tail=_LINES, since=since)
        text = redact(raw.decode(errors="replace"), secrets)[
            -_LONGEST:
        ]  # in this order: cutting first could halve a secret
        write_file(make_folder(folder) / f"{container.service}.log", text)


def last_lines(client: DockerClient, container: FoundContainer, secrets: Iterable[str]) -> list[str]:
    """The last few lines of a container's log, for an error message."""
    with engine_errors(f"read the log of {container.service}"):
        raw: bytes = client.api.logs(container.container_id, tail=_FEW)
    return redact(raw.decode(errors="replace"), secrets).splitlines()
