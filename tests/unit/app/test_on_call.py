"""``gameday on-call`` in-process: what it prints, and its exit codes."""

from __future__ import annotations

import io
import json
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.cli import main
from chaos.errors import ExitCode

ROOT = Path(__file__).parents[3]


def typed(folder: Path, *words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = main(("on-call", *words), CommandContext(out=out, err=err, env={}, cwd=ROOT))
    return code, out.getvalue(), err.getvalue()


def test_who_is_on_duty_at_an_instant(tmp_path: Path) -> None:
    code, out, _ = typed(tmp_path, "--at", "2026-12-25 03:00", "--weeks", "1")
    assert code == ExitCode.PASS
    assert "commander  Emil (21:00 in America/New_York)" in out
    assert "Thu 2026-12-24 09:00 until Mon 2026-12-28 09:00: Emil as commander (holidays)" in out


def test_as_json(tmp_path: Path) -> None:
    code, out, _ = typed(tmp_path, "--at", "2026-01-05T08:00Z", "--weeks", "2", "--json")
    document = json.loads(out)
    assert code == ExitCode.PASS
    assert document["on_duty"] == {"primary": "alba", "secondary": "bruno", "commander": "dora"}
    assert [shift["people"]["primary"] for shift in document["shifts"]] == ["alba", "bruno"]


def test_wrong_instants_are_one_clear_error(tmp_path: Path) -> None:
    for at, said in (("noon", "expected an instant"), ("2025-06-01 09:00", "before the first handoff")):
        code, out, err = typed(tmp_path, "--at", at)
        assert (code, out) == (ExitCode.BAD_INPUT, "")
        assert said in err


def test_notes_without_a_list_of_incidents_say_that_they_are_unknown(tmp_path: Path) -> None:
    code, out, _ = typed(tmp_path, "--at", "2026-01-06 09:00", "--hand-over", "--reports", str(tmp_path))
    assert code == ExitCode.PASS
    assert "| primary | Alba | Bruno |" in out
    assert "the list of incidents does not exist" in out
