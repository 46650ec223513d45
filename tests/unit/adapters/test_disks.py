"""Commands in a container say how large and how full a disk is; any text may come instead."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from chaos.adapters.disks import ContainerDisks
from chaos.errors import ToolProblem
from chaos.ports import CommandOutput

DF = "Filesystem 1024-blocks Used Available Capacity Mounted on\ntmpfs 4096 0 {} 0% /data\n"
LS = "-rw-r--r-- 1 0 0 {} Nov 28 06:00 /data/.gameday-filler\n"


def disks(df: str, ls: str, there: bool = True) -> ContainerDisks:
    async def execute(service: str, argv: Sequence[str], seconds: float) -> CommandOutput:
        printed = {"df": df, "ls": ls}.get(argv[0], "")
        return CommandOutput(int(argv[0] == "test" and not there), printed.encode(), b"")

    return ContainerDisks(execute)


async def test_a_folder_that_is_small_enough_is_filled() -> None:
    await disks(DF.format(4096), LS.format(8192)).fill("db", "/data", 2**23)


@pytest.mark.parametrize("count", ["9" * 5000, "\u0664\u0662", "\u00b2", "-1", "", "many"])
async def test_what_is_no_count_of_a_disk_is_a_problem_of_the_tool(count: str) -> None:
    for df, ls in (
        (DF.format(count), LS.format(1)),
        (DF.format(1), LS.format(count)),
        (count, ""),
        (DF.format(1), count),
    ):
        with pytest.raises(ToolProblem, match="cannot read the") as caught:
            await disks(df, ls).fill("db", "/data", 2**23)
        assert len(str(caught.value)) < 500


async def test_a_full_disk_is_read_in_english() -> None:
    asked: list[Sequence[str]] = []

    async def execute(service: str, argv: Sequence[str], seconds: float) -> CommandOutput:
        asked.append(argv)
        printed = {"df": DF.format(4096), "ls": LS.format(8192)}.get(argv[0], "")
        return CommandOutput(0, printed.encode(), b"")

    await ContainerDisks(execute).fill("db", "/data", 2**23)
    await ContainerDisks(execute).accepts_data("db", "/data")
    assert [words[:2] for words in asked if "dd" in words] == [["env", "LC_ALL=C"]] * 2
