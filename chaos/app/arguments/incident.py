"""The arguments of the commands about incidents."""

from __future__ import annotations

import argparse
from pathlib import Path

from chaos.app import verbs
from chaos.app.arguments.shared import AddVerb, reports_argument, unsealed_argument
from chaos.timing import parse_duration

REPORTS = "folder of incidents.sqlite"


def add_incident_verbs(add: AddVerb) -> None:
    """``detect`` and ``incidents``."""
    detect = add("detect", verbs.detect, "open and resolve incidents from the alerts of a Prometheus")
    detect.add_argument(
        "--prometheus",
        default="http://127.0.0.1:9090",
        metavar="URL",
        help="a Prometheus on this machine (default http://127.0.0.1:9090)",
    )
    detect.add_argument(
        "--interval",
        type=_seconds,
        metavar="30s",
        help="read again and again, until interrupted (default: once)",
    )
    detect.add_argument(
        "--lookback", type=_seconds, default=3600.0, metavar="1h", help="how far the first reading goes back"
    )
    detect.add_argument(
        "--source", metavar="NAME", help="what this Prometheus is called in the list (default: its URL)"
    )
    detect.add_argument(
        "--run", type=Path, nargs="+", metavar="RUN", help="keep the alerts of stored runs, as drills"
    )
    unsealed_argument(detect)
    reports_argument(detect, REPORTS)
    incidents = add(
        "incidents", verbs.incidents, "report on incidents: MTTD, MTTR, frequency, alert accuracy"
    )
    incidents.add_argument(
        "--since", type=_seconds, default=30 * 86400.0, metavar="30d", help="how far back (default 30d)"
    )
    incidents.add_argument(
        "--true", action="append", default=[], metavar="NUMBER", help="its alert was right (may be repeated)"
    )
    incidents.add_argument(
        "--false", action="append", default=[], metavar="NUMBER", help="its alert was wrong"
    )
    incidents.add_argument(
        "--into", type=Path, metavar="FOLDER", help="write HTML, Markdown and JSON there too"
    )
    incidents.add_argument("--json", action="store_true", help="as JSON")
    reports_argument(incidents, REPORTS)


def _seconds(text: str) -> float:
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if seconds <= 0:
        raise argparse.ArgumentTypeError(f"expected a duration above 0, got {text!r}")
    return seconds
