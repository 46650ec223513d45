"""A file is written whole or not at all, and never through a link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chaos.errors import BadInput, EnvironmentProblem
from chaos.files import (
    append_file,
    is_file,
    is_folder,
    make_folder,
    read_any_text,
    read_file,
    write_file,
    write_new_file,
)


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "verdict.json"
    file.write_text("old")
    assert write_file(file, "né\n") == file
    assert file.read_bytes() == "né\n".encode()
    assert os.listdir(tmp_path) == ["verdict.json"]


def test_a_link_is_replaced_and_never_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("of somebody else")
    file = tmp_path / "verdict.json"
    file.symlink_to(elsewhere)
    write_file(file, b"ours")
    assert elsewhere.read_text() == "of somebody else"
    assert not file.is_symlink()


def test_what_was_there_stays_when_the_new_content_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "verdict.json"
    file.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentProblem, match=r"verdict\.json cannot be written .*No space left(.|\n)*do"):
        write_file(file, "new", "do this")
    assert file.read_text() == "old"
    assert os.listdir(tmp_path) == ["verdict.json"]


def test_a_folder_that_is_gone_is_an_error_and_is_not_made_anew(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="No such file"):
        write_file(tmp_path / "gone" / "verdict.json", "new")
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem, match="file cannot be made"):
        make_folder(tmp_path / "file")


@pytest.mark.parametrize("name", ["x" * 5000, "nul\0", "gone"])
def test_an_impossible_path_is_neither_file_nor_folder_and_cannot_be_read(tmp_path: Path, name: str) -> None:
    assert not is_file(tmp_path / name)
    assert not is_folder(tmp_path / name)
    with pytest.raises(OSError, match=r".+"):
        read_file(tmp_path / name)


def test_a_file_that_is_larger_than_the_memory_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "sparse").touch()
    os.truncate(tmp_path / "sparse", 1 << 42)
    with pytest.raises(OSError, match="File too large"):
        read_file(tmp_path / "sparse")
    with pytest.raises(BadInput, match=r"plan: cannot be read: File too large \(expected a text file\)"):
        read_any_text(tmp_path / "sparse", "plan")


def test_the_longest_name_that_a_file_may_have_can_be_written(tmp_path: Path) -> None:
    assert write_file(tmp_path / ("x" * 255), "new").read_text() == "new"


def test_a_new_file_that_cannot_be_written_whole_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentProblem, match="No space left"):
        write_new_file(tmp_path / "new", "half")
    assert os.listdir(tmp_path) == []


def test_nothing_is_appended_through_a_link_or_to_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "fifo")
    for name in ("link", "fifo"):
        with pytest.raises(OSError, match=r".+"):
            append_file(tmp_path / name)
    assert sorted(os.listdir(tmp_path)) == ["fifo", "link"]
    with append_file(tmp_path / "new") as stream:
        stream.write(b"1")
    assert (tmp_path / "new").read_bytes() == b"1"


def test_a_fifo_is_no_file_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert not is_file(tmp_path / "fifo")
    with pytest.raises(OSError, match="not a regular file"):
        read_file(tmp_path / "fifo")
