"""The history's row of a run, from its recording and its verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.errors import ExitCode
from chaos.history import RunRow, recovery_of, run_row
from chaos.model.procedure import Procedure
from chaos.timeline.events import Event, FaultReverted, LeftOver, ProcedureBegan, ProcedureEnded, RunEnded
from chaos.timeline.recording import Recording
from chaos.verdict import judge
from tests.recordings import Kind, demo_recording

RESTORE = Procedure.model_validate(
    {
        "procedure": "restore",
        "title": "Restore it",
        "steps": [{"step": "go", "title": "Go", "planned": "20m", "check": {"run": "docker compose ps"}}],
    }
)


def row_of(recording: Recording) -> RunRow:
    return run_row(recording, judge(recording), "folder")


def changed(recording: Recording, **fields: object) -> Recording:
    return replace(recording, plan=recording.plan.model_copy(update=fields))


def with_events(recording: Recording, *events: Event) -> Recording:
    return replace(recording, events=(*recording.events[:-1], *events, recording.events[-1]))


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("pass", ExitCode.PASS),
        ("fail", ExitCode.FAIL),
        ("inconclusive", ExitCode.INCONCLUSIVE),
        ("aborted", ExitCode.INTERRUPTED),
    ],
)
def test_the_exit_code_is_what_the_recording_means(kind: Kind, code: ExitCode) -> None:
    assert row_of(demo_recording(kind)).exit_code == code


def test_what_broke_and_what_was_left_weigh_more_than_the_verdict() -> None:
    recording = demo_recording("pass")
    broken = replace(
        recording,
        events=(*recording.events[:-1], RunEnded(at=recording.ended, mono=0.0, error="engine gone")),
    )
    assert row_of(broken).exit_code == ExitCode.HARNESS
    left = LeftOver(at=recording.ended, mono=0.0, containers=("web",))
    assert row_of(with_events(broken, left)).exit_code == ExitCode.LEFT_DIRTY
    undo = next(recording.of(FaultReverted)).model_copy(update={"ok": False})
    assert row_of(with_events(recording, undo)).exit_code == ExitCode.LEFT_DIRTY


def test_a_procedure_that_fails_to_answer_a_fault_leaves_nothing_behind() -> None:
    recording = demo_recording("pass")
    step = recording.plan.steps[0]
    answered = step.step.model_copy(update={"answer": "restore", "hold": 0.0})
    recording = changed(recording, steps=(step.model_copy(update={"step": answered}),))
    undo = next(recording.of(FaultReverted)).model_copy(update={"ok": False})
    assert row_of(with_events(recording, undo)).exit_code != ExitCode.LEFT_DIRTY


def test_measures_keep_the_outcome_of_their_check_and_recovery_is_found() -> None:
    row = row_of(demo_recording("pass"))
    assert {measure.title for measure in row.measures} <= {check.title for check in row.checks}
    assert all(measure.outcome is not None for measure in row.measures)
    assert 20 < (recovery_of(row) or 0) < 30  # the fault lasts 24 s
    assert row.took == pytest.approx(76, abs=1)


def test_what_env_changed_is_named_without_secrets_and_without_what_the_file_says() -> None:
    recording = demo_recording("pass")
    env = {"web": {"MODE": "slow", "TOKEN": "hunter2-hunter2"}, "worker": {"MODE": "calm"}}
    scenario = recording.plan.scenario.model_copy(update={"env": {"worker.MODE": "calm"}})
    stack = recording.plan.stack.model_copy(update={"redact": ["TOKEN"]})
    row = row_of(changed(recording, env=env, scenario=scenario, stack=stack))
    assert row.variables == "web.MODE=slow, web.TOKEN=[redacted]"
    assert row_of(recording).variables == ""


def test_every_run_of_a_procedure_is_a_row_and_one_without_an_end_is_not_ok() -> None:
    recording = changed(demo_recording("pass"), procedures={"restore": RESTORE})
    at = recording.began

    def began(second: float, name: str = "restore") -> ProcedureBegan:
        return ProcedureBegan(at=at + second, mono=0.0, procedure=name, purpose="answer", index=0)

    def ended(second: float, ok: bool) -> ProcedureEnded:
        return ProcedureEnded(at=at + second, mono=0.0, procedure="restore", ok=ok)

    events = (began(10), ended(15, False), began(20), ended(32, True), began(40, "unknown"))
    rows = row_of(with_events(recording, *events)).procedures
    assert [(row.name, row.ok, row.planned) for row in rows] == [
        ("restore", False, 1200.0),
        ("restore", True, 1200.0),
        ("unknown", False, None),
    ]
    assert [row.measured for row in rows[:2]] == pytest.approx([5, 12])
    assert rows[2].ended == recording.ended
