"""Game-day files: problems at their line and column, the draw from a seed, the published schema."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from chaos.errors import BadInput
from chaos.gameday.files import split_game_days
from chaos.gameday.load import draw, load_game_day
from chaos.gameday.model import GameDay
from chaos.gameday.policy import read_policy
from chaos.gameday.runbook import runbook_name, runbook_steps
from chaos.gameday.schema import FILE, rendered_schema
from chaos.scenario.schema import FOLDER
from tests.unit.test_house import ROOT

SHIPPED = ROOT / "scenarios" / "gameday" / "two-hours.yaml"
BROKEN = """\
gameday: toys
title: Toys
order: random
pace: 100
scenarios:
  - scenario: nowhere.yaml
    severity: SEV2
    length: 10m
    injects:
      - {at: 12m, card: late}
      - {when: not declred, hint: look}
      - {at: 1m, when: declared, card: both}
      - {at: 1m}
    expectations:
      - {what: x, by: 11m}
      - {what: x, by: 5m, confirm: not escalated}
    colour: red
"""


def shipped_text() -> str:
    """The shipped game-day file, with absolute paths."""
    return SHIPPED.read_text().replace("../../", f"{ROOT}/").replace(" ../", f" {ROOT}/scenarios/")


def test_the_shipped_game_day_is_right_and_is_found_by_its_folder() -> None:
    loaded = load_game_day(SHIPPED)
    assert [one.scenario.scenario for one in loaded.scenarios] == [
        "pms-down",
        "database-partition",
        "nlp-delay",
    ]
    assert sum(slot.length for slot in loaded.day.scenarios) == 90 * 60
    assert split_game_days([str(SHIPPED.parent)], ROOT) == ((SHIPPED,), ())
    assert load_game_day(SHIPPED, pace=20).day.pace == 20


@pytest.mark.parametrize(("schedule", "said"), [(None, "no such file"), ("on_call: team\n", "time_zone")])
def test_the_on_call_file_of_a_day_is_read(tmp_path: Path, schedule: str | None, said: str) -> None:
    if schedule is not None:
        (tmp_path / "on-call.yaml").write_text(schedule)
    path = tmp_path / "day.yaml"
    path.write_text(re.sub("on_call: .*", "on_call: on-call.yaml", shipped_text()))
    with pytest.raises(BadInput, match=said):
        load_game_day(path)


@pytest.mark.parametrize(
    ("fault_for", "said"),
    [
        ("5m", "shorter than the fault's own 7m"),
        ("28m", "after the scenario's end at 30m.*at most 26m"),
        ("0s", "more than 0"),
    ],
)
def test_a_fault_stays_no_shorter_than_its_checks_need_and_ends_within_its_scenario(
    tmp_path: Path, fault_for: str, said: str
) -> None:
    path = tmp_path / "day.yaml"
    path.write_text(re.sub("fault_for: .*", f"fault_for: {fault_for}", shipped_text(), count=1))
    with pytest.raises(BadInput, match=said) as caught:
        load_game_day(path)
    [problem] = caught.value.problems
    assert path.read_text().splitlines()[problem.line - 1].strip() == f"fault_for: {fault_for}"


def test_only_one_fault_that_gameday_undoes_can_be_made_longer(tmp_path: Path) -> None:
    path = tmp_path / "day.yaml"
    scenario = ROOT / "scenarios" / "combined" / "database-and-redis.yaml"
    path.write_text(
        "gameday: two-faults\ntitle: Two\nscenarios:\n"
        f"  - {{scenario: {scenario}, severity: SEV1, length: 30m, fault_for: 20m}}\n"
    )
    with pytest.raises(BadInput, match="exactly one fault"):
        load_game_day(path)


def test_every_problem_of_a_broken_file_has_its_place(tmp_path: Path) -> None:
    path = tmp_path / "toys.yaml"
    path.write_text(BROKEN)
    with pytest.raises(BadInput) as caught:
        load_game_day(path)
    lines = {problem.line for problem in caught.value.problems}
    assert lines == {3, 4, 11, 12, 13, 16, 17}
    text = str(caught.value)
    for part in ("'random'", "declared", "either at: or when:", "card: or hint:", "unknown key 'colour'"):
        assert part in text


def test_what_the_validator_cannot_see_is_found_too(tmp_path: Path) -> None:
    path = tmp_path / "toys.yaml"
    path.write_text(
        "gameday: toys\ntitle: Toys\nresponse: gone.yaml\nroles: [responder]\nscenarios:\n"
        "  - scenario: nowhere.yaml\n    severity: SEV2\n    length: 10m\n"
        "    injects: [{at: 12m, card: late}]\n    expectations: [{what: x, by: 11m}]\n"
    )
    with pytest.raises(BadInput) as caught:
        load_game_day(path)
    text = str(caught.value)
    for part in (
        "needs a facilitator",
        "nowhere.yaml",
        "not before the scenario's end",
        "by is after",
        "gone",
    ):
        assert part in text


def test_the_same_seed_draws_the_same_day_and_another_a_different_one() -> None:
    day = GameDay.model_validate(
        {
            "gameday": "toys",
            "title": "Toys",
            "order": "drawn",
            "spread": "5m",
            "scenarios": [{"scenario": f"{name}.yaml", "severity": "SEV2"} for name in "abcd"],
        }
    )
    assert draw(day, 7) == draw(day, 7)
    assert len({draw(day, seed).order for seed in range(20)}) > 5
    assert all(0 <= delay <= 300 for delay in draw(day, 7).delays)
    listed = day.model_copy(update={"order": "listed", "spread": 0.0})
    assert draw(listed, 7).order == (0, 1, 2, 3)


def test_the_published_schema_is_up_to_date_and_fits_the_shipped_day() -> None:
    assert (FOLDER / FILE).read_text() == rendered_schema(), "stale: run python -m chaos.gameday.schema"
    validator = Draft7Validator(yaml.safe_load(rendered_schema()))
    data = yaml.safe_load(SHIPPED.read_text())
    assert validator.is_valid(data)
    assert not validator.is_valid({**data, "colour": "red"})


def test_deadlines_of_a_team_s_own_file_are_read_strictly(tmp_path: Path) -> None:
    path = tmp_path / "response.yaml"
    path.write_text("severities: {SEV1: {meaning: x, respond_within: 5 min, update_every: 1h}}\n")
    with pytest.raises(BadInput, match=r"response\.yaml:1:"):
        read_policy(path)


def test_the_steps_of_a_runbook() -> None:
    text = (
        "# 05 Cache\n\nSeverity HIGH.\n\n**Symptoms.** Slow.\n\n**Immediate actions.** Tell the team.\n\n"
        "**Resolution.** Start it:\n\n    docker start cache\n\n## Appendix\n\n### 1. See what is left (5m)"
        "\n\nx\n"
    )
    assert [(step.number, step.title, step.body) for step in runbook_steps(text)] == [
        (1, "Immediate actions", "Tell the team."),
        (2, "Resolution", "Start it:\n\n    docker start cache"),
        (3, "1. See what is left (5m)", "x"),
    ]
    assert runbook_steps("no steps") == ()
    (step,) = runbook_steps("1. <!-- a -->Start<!-- b --> it<!--\n" + "<!--" * 200_000)
    assert step.title == "Start it<!--"


def test_steps_are_the_items_and_paragraphs_of_the_sections_that_ask_for_something() -> None:
    text = (
        "# 05 Cache\n\n## Detection\n\nIt fires.\n\n## Immediate actions\n\n1. Tell the team.\n2. Wait.\n\n"
        "Escalation: call.\n\n## Investigation\n\nIs it running?\n\n<!-- shows: up -->\n\n"
        "```sh\n# a look\ndocker ps\n```\n\nHow full is it?\n\n```sh\ninfo\n```\n\n"
        "## Resolution steps\n\nStart it:\n\n```sh\nstart\n```\n\n"
        "## Post-incident\n\nWrite it down.\n"
    )
    steps = runbook_steps(text)
    assert [(step.section, step.title, step.prescribed) for step in steps] == [
        ("Immediate actions", "Tell the team.", True),
        ("Immediate actions", "Wait.", True),
        ("Investigation", "Is it running?", False),
        ("Investigation", "How full is it?", False),
        ("Resolution steps", "Start it", False),
    ]
    assert steps[1].body == "Escalation: call."
    assert steps[2].body == "```sh\n# a look\ndocker ps\n```"


def test_every_runbook_of_an_alert_that_ships_has_steps_to_tick_off() -> None:
    loaded = load_game_day(SHIPPED)
    for detection in (one.detection for one in loaded.scenarios):
        assert detection is not None
        for rule in detection.rules:
            if rule.runbook:
                file = ROOT / "docs" / "runbooks" / f"{runbook_name(rule.runbook)}.md"
                assert runbook_steps(file.read_text(encoding="utf-8")), file.name


@pytest.mark.parametrize(
    "said", ["05-pms", "docs/runbooks/05-pms.md", "https://wiki.example/x/05-pms.md?v=2"]
)
def test_a_rule_may_name_its_runbook_by_path_or_address(said: str) -> None:
    assert runbook_name(said) == "05-pms"
    assert runbook_name("http://[") == "", "an address that is none names no runbook"
