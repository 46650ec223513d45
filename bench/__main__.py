"""``python -m bench [PART ...]``: cold-start, judging, load, probes and waits (all by default), run and warm.

Only ``run`` and ``warm`` need Docker. Figures depend on the machine and on what else it does: its load is
printed first.
"""

from __future__ import annotations

import argparse
import os
import platform
from pathlib import Path

from bench import cold_start, judging, load, probes, waits, warm

PARTS = ("cold-start", "judging", "load", "probes", "waits")
ENGINE = ("run", "warm")  # they need one


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="What the harness itself costs.")
    parser.add_argument(
        "part", nargs="*", help=f"of {', '.join((*PARTS, *ENGINE))}; default: {', '.join(PARTS)}"
    )
    parser.add_argument("--folder", type=Path, help="run folder for waits; default: newest whole one")
    parser.add_argument("--scenario", type=Path, default=Path("scenarios/pms/pms-down.yaml"), help="for run")
    parser.add_argument("--pace", type=float, default=20.0, help="for run and warm")
    arguments = parser.parse_args()
    parts = arguments.part or list(PARTS)
    if unknown := set(parts) - {*PARTS, *ENGINE}:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores")
    print(f"Python {platform.python_version()}; load of the machine before: {os.getloadavg()[0]:.1f}")
    if "cold-start" in parts:
        cold_start.measure()
    if "judging" in parts:
        judging.measure()
    if "load" in parts:
        load.measure()
    if "probes" in parts:
        probes.measure()
    if "run" in parts:
        waits.measure_run(arguments.scenario, arguments.pace)
    if "warm" in parts:
        warm.measure(arguments.pace)
    if "waits" in parts:
        waits.measure(arguments.folder)


if __name__ == "__main__":
    main()
