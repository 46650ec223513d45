"""The arguments of the commands that make runs, and of those about stored runs."""

from __future__ import annotations

from pathlib import Path

from chaos.app import verbs
from chaos.app.arguments.shared import (
    JOBS_HELP,
    AddVerb,
    jobs_of,
    pace_and_env_arguments,
    regression_argument,
    reports_argument,
    rerun_argument,
    selectors_argument,
    sign_key_argument,
    unsealed_argument,
    whole_number,
)

MOST_REPEATS = 100  # a day of runs


def add_run_verbs(add: AddVerb) -> None:
    run = add("run", verbs.run, "run scenarios and write a debrief report")
    selectors_argument(run)
    run.add_argument("--json", action="store_true", help="the outcomes as JSON; the rest goes to stderr")
    pace_and_env_arguments(run)
    run.add_argument("--jobs", type=jobs_of, default=1, metavar="N", help=JOBS_HELP)
    rerun_argument(run)
    run.add_argument(
        "--repeat",
        type=whole_number(MOST_REPEATS),
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
        "--warm",
        action="store_true",
        help="run scenarios of the same stack one after the other on one running stack, or on N of them with "
        "--jobs, as long as each leaves it as it was",
    )
    run.add_argument(
        "--incidents", action="store_true", help="keep the runs' alerts among the incidents, as drills"
    )
    regression_argument(run)
    reports_argument(run)
    sign_key_argument(run)
    _add_drill(add)
    judge = add("judge", verbs.judge, "judge a stored run again; needs no engine")
    judge.add_argument("run", type=Path, metavar="RUN", nargs="+", help="run folder")
    unsealed_argument(judge)
    report = add("report", verbs.report, "judge stored runs and draw their reports; needs no engine")
    report.add_argument(
        "run", type=Path, metavar="RUN", nargs="+", help="run folder; several get a summary page"
    )
    reports_argument(report)
    sign_key_argument(report)
    unsealed_argument(report)
    verify = add(
        "verify",
        verbs.verify,
        "check whether a run folder was changed since it was sealed; needs no engine",
    )
    verify.add_argument("run", type=Path, metavar="RUN", nargs="+", help="run or summary folder")
    verify.add_argument(
        "--key", type=Path, metavar="PUBLIC.pem", help="Ed25519 public key that must have signed it"
    )


def _add_drill(add: AddVerb) -> None:
    drill = add("drill", verbs.drill, "run the disaster-recovery drill and write one scored report")
    drill.add_argument(
        "selectors",
        nargs="*",
        metavar="SCENARIO",
        help="scenario file, folder or tag, or the name of one of the drill (default: scenarios/drill)",
    )
    pace_and_env_arguments(drill)
    regression_argument(drill)
    drill.add_argument("--jobs", type=jobs_of, default=1, metavar="N", help=JOBS_HELP)
    rerun_argument(drill)
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
    reports_argument(drill)
    sign_key_argument(drill)
    unsealed_argument(drill)
