"""``gate``, and ``--fail-on-regression`` of ``run``: is a run worse than earlier ones?"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as Xml

from chaos.app.command_context import CommandContext
from chaos.app.stored_runs.seals import any_altered
from chaos.app.stored_runs.stored import row_of_folder, without_replaced
from chaos.errors import EnvironmentProblem, ExitCode, worst_exit
from chaos.files import exists, make_folder, write_file
from chaos.history import FILE_NAME, GateResult, RunRow, gate, open_history
from chaos.model.past import Judgement
from chaos.report import human
from chaos.report.junit_document import add_problem, document

GATE_EXIT = {
    Judgement.OK: ExitCode.PASS,
    Judgement.REGRESSION: ExitCode.FAIL,
    Judgement.NOT_ENOUGH_DATA: ExitCode.INCONCLUSIVE,
}
_SIGNS = {
    Judgement.OK: "ok",
    Judgement.REGRESSION: "REGRESSION",
    Judgement.NOT_ENOUGH_DATA: "NOT ENOUGH DATA",
}


def run_gate(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Compares the newest run of every scenario, or the named runs, with earlier ones.

    0: no worse; 1: a regression; 2: not enough data for at least one run. With ``--fail-on-regression``
    only a regression fails, and a run without enough data is reported and counts as 0. A run folder that was
    changed since it was sealed is 2 in every case, and nothing is compared. A run is left out if its rerun
    is named too.
    """
    folders = [context.cwd / folder for folder in arguments.run]
    if any_altered(folders, context, unsealed=arguments.unsealed, stored_verdict=True):
        return ExitCode.INCONCLUSIVE
    runs = _kept(context.cwd / arguments.reports / FILE_NAME, context)
    current = [row_of_folder(folder) for folder in without_replaced(folders)] or list(newest(runs))
    results = [gate(row, runs) for row in current]
    for result in results:
        context.say(line_of(result))
    if not results:
        context.say("NOT ENOUGH DATA  the history holds no run")
    if arguments.junit is not None:
        _write(context.cwd / arguments.junit, gate_junit(results, arguments.fail_on_regression))
    code = worst_exit([GATE_EXIT[result.judgement] for result in results] or [ExitCode.INCONCLUSIVE])
    if arguments.fail_on_regression and code is ExitCode.INCONCLUSIVE:
        return ExitCode.PASS
    return code


def _kept(path: Path, context: CommandContext) -> tuple[RunRow, ...]:
    """All runs of the history.

    Reports a missing history, which is not an error: there is not enough data then.
    """
    if not exists(path):
        context.complain(f"gameday: the history does not exist yet: {context.shown(path)}")
        return ()
    with open_history(path) as history:
        return history.runs()


def newest(runs: Sequence[RunRow]) -> tuple[RunRow, ...]:
    """The newest run of every scenario of every stack, by name."""
    found: dict[tuple[str, str], RunRow] = {}
    for run in sorted(runs, key=lambda run: (run.began, run.run_id)):
        found[run.scenario, run.stack] = run
    return tuple(found[key] for key in sorted(found))


def regressions(rows: Sequence[RunRow], reports: Path, context: CommandContext) -> ExitCode:
    """Prints the result of the gate for each run. Returns ``FAIL`` if any is a regression, and ``HARNESS`` if
    the history cannot be read or lacks one of the runs: a gate that did not run must not end with 0.
    """
    try:
        with open_history(reports / FILE_NAME) as history:
            kept = {row.run_id for row in history.runs()}
            results = [gate(row, history.runs(row.scenario)) for row in rows]
    except EnvironmentProblem as error:
        context.complain(f"gameday: not enough data to look for regressions: {error}")
        return ExitCode.HARNESS
    for result in results:
        context.say(line_of(result))
    if missing := [row.folder for row in rows if row.run_id not in kept]:
        context.complain(f"gameday: not compared, because not in the history: {', '.join(missing)}")
        return ExitCode.HARNESS
    regressed = any(result.judgement is Judgement.REGRESSION for result in results)
    return ExitCode.FAIL if regressed else ExitCode.PASS


def line_of(result: GateResult) -> str:
    """One run in one line."""
    run = f"{result.scenario} {result.run_id} at pace {human.pace(result.pace)}"
    said = result.statement.removeprefix(f"{result.judgement}: ")
    return f"{_SIGNS[result.judgement]:15}  {run}: {human.plain(said)}"


def gate_junit(results: Sequence[GateResult], only_regressions: bool = False) -> str:
    """One test suite, with one test case for each run. A run without enough data, or no run at all, is an
    ``error``, as in the reports. If only regressions may fail it is ``skipped``, which CI shows as green.
    """
    unknown = "skipped" if only_regressions else "error"
    suite = Xml.Element("testsuite", name="regression gate")
    for result in results:
        case = Xml.SubElement(
            suite, "testcase", classname=f"{result.stack}.regression", name=_case_name(result)
        )
        _problem(case, result, unknown)
    if not results:
        case = Xml.SubElement(suite, "testcase", classname="regression", name="a run can be judged")
        add_problem(case, unknown, str(Judgement.NOT_ENOUGH_DATA), "the history holds no run")
    return document([suite], ("failure", "error", "skipped"))


def _case_name(result: GateResult) -> str:
    return f"{result.scenario} at pace {human.pace(result.pace)} is no worse than before"


def _problem(case: Xml.Element, result: GateResult, unknown: str) -> None:
    if result.judgement is Judgement.OK:
        return
    tag = "failure" if result.judgement is Judgement.REGRESSION else unknown
    lines = [f"run: {result.folder}", f"compared with: {', '.join(result.baseline) or 'no run'}"]
    lines += [f"{finding.judgement}: {finding.words}" for finding in result.findings]
    add_problem(case, tag, str(result.judgement), result.statement, lines)


def _write(path: Path, text: str) -> None:
    remedy = "name another file with --junit"
    make_folder(path.parent, remedy)
    write_file(path, text, remedy)
