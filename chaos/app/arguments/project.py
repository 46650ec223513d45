"""The arguments of the commands for people who bring a project of their own."""

from __future__ import annotations

from pathlib import Path

from chaos.app import verbs
from chaos.app.arguments.shared import (
    AddVerb,
    pace_and_env_arguments,
    reports_argument,
    selectors_argument,
    unsealed_argument,
)

EXPORTS = ("csv", "grafana", "openmetrics", "perfetto")


def add_project_verbs(add: AddVerb) -> None:
    """``new``, ``preflight``, ``export`` and ``completion``."""
    new = add("new", verbs.new, "write a scenario from a few words; asks for what is left out")
    new.add_argument("name", metavar="NAME", help="of the scenario: small letters, digits, hyphens")
    new.add_argument("--fault", metavar="KIND", help="such as container.kill; gameday kinds lists them")
    new.add_argument("--on", metavar="TARGET", help="a service, a link (CLIENT->TARGET) or a lever")
    new.add_argument(
        "--set", action="append", default=[], metavar="PARAMETER=VALUE", help="such as latency=800ms"
    )
    new.add_argument("--for", dest="hold", default="4m", metavar="4m", help="how long it holds (default 4m)")
    new.add_argument(
        "--stack", type=Path, default=Path(), metavar="STACK", help="folder of the stack.yaml (default: here)"
    )
    preflight = add(
        "preflight",
        verbs.preflight,
        "start a stack once without faults, with and without proxies, and say whether runs can mean anything",
    )
    selectors_argument(preflight)
    pace_and_env_arguments(preflight)
    preflight.add_argument(
        "--fix", action="store_true", help="write what was learnt into stack.yaml, as comments"
    )
    preflight.add_argument("--json", action="store_true", help="as JSON")
    preflight.add_argument(
        "--spliced-only", action="store_true", help="do not start it without proxies for comparison"
    )
    reports_argument(preflight)
    export = add("export", verbs.export, "write a stored run in the format of another tool; needs no engine")
    export.add_argument("run", type=Path, metavar="RUN", help="run folder")
    export.add_argument(
        "--format", required=True, choices=EXPORTS, help="csv rows, or a file for one of these tools"
    )
    export.add_argument("--out", type=Path, metavar="FILE", help="write it there (default: standard output)")
    unsealed_argument(export)
    completion = add("completion", verbs.completion, "print what makes your shell complete gameday's words")
    completion.add_argument("shell", choices=["bash", "zsh", "fish"])
