"""``gameday``: parse, call, exit code. Everything else is in ``chaos.app``."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn, TypeAlias

from chaos.app import verbs as commands
from chaos.app.command_context import CommandContext
from chaos.app.coverage_arguments import add_coverage_verbs
from chaos.app.gameday_arguments import add_gameday_verbs
from chaos.app.incident_arguments import add_incident_verbs
from chaos.app.machine_arguments import add_machine_verbs
from chaos.app.project_arguments import add_project_verbs
from chaos.errors import A_DEFECT, EXIT_CODE_MEANING, BadInput, ExitCode, GamedayError, Problem
from chaos.model.plan import FASTEST_PACE, SLOWEST_PACE

DEFAULT_PACE = 20.0
MOST_REPEATS = 100  # a day of runs
JOBS_HELP = "stacks that run at once; auto: as many as this machine bears (default 1)"


class _Parser(argparse.ArgumentParser):
    """Usage errors are bad input like any other: one clear line, exit code 4."""

    def error(self, message: str) -> NoReturn:
        raise BadInput([Problem.about(self.prog, message, f"see {self.prog} --help")])


def main(argv: Sequence[str] | None = None, context: CommandContext | None = None) -> int:
    """Run one command; the exit code (see ``gameday --help``)."""
    context = context or CommandContext()
    try:
        known = parser()
        if "_ARGCOMPLETE" in os.environ:  # a shell asks for words; it is answered here and nothing is run
            import argcomplete

            argcomplete.autocomplete(known)
        arguments = known.parse_args(argv)
        command: Command = arguments.command
        code = command(arguments, context)
        return int(code)
    except GamedayError as error:
        context.complain(f"gameday: {error}" if not isinstance(error, BadInput) else str(error))
        return int(error.exit_code)
    except KeyboardInterrupt:
        return int(ExitCode.INTERRUPTED)
    except Exception:  # a defect of gameday must never look like exit code 1, a failed check
        context.complain(traceback.format_exc())
        context.complain(f"gameday: {A_DEFECT}")
        return int(ExitCode.HARNESS)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    codes = "\n".join(f"  {int(code):>3}  {meaning}" for code, meaning in EXIT_CODE_MEANING.items())
    top = _Parser(
        prog="gameday",
        description="Injects faults into a stack and judges how it detects, contains and recovers from them.",
        epilog=f"exit codes:\n{codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_authoring(verbs)
    _add_running(verbs)
    _add_history(verbs)
    add_coverage_verbs(partial(_verb, verbs))
    add_incident_verbs(partial(_verb, verbs))
    add_gameday_verbs(partial(_verb, verbs), _pace)
    add_machine_verbs(partial(_verb, verbs))
    add_project_verbs(partial(_verb, verbs), _selectors, _pace_and_env)
    return top


Command = Callable[[argparse.Namespace, CommandContext], ExitCode]
_Verbs: TypeAlias = "argparse._SubParsersAction[_Parser]"


def _verb(verbs: _Verbs, name: str, command: Command, summary: str) -> _Parser:
    verb = verbs.add_parser(name, help=summary, description=summary)
    verb.set_defaults(command=command)
    return verb


def _add_authoring(verbs: _Verbs) -> None:
    init = _verb(verbs, "init", commands.init, "write a first stack.yaml and scenario for a compose file")
    init.add_argument(
        "compose_files",
        type=Path,
        nargs="+",
        metavar="COMPOSE_FILE",
        help="one, or several that Compose merges",
    )
    init.add_argument(
        "--all",
        action="store_true",
        help="also one scenario for each dependency and kind of fault: kill, hang, slow, cut, reset",
    )
    init.add_argument("--into", type=Path, help="folder to write to (default: that of the compose file)")
    validate = _verb(
        verbs,
        "validate",
        commands.validate,
        "check scenarios; every problem at file:line:column; needs no engine",
    )
    _selectors(validate)
    validate.add_argument(
        "--pace",
        type=_pace,
        help="also refuse what cannot be judged at this pace (default: what cannot be judged at any)",
    )
    validate.add_argument("--json", action="store_true", help="as JSON")
    plan = _verb(verbs, "plan", commands.plan, "show what a run would do and when; needs no engine")
    plan.add_argument("--json", action="store_true", help="as JSON")
    _selectors(plan)
    _pace_and_env(plan)
    runbooks = _verb(
        verbs, "runbooks", commands.runbooks, "write the steps of a stack's procedures into its runbooks"
    )
    runbooks.add_argument(
        "stack", nargs="?", type=Path, default=Path("stack"), metavar="STACK", help="folder of a stack.yaml"
    )
    runbooks.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if a runbook is out of date"
    )
    kinds = _verb(
        verbs,
        "kinds",
        commands.kinds,
        "list the faults, checks, collectors and report formats",
    )
    kinds.add_argument("kind", nargs="?", help="a fault or a check: show its parameters")


def _add_running(verbs: _Verbs) -> None:
    run = _verb(verbs, "run", commands.run, "run scenarios and write a debrief report")
    _selectors(run)
    run.add_argument("--json", action="store_true", help="the outcomes as JSON; the rest goes to stderr")
    _pace_and_env(run)
    run.add_argument("--jobs", type=_jobs, default=1, metavar="N", help=JOBS_HELP)
    run.add_argument(
        "--repeat",
        type=_repeats,
        default=1,
        metavar="N",
        help="run each scenario N times, and write how its measures and outcomes spread (default 1)",
    )
    run.add_argument(
        "--control",
        action="store_true",
        help="run each scenario once without its faults first; its report shows what that measured",
    )
    run.add_argument(
        "--incidents", action="store_true", help="keep the runs' alerts among the incidents, as drills"
    )
    _fail_on_regression(run)
    _reports(run)
    _sign_key(run)
    _add_drill(verbs)
    judge = _verb(verbs, "judge", commands.judge, "judge a stored run again; needs no engine")
    judge.add_argument("run", type=Path, metavar="RUN", nargs="+", help="run folder")
    _unsealed(judge)
    report = _verb(
        verbs, "report", commands.report, "judge stored runs and draw their reports; needs no engine"
    )
    report.add_argument(
        "run", type=Path, metavar="RUN", nargs="+", help="run folder; several get a summary page"
    )
    _reports(report)
    _sign_key(report)
    _unsealed(report)
    verify = _verb(
        verbs,
        "verify",
        commands.verify,
        "check whether a run folder was changed since it was sealed; needs no engine",
    )
    verify.add_argument("run", type=Path, metavar="RUN", nargs="+", help="run or summary folder")
    verify.add_argument(
        "--key", type=Path, metavar="PUBLIC.pem", help="Ed25519 public key that must have signed it"
    )


def _add_drill(verbs: _Verbs) -> None:
    drill = _verb(
        verbs, "drill", commands.drill, "run the disaster-recovery drill and write one scored report"
    )
    drill.add_argument(
        "selectors",
        nargs="*",
        metavar="SCENARIO",
        help="scenario file, folder or tag, or the name of one of the drill (default: scenarios/drill)",
    )
    _pace_and_env(drill)
    _fail_on_regression(drill)
    drill.add_argument("--jobs", type=_jobs, default=1, metavar="N", help=JOBS_HELP)
    drill.add_argument(
        "--again",
        type=Path,
        nargs="+",
        metavar="FOLDER",
        help="draw it again from a drill's folder, or from run folders; needs no engine",
    )
    drill.add_argument(
        "--resume",
        type=Path,
        metavar="FOLDER",
        help="run only the scenarios that a drill lacks, and complete its report",
    )
    _reports(drill)
    _sign_key(drill)
    _unsealed(drill)


def _add_history(verbs: _Verbs) -> None:
    history = _verb(
        verbs, "history", commands.history, "list earlier runs, their trends, and procedures that are due"
    )
    history.add_argument("scenario", nargs="?", metavar="SCENARIO", help="only runs of this scenario")
    history.add_argument("--last", type=_count, default=20, metavar="N", help="how many runs (default 20)")
    history.add_argument("--json", action="store_true", help="as JSON")
    history.add_argument("--rebuild", action="store_true", help="build it again from the run folders first")
    _unsealed(history)
    _reports(history)
    compare = _verb(verbs, "compare", commands.compare, "show what differs between two runs")
    compare.add_argument("before", metavar="A", help="run folder, or id of a run in the history")
    compare.add_argument("after", metavar="B", help="run folder, or id of a run in the history")
    compare.add_argument("--json", action="store_true", help="as JSON")
    _reports(compare)
    gate = _verb(
        verbs,
        "gate",
        commands.gate,
        "compare a run with the median of earlier runs: 0 no regression, 1 regression, 2 not enough data",
    )
    gate.add_argument(
        "run",
        type=Path,
        metavar="RUN",
        nargs="*",
        help="run folder (default: the newest run of every scenario)",
    )
    gate.add_argument(
        "--fail-on-regression",
        action="store_true",
        help="fail only on a regression; a run without enough data is reported and counts as 0",
    )
    gate.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit XML there too")
    _reports(gate)


def _selectors(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("selectors", nargs="+", metavar="SCENARIO", help="scenario file, folder, or tag")


def _reports(verb: _Parser) -> None:
    verb.add_argument("--reports", type=Path, default=Path("reports"), help="folder of the run folders")


def _fail_on_regression(verb: _Parser) -> None:
    verb.add_argument(
        "--fail-on-regression",
        action="store_true",
        help="exit 1 also if a run is worse than earlier ones (see gate)",
    )


def _unsealed(verb: _Parser) -> None:
    verb.add_argument(
        "--unsealed",
        action="store_true",
        help="judge also a folder that was changed since it was sealed (default: refuse it, exit code 2)",
    )


def _sign_key(verb: _Parser) -> None:
    verb.add_argument(
        "--sign-key",
        type=Path,
        metavar="FILE",
        help="sign the evidence: Ed25519 private key, PEM (default: what GAMEDAY_SIGN_KEY_FILE names)",
    )


def _pace_and_env(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--pace",
        type=_pace,
        default=DEFAULT_PACE,
        help=f"how much policy time is compressed; 1 is production time (default {DEFAULT_PACE:g})",
    )
    verb.add_argument(
        "--env",
        action="append",
        default=[],
        metavar="[SERVICE.]VARIABLE=VALUE",
        help="set a variable of the stack's apps",
    )


def _positive(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 16:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to 16, got {text!r}")
    return int(text)


def _jobs(text: str) -> int | None:
    """None: as many as the machine bears."""
    return None if text == "auto" else _positive(text)


def _repeats(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= MOST_REPEATS:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to {MOST_REPEATS}, got {text!r}")
    return int(text)


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text!r}")
    return int(text)


def _pace(text: str) -> float:
    try:
        pace = float(text)
    except ValueError:
        pace = 0.0
    if not SLOWEST_PACE <= pace <= FASTEST_PACE:
        expected = f"a number from {SLOWEST_PACE:g} (production time) to {FASTEST_PACE:g}"
        raise argparse.ArgumentTypeError(f"expected {expected}, got {text!r}")
    return pace


if __name__ == "__main__":
    sys.exit(main())
