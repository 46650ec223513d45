"""Commands inside containers: every byte of the output and the true exit code, or ``ToolProblem``.

The start of a command is requested *without* an upgrade of the connection. The engine then sends the output
as the body of an ordinary HTTP answer that ends with the connection, and it is read as any other answer is:
through the buffer in which the HTTP library received the head. The SDK's own ``exec_start`` upgrades the
connection and then reads the socket beneath that buffer, so it loses what arrived together with the head.

The body is a sequence of frames: one byte for the stream, three zero bytes, four bytes for the length
(big-endian), then that many bytes. https://docs.docker.com/reference/api/engine/ (attach to a container)
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from time import monotonic
from typing import Any

import docker.errors
import requests

from chaos.errors import ToolProblem
from chaos.ports import CommandOutput

MOST_BYTES = 64_000_000  # a larger output is refused: memory would hold it several times
_HEADER = struct.Struct(">BxxxI")
_STDIN, _STDOUT, _STDERR = 0, 1, 2  # the engine echoes the first one as output


def run_in_container(
    api: Any, container_id: str, argv: Sequence[str], limit: float, user: str = ""
) -> CommandOutput:
    """Run ``argv`` in a container until it ends. Blocks for at most about ``limit`` real seconds.

    ``api``: the SDK's ``APIClient``. A command that takes longer is left running in the container. Raises
    ``ToolProblem`` when the output broke off, is larger than ``MOST_BYTES``, or the engine does not know the
    exit code; exceptions of the SDK and of ``requests`` pass through, ``call_engine`` translates them.
    """
    job = api.exec_create(container_id, list(argv), user=user)["Id"]
    output = split_frames(_body(api, job, limit))
    state = api.exec_inspect(job)
    if state["Running"] or state["ExitCode"] is None:
        raise ToolProblem(f"the output of {argv[0]} broke off early: its exit code is unknown")
    return CommandOutput(int(state["ExitCode"]), *output)


def split_frames(raw: bytes) -> tuple[bytes, bytes, bytes]:
    """(standard output, standard error, both in the order of arrival). Raises ``ToolProblem`` for anything
    but whole frames of these streams.
    """
    parts: dict[int, list[bytes]] = {_STDOUT: [], _STDERR: []}
    both: list[bytes] = []
    at = 0
    while at < len(raw):
        if len(raw) - at < _HEADER.size:
            raise ToolProblem(f"the output of the command broke off inside a frame header, at byte {at}")
        stream, length = _HEADER.unpack_from(raw, at)
        start, at = at + _HEADER.size, at + _HEADER.size + length
        if at > len(raw):
            raise ToolProblem(f"the output of the command broke off: {at - len(raw)} bytes are missing")
        if stream not in (_STDIN, _STDOUT, _STDERR) or any(raw[start - 7 : start - 4]):
            raise ToolProblem(f"the engine's answer is not the output of a command: frame of stream {stream}")
        parts[_STDERR if stream == _STDERR else _STDOUT].append(raw[start:at])
        both.append(raw[start:at])
    return b"".join(parts[_STDOUT]), b"".join(parts[_STDERR]), b"".join(both)


def _body(api: Any, job: str, limit: float) -> bytes:
    ends = monotonic() + limit
    answer = api.post(
        f"{api.base_url}/v{api.api_version}/exec/{job}/start",
        json={"Detach": False, "Tty": False},
        headers={"Accept-Encoding": "identity"},
        timeout=(api.timeout, limit),
        stream=True,
    )
    with answer:
        try:
            answer.raise_for_status()
        except requests.HTTPError as error:
            docker.errors.create_api_error_from_http_exception(error)  # raises the SDK's own kind
        body = bytearray()
        while chunk := answer.raw.read1():
            body += chunk
            if len(body) > MOST_BYTES:
                raise ToolProblem(f"the command printed more than {MOST_BYTES} bytes")
            if monotonic() > ends:
                raise ToolProblem(f"the command did not end within {limit:g} s")
    return bytes(body)
