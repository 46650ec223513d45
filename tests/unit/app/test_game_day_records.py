"""The post-mortem of a game day in-process: people beside the machine, roles and no names, once."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from chaos.app.command_context import CommandContext
from chaos.cli import main
from chaos.errors import ExitCode
from chaos.evidence import Reason, Seal, seal
from chaos.gameday import people_events as people
from chaos.post_mortem import blame_in, missing_sections
from tests.corpus.archive import unpack
from tests.gamedays import ScriptedDay
from tests.stored_days import NAME, keep_day, played


def typed(folder: Path, *words: str) -> tuple[int, str]:
    out = io.StringIO()
    code = main(words, CommandContext(out=out, err=out, env={}, cwd=folder))
    return code, out.getvalue()


def written(folder: Path, day: ScriptedDay) -> str:
    found = typed(folder, "post-mortem", str(keep_day(folder / "reports", day)))
    assert found[0] == ExitCode.PASS, found[1]
    (path,) = (folder / "docs" / "post-mortems").iterdir()
    assert path.name == "INC-20231114-001-drill-day-of-the-toys.md"
    return path.read_text()


def section(text: str, title: str) -> str:
    return text.split(f"## {title}\n")[1].split("\n## ")[0]


def test_a_game_day_has_every_section_from_its_journal_and_names_no_person(tmp_path: Path) -> None:
    text = written(tmp_path, played())
    assert missing_sections(text) == ()
    assert text.startswith("# DRILL: INC-20231114-001 Day of the toys")
    assert f"game day {NAME}" in text
    timeline = section(text, "Timeline")
    rows = [line.split(" | ")[0:3] for line in timeline.splitlines() if line.startswith("| 2023")]
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert ["| 2023-11-14 22:17:20", "responder", "noticed (dashboard): the responder saw the gauge"] in rows
    assert ["| 2023-11-14 22:14:20", "gameday", "fault container.kill cache injected"] in rows
    assert "25 %" in section(text, "Impact analysis")
    detection = section(text, "Detection")
    assert "machine: first alert | CacheDown, 2.0 min after the fault" in detection
    assert "people: first sign | noticed by the responder (dashboard)" in detection
    factors = section(text, "Contributing factors")
    assert "Provide the missing access: stuck for 2 min; no shell on the cache" in factors
    assert "Correct step 2 of 07-cache (Start it): it did not work" in factors
    for name in ("rob", "cleo", "fay"):
        assert name not in text


def test_what_was_not_met_is_an_action_and_what_was_met_is_not(tmp_path: Path) -> None:
    text = written(tmp_path, played())
    actions = section(text, "Action items")
    assert "| Expected: the lead of the cache was informed | not met within 10m |" in actions
    assert "Expected: it was escalated" not in actions
    assert "Expected: it was escalated" in section(text, "Lessons learned")
    assert "SEV3; it deserved SEV2" in actions


def test_a_word_that_blames_is_named_at_its_place(tmp_path: Path) -> None:
    day = played()
    day.says("cleo", people.NoteAdded, 400, words="somebody forgot to page")
    code, said = typed(tmp_path, "post-mortem", str(keep_day(tmp_path / "reports", day)))
    assert code == ExitCode.PASS
    assert "'forgot' blames somebody" in said


@pytest.mark.thorough
def test_the_run_of_a_scenario_adds_its_figures_and_its_lost_points(tmp_path: Path) -> None:
    run = unpack("pms-down-no-breaker", tmp_path / "with" / "reports")
    judged, alone = written(tmp_path / "with", played(run.name)), written(tmp_path / "alone", played())
    assert "The cache goes down: breaker pms opens | FAIL: never opened" in section(judged, "Impact analysis")
    assert "not enough data: the scenario left no run folder" in section(alone, "Impact analysis")
    actions = [section(text, "Action items").count("\n|") for text in (judged, alone)]
    assert actions[0] > actions[1] > 2


@pytest.mark.thorough
def test_a_run_folder_that_was_changed_since_it_was_sealed_is_refused(tmp_path: Path) -> None:
    run = unpack("pms-down-no-breaker", tmp_path / "reports")
    seal(run, Seal("0.1.0", 0.0, None), Reason.RUN)
    (run / "journal.jsonl").write_text((run / "journal.jsonl").read_text() + "{}\n")
    day = keep_day(tmp_path / "reports", played(run.name))
    assert typed(tmp_path, "post-mortem", str(day))[0] == ExitCode.INCONCLUSIVE
    assert not (tmp_path / "docs").exists()


def test_one_is_written_once_and_never_replaced(tmp_path: Path) -> None:
    text = written(tmp_path, played())
    code, said = typed(tmp_path, "post-mortem", f"reports/gamedays/{NAME}")
    assert code == ExitCode.BAD_INPUT
    assert "already has a post-mortem" in said
    (path,) = (tmp_path / "docs" / "post-mortems").iterdir()
    assert path.read_text() == text


def test_a_day_that_never_began_or_played_nothing_is_bad_input(tmp_path: Path) -> None:
    empty = keep_day(tmp_path / "reports", ScriptedDay())
    assert typed(tmp_path, "post-mortem", str(empty))[0] == ExitCode.BAD_INPUT
    (empty / "journal.jsonl").write_text("")
    for verb in ("post-mortem", "debrief"):
        code, said = typed(tmp_path, verb, str(empty))
        assert code == ExitCode.BAD_INPUT
        assert "never started" in said


def test_the_text_that_gameday_writes_blames_nobody(tmp_path: Path) -> None:
    assert blame_in(written(tmp_path, played())) == ()
