"""A game day in its folder, as ``gameday host`` leaves it, with one scenario of the counter example."""

from __future__ import annotations

from pathlib import Path

from chaos.app.gamedays.debrief import SOURCE
from chaos.gameday import people_events as people
from chaos.gameday.clock import DayClock
from chaos.gameday.debrief import Debrief, debrief
from chaos.gameday.journal import FILE_NAME
from chaos.gameday.machine_events import ClientsSeen, FaultState, SlotEnded, SlotJudged
from chaos.gameday.model import GameDay
from chaos.gameday.policy import read_policy
from tests.gamedays import ScriptedDay

COUNTER = Path(__file__).parents[1] / "examples" / "counter" / "scenarios" / "redis-down.yaml"
NAME = "20231114T221320Z-toy-day-abc123"
FILE = f"""\
gameday: toy-day
title: Day of the toys
pace: 1
scenarios:
  - scenario: {COUNTER}
    title: The cache goes down
    severity: SEV2
    length: 30m
    expectations:
      - {{what: the lead of the cache was informed, by: 10m}}
      - {{what: it was escalated, by: 20m, confirm: escalated}}
"""


def played(run: str = "") -> ScriptedDay:
    """One scenario to its end. ``run``: the name of its run folder."""
    day = ScriptedDay()
    day.runs(broken=60, alert=180)
    day.machine(ClientsSeen, 200, answered=50, error_rate=0.25, latency_p95=0.3)
    day.says("rob", people.Noticed, 240, how="dashboard", words="rob saw the gauge")
    day.says("cleo", people.Declared, 300, severity="SEV3", words="rob is sure")
    day.says("rob", people.Stuck, 360, missing="access", words="no shell on the cache")
    day.says("rob", people.Unstuck, 480)
    day.says(
        "rob", people.StepTicked, 500, runbook="07-cache", step=2, title="Start it", result="did not work"
    )
    day.says("cleo", people.Escalated, 540, to="lead of the cache")
    day.says("rob", people.Mitigated, 600, words="restarted")
    day.fault(700, FaultState.REVERTED)
    day.says("cleo", people.Resolved, 720)
    day.machine(SlotEnded, 900)
    day.machine(SlotJudged, 901, outcome="PASS", folder=run, score=91.0, exit_code=0)
    day.says("fay", people.Revealed, 902)
    return day


def keep_day(reports: Path, day: ScriptedDay, name: str = NAME, file: str = FILE) -> Path:
    """Write ``day`` below ``reports``; the folder."""
    folder = reports / "gamedays" / name
    folder.mkdir(parents=True)
    (folder / "gameday.yaml").write_text(file)
    (folder / SOURCE).write_text(str(folder / "gameday.yaml"))
    lines = [event.model_dump_json() + "\n" for event in day.events]
    (folder / FILE_NAME).write_text("".join(lines))
    return folder


def debriefed() -> tuple[Debrief, DayClock]:
    """The same day in memory, with a message that was sent at 420 s."""
    day = played()
    day.says("sam", people.MessageSent, 420, template="internal_alert", channel="chat", words="DRILL: down")
    scenario = {"scenario": "x.yaml", "severity": "SEV2", "length": "30m"}
    plan = GameDay.model_validate({"gameday": "toy-day", "title": "Day of the toys", "scenarios": [scenario]})
    return debrief(day.events, plan, read_policy(), ("The cache goes down",), {}), day.state().clock
