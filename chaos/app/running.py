"""``run``, ``judge`` and ``report``."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
import traceback
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chaos.adapters.stack.prepared import find_secrets
from chaos.adapters.stack.watchdog import Watchdog
from chaos.app.display import Display, display_for
from chaos.app.gating import regressions
from chaos.app.judging import Judged, judge_folder, report_folder, store_verdict, summarise
from chaos.app.past import keep_run, past_of, row_of
from chaos.app.planning import plans_of
from chaos.app.sealing import after_redrawing, before_redrawing, seal_folder, signer_of
from chaos.app.signals import run_until_signal
from chaos.app.wiring import check_engine, run_needs
from chaos.app.world import World
from chaos.errors import A_DEFECT, BadInput, EnvironmentProblem, ExitCode, GamedayError, Interrupted
from chaos.evidence import Signer
from chaos.hiding import redact
from chaos.history import FILE_NAME
from chaos.journal import RunFolder, create_run_folder
from chaos.model.plan import Plan
from chaos.model.verdict import OUTCOME_EXIT
from chaos.plan import stored_plan
from chaos.report import Broken
from chaos.runner import Runner

# The worst first: what was left behind matters more than why, and why more than the verdict.
WORST = (
    ExitCode.LEFT_DIRTY,
    ExitCode.INTERRUPTED,
    ExitCode.BAD_INPUT,
    ExitCode.HARNESS,
    ExitCode.FAIL,
    ExitCode.INCONCLUSIVE,
    ExitCode.PASS,
)


NOT_STARTED = "not started: interrupted before its turn, or before it did anything"


@dataclass(frozen=True)
class Done:
    """One run that ended: its exit code, and what could be made of its recording; if nothing, then why."""

    code: ExitCode
    judged: Judged | None
    broken: Broken | None = None


def run_run(arguments: Namespace, world: World) -> ExitCode:
    """All scenarios that were named, then their reports."""
    plans = plans_of(arguments.selectors, arguments.pace, arguments.env, world)
    signer = signer_of(arguments, world)
    reports: Path = world.cwd / arguments.reports
    done = run_until_signal(run_all(plans, reports, arguments.jobs, world, signer), world)
    code = worst([one.code for one in done])
    judged = [one.judged for one in done if one.judged is not None]
    broken = [one.broken for one in done if one.broken is not None]
    if len(plans) > 1 and (judged or broken):
        _summarise(judged, reports, signer, world, broken)
    return gated(code, done, reports, world) if arguments.fail_on_regression else code


def gated(code: ExitCode, done: Sequence[Done], reports: Path, world: World) -> ExitCode:
    """``code``, made worse by any run that is worse than the ones before it."""
    rows = [row_of(one.judged) for one in done if one.judged is not None]
    return worst([code, ExitCode.FAIL]) if regressions(rows, reports, world) else code


def run_judge(arguments: Namespace, world: World) -> ExitCode:
    """The verdict of stored runs again, byte for byte."""
    codes = []
    for folder in arguments.run:
        judged = judge_folder(folder)
        world.say(f"{world.shown(folder)}: {_sentence(judged)}")
        if not judged.stored:
            world.complain(f"{world.shown(folder)}: the sealed verdict.json says otherwise")
        codes.append(OUTCOME_EXIT[judged.verdict.outcome])
    return worst(codes)


def run_report(arguments: Namespace, world: World) -> ExitCode:
    """The reports of stored runs, and a summary of several.

    Drawing succeeded: exit 0 whatever the verdict; 2 if a folder was no longer what had been sealed.
    """
    signer = signer_of(arguments, world)
    judged = [judge_folder(folder) for folder in arguments.run]
    seals = [before_redrawing(one.folder, signer) for one in judged]
    codes = []
    for one, found in zip(judged, seals, strict=True):
        beside = one.folder.resolve().parent
        paths = report_folder(one, past_of(beside, one, world))
        say_paths(one.recording.plan.scenario.scenario, paths, world)
        codes.append(after_redrawing(found, (store_verdict(one), *paths), signer, world))
        if codes[-1] is ExitCode.PASS and (beside / FILE_NAME).exists():
            keep_run(beside, one, world)  # one that was killed is judged here for the first time
    if len(judged) > 1:
        _summarise(judged, world.cwd / arguments.reports, signer, world)
    return worst(codes)


async def run_all(
    plans: Sequence[Plan], reports: Path, jobs: int, world: World, signer: Signer | None = None
) -> list[Done]:
    """At most ``jobs`` at a time. After an interruption those that did not start yet are left out.

    Raises ``EnvironmentProblem``, with nothing created, if there is no engine to run them on.
    """
    await check_engine()
    free = asyncio.Semaphore(jobs)
    watchdog = Watchdog.start(reports)
    try:
        with display_for(world) as display:

            async def one(plan: Plan) -> Done:
                async with free:
                    return await _run_one(plan, reports, watchdog, display, world, signer)

            tasks = [asyncio.create_task(one(plan)) for plan in plans]
            cancelled = False
            while pending := [task for task in tasks if not task.done()]:
                try:
                    await asyncio.wait(pending)
                except asyncio.CancelledError:
                    cancelled = True
                    for task in pending:
                        task.cancel()
            done = [task.result() for task in tasks if not task.cancelled()]
            left_out = [
                Done(ExitCode.INTERRUPTED, None, Broken(scenario=plan.scenario.scenario, detail=NOT_STARTED))
                for plan, task in zip(plans, tasks, strict=True)
                if task.cancelled()
            ]
            return done + (left_out or [Done(ExitCode.INTERRUPTED, None)] * cancelled)
    finally:
        watchdog.done()


async def _run_one(
    plan: Plan,
    reports: Path,
    watchdog: Watchdog,
    display: Display,
    world: World,
    signer: Signer | None = None,
) -> Done:
    """From an empty folder to its reports. An error of the run is told at once and becomes an exit code.

    A run that broke before its journal began did nothing that could be judged: its folder is removed.
    """
    name = plan.scenario.scenario
    try:
        folder = create_run_folder(reports, name)
    except GamedayError as error:
        world.complain(f"gameday: {name}: {error}")
        return Done(error.exit_code, None, Broken(scenario=name, detail=str(error)))
    code, why = ExitCode.PASS, ""
    hidden: tuple[str, ...] = ()
    try:
        hidden = await find_secrets(plan)
        _keep(plan, folder, hidden)
        async with run_needs(plan, folder, watchdog, display.show, world) as needs:
            await Runner(plan, needs).run()
    except GamedayError as error:
        code, why = error.exit_code, redact(str(error), hidden)
        if not isinstance(error, Interrupted):
            world.complain(f"gameday: {name}: {why}")
    except Exception as error:  # told here, or it would swallow what came of the runs beside it
        code, why = ExitCode.HARNESS, f"{type(error).__name__}: {A_DEFECT}"
        world.complain(f"{redact(traceback.format_exc(), hidden)}gameday: {name}: {A_DEFECT}")
    finally:
        began = folder.journal.exists() and folder.journal.stat().st_size > 0
        if not began:
            shutil.rmtree(folder.path, ignore_errors=True)
    if not began:
        return Done(code, None, Broken(scenario=name, detail=why or "its journal never began"))
    done = _debrief(folder, code, name, world)
    try:
        seal_folder(folder.path, signer, world)  # also what could not be judged
    except GamedayError as error:
        world.complain(f"gameday: {name}: {error}")
        return replace(done, code=worst([done.code, error.exit_code]))
    return done


def _debrief(folder: RunFolder, code: ExitCode, name: str, world: World) -> Done:
    """Judge and draw what was recorded. An error of the run weighs more than its verdict."""
    try:
        judged = judge_folder(folder.path)
        reports = folder.path.parent
        keep_run(reports, judged, world)
        paths = report_folder(judged, past_of(reports, judged, world))
    except GamedayError as error:
        world.complain(f"gameday: {name}: {error}")
        return Done(worst([code, error.exit_code]), None, Broken(scenario=name, detail=str(error)))
    world.say(f"{name}: {_sentence(judged)}")
    say_paths(name, paths, world)
    if code is ExitCode.PASS:
        code = OUTCOME_EXIT[judged.verdict.outcome]
    return Done(code, judged)


def _keep(plan: Plan, folder: RunFolder, hidden: tuple[str, ...]) -> None:
    try:
        text = Path(plan.source.file).read_text(encoding="utf-8")
        folder.scenario.write_text(redact(text, hidden), encoding="utf-8")
        folder.plan.write_text(stored_plan(plan, hidden), encoding="utf-8")
    except OSError as error:
        raise EnvironmentProblem(
            f"scenario and plan cannot be kept in {folder.path}: {error.strerror or error}",
            "free some space there, or name another folder with --reports",
        ) from error


def worst(codes: Sequence[ExitCode]) -> ExitCode:
    if not codes:
        raise BadInput("there was nothing to do")
    return min(codes, key=WORST.index)


def _sentence(judged: Judged) -> str:
    score = judged.verdict.score
    number = "no score" if score.total is None else f"score {score.total:.0f}"
    certified = "" if score.certifiable else ", not certifiable"
    return f"{judged.verdict.outcome} ({number}{certified}): {judged.verdict.reason}"


def say_paths(name: str, paths: Sequence[Path], world: World) -> None:
    for path in paths:
        world.say(f"  {name}: {world.shown(path)}")


def _summarise(
    judged: Sequence[Judged],
    reports: Path,
    signer: Signer | None,
    world: World,
    broken: Sequence[Broken] = (),
) -> None:
    folder = _summary_folder(reports)
    pasts = [past_of(one.folder.resolve().parent, one, world) for one in judged]
    paths = summarise(judged, folder, broken, pasts)
    seal_folder(folder, signer, world)
    say_paths("summary", paths, world)


def _summary_folder(reports: Path) -> Path:
    folder = reports / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-summary-{secrets.token_hex(3)}"
    folder.mkdir(parents=True)
    return folder
