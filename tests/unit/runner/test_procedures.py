"""Procedures of a run in memory: what each step does, where one stops, and what the run makes of that."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chaos.errors import BadInput, Interrupted, ToolProblem
from chaos.faults.container_kill import ContainerKill
from chaos.model.scenario import Load
from chaos.model.stack import LoadProfile
from chaos.ports import FaultContext, LeverAnswer
from chaos.runner import Runner
from chaos.runner.procedures import KEPT
from chaos.timeline.events import Measurement
from tests.unit.runner.operators import RESTORE, START, Ran, Set, killed, procedure
from tests.unit.runner.test_load_of_a_run import FakeLoad

pytestmark = pytest.mark.thorough


async def test_a_procedure_answers_a_fault_in_place_of_the_undo(tmp_path: Path) -> None:
    stand = Set(tmp_path, killed("restore"), known=RESTORE)
    await stand.run()
    assert stand.operator.ran == ["docker compose ps", START, "docker compose ps"]
    assert "start cache" not in stand.harness.deployment.log
    kinds = [
        kind for kind in stand.harness.journal.kinds() if kind.startswith(("fault_i", "fault_r", "proc"))
    ]
    assert kinds == [
        "fault_intended",
        "fault_injected",
        "procedure_began",
        "procedure_step_began",
        "procedure_step_ended",
        "procedure_step_began",
        "procedure_step_ended",
        "procedure_ended",
        "fault_reverted",
    ]
    (began,), (reverted,), (ended,) = map(stand.of, ("procedure_began", "fault_reverted", "procedure_ended"))
    assert (began.purpose, began.index) == ("answer", 0)
    assert (reverted.ok, reverted.at) == (True, ended.at)
    assert stand.of("steady_state")[-1].held
    assert "restore: s1 (1 of 2) done in 3s (planned 20m)" in stand.said()
    assert "restore done in 3s (planned 40m)" in stand.said()


async def test_it_begins_as_soon_as_the_fault_takes_effect(tmp_path: Path) -> None:
    stand = Set(tmp_path, killed("restore"), known=RESTORE)
    await stand.run()
    seen = next(event for event in stand.of("fault_measured") if event.took_effect)
    assert stand.of("procedure_began")[0].at == seen.at


@pytest.mark.parametrize(
    ("ran", "said"),
    [
        (Ran(3, "one\ntwo\nthree\nfour\nno such backup\n"), "exited 3: two / three / four / no such backup"),
        (Ran(1), "exited 1, and printed nothing"),
    ],
)
async def test_it_stops_at_the_command_that_fails_and_says_why(tmp_path: Path, ran: Ran, said: str) -> None:
    stand = Set(tmp_path, killed("restore"), known=RESTORE)
    stand.operator.answers = {START: ran}
    await stand.run()
    assert stand.operator.ran == ["docker compose ps", START]
    (step,), (ended,), (reverted,) = map(
        stand.of, ("procedure_step_ended", "procedure_ended", "fault_reverted")
    )
    assert (step.ok, step.detail) == (False, f"`{START}` {said}")
    assert (ended.ok, ended.detail) == (False, f"step s1 (1 of 2): {step.detail}")
    assert (reverted.ok, reverted.detail) == (False, f"restore: {ended.detail}")
    assert step.output.endswith(ran.output)
    assert stand.harness.journal.kinds()[-1] == "run_ended"
    assert stand.of("run_ended")[0].error == "", "the system is weak, the harness is not"


@pytest.mark.parametrize(("code", "known"), [(2, False), (1, True)])
async def test_an_exit_code_that_says_nothing_is_kept_apart(tmp_path: Path, code: int, known: bool) -> None:
    step = RESTORE.steps[0].model_copy(update={"unknown": [2]})
    stand = Set(tmp_path, killed("restore"), known=RESTORE.model_copy(update={"steps": [step]}))
    stand.operator.answers = {START: Ran(code)}
    await stand.run()
    (ended,) = stand.of("procedure_step_ended")
    assert (ended.ok, ended.known) == (False, known)


async def test_a_command_beyond_the_limit_of_its_step_fails(tmp_path: Path) -> None:
    slow = procedure("restore", {"run": ["docker compose ps", START], "limit": "1500ms"})
    stand = Set(tmp_path, killed("restore"), known=slow)
    await stand.run()
    assert stand.operator.limits == [1.5, 0.5]
    (step,) = stand.of("procedure_step_ended")
    assert step.detail == f"`{START}` was not done within 1.5s, the limit of the step: still at it"


async def test_a_check_is_asked_until_it_holds(tmp_path: Path) -> None:
    looks = procedure("restore", {"run": [START], "check": {"run": "docker compose ps", "prints": "^2 rows"}})
    stand = Set(tmp_path, killed("restore"), known=looks)
    stand.operator.answers = {"docker compose ps": [Ran(1), Ran(0, "0 rows\n"), Ran(0, "so\n2 rows\n")]}
    await stand.run()
    assert stand.operator.ran.count("docker compose ps") == 3
    assert stand.of("fault_reverted")[0].ok


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (
            {"run": "docker compose ps", "prints": "^2 rows", "within": "5s"},
            "awaited for 5s that `docker compose ps` exits 0 and prints '^2 rows'; "
            "seen instead: its output does not match: 0 rows",
        ),
        (
            {"http": {"service": "web", "path": "/x", "status": 200}, "within": "5s"},
            "awaited for 5s that GET web/x answers 200; seen instead: answered 503",
        ),
    ],
)
async def test_a_check_that_never_holds_fails_the_step(
    tmp_path: Path, check: Mapping[str, object], said: str
) -> None:
    stand = Set(tmp_path, killed("restore"), known=procedure("restore", {"run": [START], "check": check}, {}))
    stand.operator.answers = {"docker compose ps": Ran(0, "0 rows\n")}
    stand.operator.held = (LeverAnswer(False, "answered 503"),)
    await stand.run()
    (step,) = stand.of("procedure_step_ended")
    assert (step.step, step.ok, step.detail) == ("s1", False, said)
    assert 3.0 < step.at - stand.of("procedure_step_began")[0].at < 8.0


async def test_a_check_is_asked_at_least_once(tmp_path: Path) -> None:
    stand = Set(
        tmp_path, rehearse=procedure("look", {"check": {"run": "docker compose ps", "within": "100ms"}})
    )
    stand.operator.takes = 0.3
    await stand.run()
    assert stand.operator.ran == ["docker compose ps"]
    assert stand.of("procedure_ended")[0].ok


async def test_a_procedure_that_ends_while_the_fault_still_has_effect_has_failed(tmp_path: Path) -> None:
    stand = Set(tmp_path, killed("restore"), known=RESTORE)
    stand.operator.does = {}
    await stand.run()
    (reverted,) = stand.of("fault_reverted")
    assert not reverted.ok
    assert reverted.detail == "restore: the procedure ended but the fault still takes effect"


async def test_a_fault_that_no_one_sees_is_not_answered(tmp_path: Path) -> None:
    stand = Set(tmp_path, killed("restore"), known=RESTORE)
    stand.harness.deployment.deaf = True
    await stand.run()
    assert stand.operator.ran == []
    assert not stand.of("fault_reverted")
    assert "the witness saw no effect in time; restore is not run" in stand.said()


async def test_the_instant_of_the_first_injection_is_one_word_of_a_command(tmp_path: Path) -> None:
    words: list[tuple[str, ...]] = []
    rewind = procedure(
        "restore", {"run": ["docker compose run db rewind --to='$failed_at' $$HOME '$$1'", START]}
    )
    stand = Set(tmp_path, killed("restore"), killed(None, at="300s"), known=rewind)
    run = stand.operator.run

    async def spy(argv: Sequence[str], timeout: float) -> Ran:
        words.append(tuple(argv))
        return await run(argv, timeout)

    stand.operator.run = spy  # type: ignore[method-assign]
    await stand.run()
    at = stand.of("fault_intended")[0].at
    assert at == pytest.approx(1_700_000_010.0)
    assert words[0][3:] == ("db", "rewind", "--to=2023-11-14 22:13:30.000000+00", "$HOME", "$1")


async def test_before_any_injection_there_is_no_such_instant(tmp_path: Path) -> None:
    stand = Set(tmp_path, rehearse=procedure("look", {"run": ["docker compose run db $failed_at"]}))
    await stand.run()
    assert stand.operator.ran == []
    assert "uses $failed_at, but no fault was injected before it" in stand.of("procedure_ended")[0].detail


async def test_the_journal_keeps_the_end_of_what_was_printed(tmp_path: Path) -> None:
    stand = Set(tmp_path, rehearse=procedure("look", {"run": ["docker compose logs"]}))
    rows = "".join(f"row {number}\n" for number in range(5000))
    stand.operator.answers = {"docker compose logs": Ran(0, rows), "docker compose ps": Ran(0, "the check")}
    await stand.run()
    (step,) = stand.of("procedure_step_ended")
    assert len(step.output) <= KEPT
    assert step.output.startswith("row ")
    assert step.output.endswith("row 4999\nthe check\n")


async def test_preparations_come_before_the_injection_and_the_steady_state_holds_again(
    tmp_path: Path,
) -> None:
    stand = Set(tmp_path, killed(None), prepare=procedure("copy", {}))
    await stand.run()
    assert [(e.procedure, e.purpose) for e in stand.of("procedure_began")] == [("copy", "prepare")]
    kinds = stand.harness.journal.kinds()
    assert kinds.index("procedure_ended") < kinds.index("fault_intended")
    assert [event.when for event in stand.of("steady_state")] == ["before", "before", "after"]


async def test_a_preparation_that_fails_injects_nothing(tmp_path: Path) -> None:
    stand = Set(tmp_path, killed(None), prepare=(procedure("copy", {}), procedure("more", {})))
    stand.operator.answers = {"docker compose ps": Ran(1, "disk full")}
    await stand.run()
    assert not stand.of("fault_intended")
    assert [event.procedure for event in stand.of("procedure_ended")] == ["copy"]
    assert "copy failed, nothing is injected" in stand.said()
    assert stand.of("run_ended")[0].error == ""
    assert "down" in stand.harness.deployment.log


async def test_a_preparation_that_unsettles_the_stack_injects_nothing(tmp_path: Path) -> None:
    stand = Set(tmp_path, killed(None), prepare=procedure("copy", {}))
    stand.operator.does = {"docker compose ps": lambda: setattr(stand.harness.metrics, "sick", True)}
    await stand.run()
    assert [event.held for event in stand.of("steady_state")] == [True, False]
    assert not stand.of("fault_intended")


async def test_every_rehearsal_is_made_whatever_becomes_of_the_others(tmp_path: Path) -> None:
    stand = Set(tmp_path, rehearse=(procedure("one", {"run": [START]}), procedure("two", {})))
    stand.operator.answers = {START: Ran(9)}
    await stand.run()
    assert [(e.procedure, e.ok) for e in stand.of("procedure_ended")] == [("one", False), ("two", True)]
    phases = [event.phase for event in stand.of("phase_began")]
    assert phases == ["start", "steady", "timeline", "recovery", "teardown"]
    assert stand.of("steady_state")[-1].when == "after"


async def test_one_operator_answers_one_fault_after_the_other(tmp_path: Path) -> None:
    other_start = START.replace("cache", "web")
    both = (procedure("one", {"run": [START]}), procedure("two", {"run": [other_start]}))
    stand = Set(tmp_path, killed("one"), killed("two", service="web"), known=both)
    stand.operator.does = {
        line: partial(stand.harness.deployment.states.__setitem__, service, "running")
        for line, service in ((START, "cache"), (other_start, "web"))
    }
    stand.operator.takes = 5.0
    await stand.run()
    turns = [e for e in stand.harness.journal.events if e.event in ("procedure_began", "procedure_ended")]
    assert [e.event for e in turns] == ["procedure_began", "procedure_ended"] * 2
    assert [event.ok for event in stand.of("fault_reverted")] == [True, True]


async def test_an_interruption_ends_the_command_and_removes_the_stack(tmp_path: Path) -> None:
    stand = Set(tmp_path, killed("restore"), known=RESTORE)
    stand.operator.takes = 100.0
    run = asyncio.ensure_future(Runner(stand.harness.plan, stand.needs()).run())
    while not stand.operator.ran:
        await stand.harness.clock.advance(1)
    run.cancel()
    with pytest.raises(Interrupted):
        await stand.harness.clock.run(run)
    assert stand.operator.ended == 1
    assert "down" in stand.harness.deployment.log
    assert not stand.of("procedure_ended"), "its end was not seen"
    assert not stand.of("fault_reverted"), "nothing of it is undone: it goes with the stack"
    assert "discard offsite" not in stand.harness.deployment.log


async def test_without_anybody_to_carry_it_out_the_harness_is_broken(tmp_path: Path) -> None:
    stand = Set(tmp_path, rehearse=procedure("look", {}))
    with pytest.raises(ToolProblem, match="no operator to carry out"):
        await stand.harness.clock.run(Runner(stand.harness.plan, stand.harness.needs()).run())


async def test_a_procedure_that_the_plan_lacks_is_bad_input(tmp_path: Path) -> None:
    stand = Set(tmp_path, killed("elsewhere"))
    with pytest.raises(BadInput, match="no procedure elsewhere"):
        await stand.run()


async def test_the_load_lasts_through_procedures_and_is_bounded(tmp_path: Path) -> None:
    async def bound(*steps: dict[str, Any]) -> float:
        stand = Set(tmp_path, killed("restore"), known=procedure("restore", {"run": [START]}, *steps))
        profile = LoadProfile.model_validate({"entry": "clients->web", "requests": [{"request": "GET /"}]})
        plan = stand.harness.plan
        stand.harness.plan = plan.model_copy(
            update={
                "scenario": plan.scenario.model_copy(update={"load": Load(profile="p")}),
                "stack": plan.stack.model_copy(update={"load": {"p": profile}}),
            }
        )
        given: list[float] = []

        class Listening(FakeLoad):
            async def start(self, profile: LoadProfile, rate: float, out: Path, max_seconds: float) -> None:
                given.append(max_seconds)
                await super().start(profile, rate, out, min(max_seconds, 120.0))

        load = Listening(stand.harness.clock)
        needs = replace(stand.needs(), load=load, entries={"web": "http://127.0.0.1:1"})
        await stand.harness.run(Runner(stand.harness.plan, needs).run())
        return given[0]

    short, long = await bound(), await bound({"limit": "3h"})
    assert long - short == 3 * 3600 + 60, "the commands and the check of one step more"


class Slippery(ContainerKill):
    """One whose injection breaks."""

    async def inject(self, context: FaultContext) -> None:
        raise ToolProblem("the injection failed")

    async def measure(self, context: FaultContext) -> Measurement:
        return Measurement(subject="x", values={"state": "running"})


async def test_an_injection_that_breaks_is_not_answered(tmp_path: Path) -> None:
    raw = {"at": "2s", "fault": "container.kill", "service": "cache", "close_links": False}
    stand = Set(tmp_path, Slippery.model_validate(raw | {"answer": "restore"}), known=RESTORE)
    with pytest.raises(ToolProblem, match="the injection failed"):
        await stand.run()
    assert stand.operator.ran == []
