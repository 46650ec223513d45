"""The ``Disks`` port: files written by ``dd`` inside a container."""

from __future__ import annotations

from collections.abc import Sequence

from chaos.digits import whole
from chaos.errors import ToolProblem
from chaos.ports import CommandOutput, Execute

FILLER = ".gameday-filler"
PROBE = ".gameday-written"
BLOCK = 4096  # bytes
FILL_SECONDS = 15.0  # real seconds for the whole file
COMMAND_SECONDS = 10.0  # real seconds for a small command
_MOST = 2**63  # beyond the size of any file system
_DD = ("env", "LC_ALL=C", "dd", "if=/dev/zero")  # its message about a full disk is read in English
_SHOWN = 200  # characters of a command's output in a message


class ContainerDisks:
    """Needs ``env``, ``dd``, ``df``, ``ls``, ``rm`` and ``test`` in the container."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    async def fill(self, service: str, folder: str, most_bytes: int) -> None:
        listed = await self._must(service, ["df", "-P", "-k", folder])
        # The last line: device, size, used, available (in KiB), capacity, mount point.
        kibibytes = _count(listed.stdout_text.strip().rpartition("\n")[2], 3)
        if kibibytes is None:
            printed = listed.stdout_text[:_SHOWN]
            raise ToolProblem(f"cannot read the free space of {folder} in {service}: {printed!r}")
        free = kibibytes * 1024
        there = await self._size(service, folder)
        if there + free > most_bytes:
            raise ToolProblem(
                f"{folder} in {service} has {free // 2**20} MiB free, and gameday fills at most "
                f"{most_bytes // 2**20} MiB; give the folder a tmpfs or a volume with a size limit"
            )
        # The bound also holds if space becomes free meanwhile. The command appends: writing the file from
        # the start again would give the service space for a moment.
        blocks = there // BLOCK
        size = [f"bs={BLOCK}", f"seek={blocks}", f"count={most_bytes // BLOCK - blocks}", "conv=notrunc"]
        done = await self._execute(service, [*_DD, f"of={folder}/{FILLER}", *size], FILL_SECONDS)
        if done.exit_code and not _full(done):
            raise ToolProblem(f"cannot fill {folder} in {service}: {done.stderr_text.strip()}")

    async def clear(self, service: str, folder: str) -> None:
        await self._must(service, ["rm", "-f", f"{folder}/{FILLER}"])

    async def filled(self, service: str, folder: str) -> bool:
        argv = ["test", "-e", f"{folder}/{FILLER}"]
        return (await self._execute(service, argv, COMMAND_SECONDS)).exit_code == 0

    async def accepts_data(self, service: str, folder: str) -> bool:
        argv = [*_DD, f"of={folder}/{PROBE}", f"bs={BLOCK}", "count=1", "conv=fsync"]
        done = await self._execute(service, argv, COMMAND_SECONDS)
        await self._must(service, ["rm", "-f", f"{folder}/{PROBE}"])
        if done.exit_code and not _full(done):
            raise ToolProblem(f"cannot write to {folder} in {service}: {done.stderr_text.strip()}")
        return done.exit_code == 0

    async def _size(self, service: str, folder: str) -> int:
        """Size in bytes of the file from an earlier turn; 0 without one."""
        if not await self.filled(service, folder):
            return 0
        listed = await self._must(service, ["ls", "-ln", f"{folder}/{FILLER}"])
        size = _count(listed.stdout_text, 4)
        if size is None:
            printed = listed.stdout_text[:_SHOWN]
            raise ToolProblem(f"cannot read the size of {folder}/{FILLER} in {service}: {printed!r}")
        return size

    async def _must(self, service: str, argv: Sequence[str]) -> CommandOutput:
        done = await self._execute(service, argv, COMMAND_SECONDS)
        if done.exit_code:
            raise ToolProblem(f"{' '.join(argv)} in {service}: {done.printed_text.strip()}")
        return done


def _count(line: str, place: int) -> int | None:
    """The word at ``place`` (from 0) as a number; None if it is missing or not a number."""
    words = line.split()
    return whole(words[place], _MOST) if len(words) > place else None


def _full(done: CommandOutput) -> bool:
    return "No space left on device" in done.stderr_text
