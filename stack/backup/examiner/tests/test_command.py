"""The command: lines, exit codes, specimens in a copy."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import pytest
from examiner import __main__ as command
from examiner import specimens
from examiner.examine import EXAMINERS, Order
from examiner.model import CouldNotTellError, Examined, Fact, Finding
from examiner.tests import healthy as good

if TYPE_CHECKING:
    from typing_extensions import Buffer

FACT = Fact("redis", good.REDIS.label, good.TAKEN, 3600.0, 3000, "rdb+aof")
FINDING = Finding("redis", "stale", "old")


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "offsite").mkdir()
    monkeypatch.setenv("OFFSITE", str(tmp_path / "offsite"))
    monkeypatch.setenv("SCRATCH", str(tmp_path / "scratch"))
    monkeypatch.setenv("REDIS_MAX_AGE_SECONDS", "7200")
    monkeypatch.delenv("SPECIMEN", raising=False)


def stand_in(monkeypatch: pytest.MonkeyPatch, examined: Examined) -> list[Order]:
    """In place of the Redis examiner; gives the orders it received."""
    orders: list[Order] = []

    def examine(order: Order) -> Examined:
        orders.append(order)
        return examined

    monkeypatch.setitem(EXAMINERS, "redis", examine)
    return orders


@pytest.mark.parametrize(("findings", "code"), [((), 0), ((FINDING,), 1)])
def test_lines_and_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    findings: tuple[Finding, ...],
    code: int,
) -> None:
    stand_in(monkeypatch, Examined((FACT,), findings))
    assert command.main(["examine", "redis"]) == code
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == {
        "backup": "redis",
        "label": "20310101T230000Z",
        "taken": "2031-01-01T23:00:00+00:00",
        "age_s": 3600.0,
        "size_bytes": 3000,
        "kind": "rdb+aof",
    }
    assert [line["finding"] for line in lines[1:]] == [each.finding for each in findings]
    assert all(line["fix"] for line in lines[1:])


class Pipe(io.RawIOBase):
    """What both streams end in; ``writes`` are in the pieces in which they came."""

    def __init__(self) -> None:
        self.writes: list[str] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Buffer, /) -> int:
        self.writes.append(bytes(piece).decode())
        return len(self.writes[-1].encode())


@pytest.mark.parametrize("words", [["examine", "redis"], ["list", "redis"], ["structure"], ["list", "pms"]])
def test_no_line_of_one_stream_can_come_into_a_line_of_the_other(
    monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    stand_in(monkeypatch, Examined((FACT,), (FINDING, FINDING)))
    restored = replace(good.RESTORED, structure=good.REFERENCE)
    monkeypatch.setattr(command, "examine_restore", lambda *_: restored)
    pipe = Pipe()
    for stream in ("stdout", "stderr"):  # as Python opens them when PYTHONUNBUFFERED is set
        text = io.TextIOWrapper(cast(BinaryIO, pipe), encoding="utf-8", write_through=True)
        monkeypatch.setattr(sys, stream, text)
    command.main(words)
    assert pipe.writes
    assert [piece for piece in pipe.writes if piece.count("\n") != 1 or not piece.endswith("\n")] == []


def test_quick_restores_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    orders = stand_in(monkeypatch, Examined((FACT,), ()))
    command.main(["examine", "redis", "--quick"])
    command.main(["examine", "redis"])
    assert [order.full for order in orders] == [False, True]


def test_an_examiner_that_cannot_tell_is_neither_healthy_nor_a_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def crash(order: Order) -> Examined:
        raise CouldNotTellError("no scratch space")

    monkeypatch.setitem(EXAMINERS, "redis", crash)
    assert command.main(["examine", "redis"]) == 2
    assert "no scratch space" in capsys.readouterr().err


def test_without_a_limit_of_age_nothing_is_called_young(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_MAX_AGE_SECONDS")
    assert command.main(["examine", "redis"]) == 2


def test_a_specimen_is_made_in_a_copy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pristine = tmp_path / "offsite" / "redis" / "20310101T230000Z" / "dump.rdb"
    pristine.parent.mkdir(parents=True)
    pristine.write_bytes(b"x" * 100)
    (pristine.parent / "SHA256SUMS").write_text("")
    monkeypatch.setenv("SPECIMEN", "redis_truncated")
    orders = stand_in(monkeypatch, Examined((), (FINDING,)))
    command.main(["examine", "redis"])
    broken = orders[0].offsite / "redis" / "20310101T230000Z" / "dump.rdb"
    assert (broken.stat().st_size, pristine.stat().st_size) == (50, 100)


@pytest.mark.parametrize("name", ["redis_truncated", "pms_truncated", "truncated", "stale"])
def test_without_a_backup_there_is_nothing_to_break(tmp_path: Path, name: str) -> None:
    with pytest.raises(CouldNotTellError, match="take a backup first"):
        specimens.spoil(tmp_path / "offsite", tmp_path / "copy", name)


def test_an_unknown_specimen_is_reported_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(CouldNotTellError, match="zeroed_block"):
        specimens.spoil(tmp_path / "offsite", tmp_path / "copy", "tired")
