"""``gameday review`` in-process: from what stands under the reports folder, as lines, JSON and pages."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chaos.app.command_context import CommandContext
from chaos.cli import main
from chaos.errors import ExitCode
from chaos.post_mortem.markdown import BLANK
from tests.manual_clock import ManualClock
from tests.stored_days import keep_day, played

NOW = datetime(2023, 12, 5, tzinfo=UTC).timestamp()


def typed(folder: Path, *words: str) -> tuple[int, str]:
    out = io.StringIO()
    context = CommandContext(out=out, err=io.StringIO(), env={}, cwd=folder, clock=ManualClock(wall=NOW))
    return main(words, context), out.getvalue()


def figures(folder: Path) -> dict[str, dict[str, object]]:
    code, text = typed(folder, "review", "--json")
    assert code == ExitCode.PASS
    found = json.loads(text)
    assert found["month"] == "2023-11"
    return {one["key"]: one for one in found["exercises"]["figures"]}


def test_without_any_record_the_last_month_says_that_there_is_not_enough_data(tmp_path: Path) -> None:
    code, text = typed(tmp_path, "review")
    assert code == ExitCode.PASS
    assert text.startswith("review of 2023-11\n")
    assert "MTTR                     not enough data  (from incidents: 0" in text
    assert list(tmp_path.iterdir()) == []


def test_a_game_day_counts_with_its_post_mortem_once_that_is_complete(tmp_path: Path) -> None:
    day = keep_day(tmp_path / "reports", played())
    assert figures(tmp_path)["escalation_rate"]["of"] == 1
    assert figures(tmp_path)["post_mortems_complete"]["value"] == 0.0
    typed(tmp_path, "post-mortem", str(day))
    (path,) = (tmp_path / "docs" / "post-mortems").iterdir()
    path.write_text(path.read_text().replace(BLANK, "done"))
    assert figures(tmp_path)["post_mortems_complete"]["value"] == 1.0
    assert typed(tmp_path, "review", "--into", "out")[0] == ExitCode.PASS
    written = sorted(one.name for one in (tmp_path / "out").iterdir())
    assert written == ["review-2023-11.html", "review-2023-11.json", "review-2023-11.md"]


def test_a_day_that_cannot_be_read_is_named_and_counts_nowhere(tmp_path: Path) -> None:
    day = keep_day(tmp_path / "reports", played())
    (day / "gameday.yaml").unlink()
    _, text = typed(tmp_path, "review")
    assert f"not in these figures: game day {day.name}" in text
    assert figures(tmp_path)["escalation_rate"]["of"] == 0


@pytest.mark.parametrize(("month", "said"), [("2024-01", "has not begun"), ("2023-13", "expected a month")])
def test_a_month_that_is_none_or_has_not_begun_is_bad_input(tmp_path: Path, month: str, said: str) -> None:
    err = io.StringIO()
    context = CommandContext(out=err, err=err, env={}, cwd=tmp_path, clock=ManualClock(wall=NOW))
    assert main(("review", "--month", month), context) == ExitCode.BAD_INPUT
    assert said in err.getvalue()
