"""What a run says becomes facts of the day, and its plan is shifted as drawn."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from chaos.app.command_context import CommandContext
from chaos.app.gamedays.debrief import SOURCE, DaySource, read_logs, source_of
from chaos.app.gamedays.host import listening_socket, run_host
from chaos.app.gamedays.runs import DayObserver
from chaos.app.plans import plan_of
from chaos.cli import main
from chaos.console.running import RunFact
from chaos.errors import BadInput, EnvironmentProblem
from chaos.faults.container_kill import ContainerKill
from chaos.gameday.fault_length import as_played
from chaos.gameday.load import load_game_day
from chaos.model.alert_states import ActiveAlert, AlertState
from chaos.runner import BreakerReading, Progress
from chaos.runner.progress import ClientState, ProbeState
from chaos.scenario import load_scenario
from chaos.timeline.events import (
    FaultInjected,
    FaultMeasured,
    FaultReverted,
    Measurement,
    Phase,
    PhaseBegan,
)
from chaos.timeline.steered import RunResumed
from tests.fakes import ManualClock
from tests.runner_harness import plan
from tests.unit.test_house import ROOT

KILL = ContainerKill.model_validate({"at": "2s", "for": "10s", "fault": "container.kill", "service": "cache"})


def observer() -> tuple[DayObserver, list[RunFact]]:
    facts: list[RunFact] = []
    return DayObserver(plan(KILL), facts.append, ManualClock()), facts


def test_faults_are_named_proven_once_and_undone() -> None:
    watcher, facts = observer()
    seen = Measurement(subject="cache", values={"state": "exited"})
    watcher.on_event("r", PhaseBegan(at=1, mono=1, phase=Phase.TIMELINE))
    watcher.on_event("r", FaultInjected(at=2, mono=2, index=0))
    for at in (3, 4):
        watcher.on_event(
            "r",
            FaultMeasured.model_validate(
                {"at": at, "mono": at, "index": 0, "when": "during", "bites": True, "measurement": seen}
            ),
        )
    watcher.on_event("r", FaultReverted(at=5, mono=5, index=0, ok=True))
    watcher.on_event("r", FaultReverted(at=6, mono=6, index=0, ok=False))
    kinds = [(fact.kind.__name__, fact.at, fact.fields.get("state")) for fact in facts]
    assert kinds == [
        ("TimelineBegan", 1, None),
        ("FaultChanged", 2, "injected"),
        ("FaultChanged", 3, "proven"),
        ("FaultChanged", 5, "undone"),
        ("FaultChanged", 6, "undo failed"),
    ]
    assert facts[1].fields["fault"] == "container.kill cache"


def test_alerts_and_health_are_written_when_they_change_and_readings_not_too_often() -> None:
    watcher, facts = observer()

    def moment(state: AlertState | None, ok: bool, *, known: bool = True) -> None:
        alerts = () if state is None else (ActiveAlert("CacheDown", state),)
        breakers = (BreakerReading("db", "open"),)
        probes = (ProbeState("ready", ok, "" if ok else "503"),)
        clients = ClientState(10, 0.0, 0.1)
        watcher.on_progress(
            Progress(
                "r", "toy", Phase.TIMELINE, "", 1, 1, alerts if known else None, breakers, probes, clients
            )
        )

    moment(AlertState.FIRING, True)  # while the stack starts
    moment(None, True)
    watcher.on_event("r", PhaseBegan(at=1, mono=1, phase=Phase.TIMELINE))
    moment(AlertState.PENDING, True)
    moment(AlertState.FIRING, False)
    moment(AlertState.FIRING, False)
    moment(None, False, known=False)  # an alert that cannot be read has not resolved
    moment(AlertState.FIRING, False)
    moment(None, True)
    alerts = [fact.fields["firing"] for fact in facts if fact.kind.__name__ == "AlertNotified"]
    health = [
        (fact.fields["probe"], fact.fields["ok"]) for fact in facts if fact.kind.__name__ == "HealthSeen"
    ]
    assert alerts == [True, False]
    assert health == [("ready", True), ("breaker db", False), ("ready", False), ("ready", True)]
    assert [fact.kind.__name__ for fact in facts].count("ClientsSeen") == 1


def test_a_hold_that_the_run_ends_by_itself_ends_in_the_day_too() -> None:
    watcher, facts = observer()
    watcher.on_event("r", RunResumed(at=9, mono=9, reason="held too long"))
    watcher.on_event("r", RunResumed(at=9, mono=9, author="fay"))
    assert [fact.kind.__name__ for fact in facts] == ["Continued"]


def test_the_faults_of_a_plan_come_later_by_what_was_drawn() -> None:
    loaded = load_scenario(ROOT / "scenarios" / "pms" / "pms-down.yaml")
    early, late = (plan_of(as_played(loaded, delay, None), 20) for delay in (0.0, 100.0))
    assert late.steps[0].start == early.steps[0].start + 100 / 20
    assert late.timeline_seconds > early.timeline_seconds
    assert late.steps[0].end - late.steps[0].start == early.steps[0].end - early.steps[0].start


def test_a_fault_stays_as_long_as_the_day_says_and_is_undone_then() -> None:
    loaded = load_scenario(ROOT / "scenarios" / "pms" / "pms-down.yaml")
    longer = plan_of(as_played(loaded, 60.0, 900.0), 20)
    [step] = longer.steps
    assert (step.start, step.end) == (120 / 20, (120 + 900) / 20)


def test_log_lines_have_their_instants(tmp_path: Path) -> None:
    (tmp_path / "api.log").write_text(
        "2026-01-31T09:30:00.500000000Z started\nno stamp\n2026-01-31T09:30:01Z x\n"
    )
    assert [(round(at % 60, 1), line) for at, line in read_logs(tmp_path)["api"]] == [
        (0.5, "started"),
        (1.0, "x"),
    ]


def test_hosting_needs_a_file_or_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nothing = Namespace(
        file=None, resume=None, stack=None, reports=Path("reports"), pace=None, seed=None, port=0
    )
    with pytest.raises(BadInput, match="game-day file"):
        run_host(nothing, CommandContext(cwd=tmp_path))
    assert main(["host", "--resume", str(tmp_path)]) == 4
    assert main(["debrief", str(tmp_path)]) == 4
    assert main(["host", str(tmp_path / "gone.yaml")]) == 4
    assert "Traceback" not in capsys.readouterr().err


def test_a_day_is_hosted_on_a_stack_of_one_s_own_and_finds_it_again(tmp_path: Path) -> None:
    """The scenarios lie elsewhere and name a stack that is not there."""
    counter = ROOT / "examples" / "counter"
    text = (counter / "scenarios" / "redis-down.yaml").read_text()
    (tmp_path / "down.yaml").write_text(text.replace("stack: counter", "stack: somewhere"))
    day = tmp_path / "day.yaml"
    day.write_text("gameday: own\ntitle: Own\nscenarios:\n  - {scenario: down.yaml, severity: SEV2}\n")
    with pytest.raises(BadInput, match="unknown stack 'somewhere'"):
        load_game_day(day)
    for given in (counter, counter / "stack.yaml"):
        loaded = load_game_day(day, 20, given)
        assert (loaded.scenarios[0].stack.stack, Path(loaded.scenarios[0].stack_root)) == ("counter", counter)
    with pytest.raises(BadInput, match="no such stack"):
        load_game_day(day, 20, tmp_path)
    (tmp_path / SOURCE).write_text(DaySource(day, counter).text)
    assert source_of(tmp_path, "day") == DaySource(day, counter)
    (tmp_path / SOURCE).write_text(DaySource(day).text)
    assert source_of(tmp_path, "day") == DaySource(day)


def test_a_day_that_goes_on_keeps_its_stack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["host", "--resume", str(tmp_path), "--stack", str(tmp_path)]) == 4
    assert "keeps its stack" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said_before_anything_is_started() -> None:
    with listening_socket(0) as first:
        first.listen()
        with pytest.raises(EnvironmentProblem, match="--port"):
            listening_socket(first.getsockname()[1])
    with pytest.raises(EnvironmentProblem):
        listening_socket(70_000)
