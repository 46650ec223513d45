"""``gameday pack`` in-process: the guide has every answer, the page for participants has none of them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.app.command_context import CommandContext
from chaos.app.gamedays.pack import DAY_FILE
from chaos.app.plans import plan_of
from chaos.cli import main
from chaos.errors import ExitCode
from chaos.gameday.load import LoadedDay, load_game_day
from tests.stored_days import COUNTER

DAY = f"""\
gameday: toy-day
title: Day of the toys
order: drawn
blind: true
spread: 3m
stop_word: STOP NOW
rules: [Touch only what the runbook names.]
scenarios:
  - scenario: {COUNTER}
    title: The cache of the counters is dead
    severity: SEV1
    length: 40m
    escalate: {{after: 15m, to: lead of the caches}}
    injects:
      - {{at: 4m, card: "A customer on the phone sees an old figure.", to: [commander]}}
      - {{when: not declared, after: 8m, hint: Compare the two gauges.}}
    expectations:
      - {{what: the status of the replica was asked for, by: 15m}}
  - {{scenario: {COUNTER.parent}/redis-slow.yaml, severity: SEV3}}
"""


def typed(folder: Path, *words: str) -> tuple[int, str]:
    out = io.StringIO()
    return main(("pack", *words), CommandContext(out=out, err=out, env={}, cwd=folder)), out.getvalue()


def packed(folder: Path, text: str = DAY) -> tuple[int, str]:
    (folder / "day.yaml").write_text(text)
    return typed(folder, "day.yaml", "--into", "pack")


def pages(folder: Path, name: str) -> Iterator[str]:
    for ending in ("html", "md"):
        yield (folder / f"{name}.{ending}").read_text(encoding="utf-8").replace("\N{ZERO WIDTH SPACE}", "")


def secrets(day: LoadedDay) -> Iterator[str]:
    """Every word of the plan, taken from the files themselves."""
    for slot, one in zip(day.day.scenarios, day.scenarios, strict=True):
        yield from (one.scenario.scenario, one.scenario.title, slot.title or one.scenario.title)
        for step in one.scenario.timeline:
            yield from (step.fault, step.target(), *re.split(r"->", step.target()))
        yield from (deadline.alert for deadline in plan_of(one, 1.0).deadlines)
        yield from (inject.text for inject in slot.injects)
        yield from (expected.what for expected in slot.expectations)
        if slot.escalate is not None:
            yield slot.escalate.to


def test_the_page_for_participants_has_no_word_of_the_plan_and_the_guide_has_all(tmp_path: Path) -> None:
    code, said = packed(tmp_path)
    assert code == ExitCode.PASS, said
    words = {word.lower() for word in secrets(load_game_day(tmp_path / "day.yaml"))}
    assert len(words) > 12
    style = re.compile(r"<style>.*?</style>", re.DOTALL)
    for text in pages(tmp_path / "pack", "participants"):
        shown = style.sub("", text).lower()
        found = [word for word in words if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", shown)]
        assert found == []
        assert "drawn" not in shown
    for text in pages(tmp_path / "pack", "guide"):
        shown = text.replace("&gt;", ">").lower()
        assert [word for word in words if word not in shown] == []


def test_the_guide_says_when_what_happens_and_what_to_do(tmp_path: Path) -> None:
    packed(tmp_path)
    _, text = pages(tmp_path / "pack", "guide")
    assert "| 10 min | 40 min | scenario in position 1 |" in text
    assert "1 h 40 min in all, at pace 1." in text
    assert "| 1 min, or up to 3 min later (drawn) | container.kill redis | after 4 min, by gameday |" in text
    assert "| when not declared, from 8m on | all | Hint: Compare the two gauges. |" in text
    assert "| the status of the replica was asked for | 15 min | you, with one press |" in text
    assert "- SEV1: status page: within 15 min" in text
    assert "- SEV3: updates: on change" in text
    assert "STOP NOW" in text
    assert "gameday host day.yaml --pace 20" in text
    for title in ("Before the day", "During the day", "After the day", "The debrief"):
        assert f"## {title}" in text


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("title: Day of the toys", "title: Day without Redis"), "title"),
        (("Touch only what the runbook names.", "Nobody restarts redis."), "rules"),
    ],
)
def test_a_text_of_the_day_that_names_the_plan_is_refused(
    tmp_path: Path, change: tuple[str, str], key: str
) -> None:
    assert change[0] in DAY
    code, said = packed(tmp_path, DAY.replace(*change))
    assert code == ExitCode.BAD_INPUT
    assert f"day.yaml: {key} would reveal 'redis' to participants" in said
    assert not (tmp_path / "pack").exists()


@pytest.mark.thorough
def test_one_scenario_gives_a_day_that_can_be_hosted_and_does_not_name_it(tmp_path: Path) -> None:
    code, said = typed(tmp_path, str(COUNTER), "--into", "pack")
    assert code == ExitCode.PASS, said
    day = load_game_day(tmp_path / "pack" / DAY_FILE)
    assert (day.day.gameday, day.day.title, len(day.scenarios)) == ("exercise", "Game day", 1)
    for text in pages(tmp_path / "pack", "participants"):
        assert "redis" not in text.lower()


@pytest.mark.thorough
def test_nothing_is_ever_replaced_and_a_wrong_file_is_bad_input(tmp_path: Path) -> None:
    assert packed(tmp_path)[0] == ExitCode.PASS
    guide = tmp_path / "pack" / "guide.md"
    guide.write_text("names of the people")
    code, said = packed(tmp_path)
    assert code == ExitCode.BAD_INPUT
    assert "already exists" in said
    assert guide.read_text() == "names of the people"
    assert typed(tmp_path, "gone.yaml", "--into", "other")[0] == ExitCode.BAD_INPUT
    assert not (tmp_path / "other").exists()
    assert packed(tmp_path / "pack", DAY.replace("SEV1", "SEV9"))[0] == ExitCode.BAD_INPUT


def test_text_of_the_file_is_no_markup(tmp_path: Path) -> None:
    assert packed(tmp_path, DAY.replace("Day of the toys", "<script>x</script>"))[0] == ExitCode.PASS
    for name in ("guide", "participants"):
        for text in pages(tmp_path / "pack", name):
            assert "<script>x" not in text
