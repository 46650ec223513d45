"""The weight of all containers together, in both versions of control groups."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.setup.processor_share import raise_share_of_containers


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("cpu/docker/cpu.shares", "1024\n", "4096"),
        ("docker/cpu.weight", "100\n", "400"),
        ("docker/cpu.weight", "2000\n", "2000\n"),  # the owner gave more
    ],
)
def test_the_weight_is_raised_and_never_lowered(tmp_path: Path, file: str, before: str, after: str) -> None:
    weight = tmp_path / file
    weight.parent.mkdir(parents=True)
    weight.write_text(before)
    if file.startswith("docker/"):
        (tmp_path / "cgroup.controllers").write_text("cpu memory")
    assert raise_share_of_containers(tmp_path)
    assert weight.read_text() == after


@pytest.mark.parametrize("content", [None, "max\n"])
def test_what_cannot_be_read_is_left_alone(tmp_path: Path, content: str | None) -> None:
    weight = tmp_path / "cpu/docker/cpu.shares"
    weight.parent.mkdir(parents=True)
    if content is not None:
        weight.write_text(content)
    assert not raise_share_of_containers(tmp_path)
    assert content is None or weight.read_text() == content


def test_a_machine_without_control_groups(tmp_path: Path) -> None:
    assert not raise_share_of_containers(tmp_path)
    assert not list(tmp_path.iterdir())
