"""Three scenarios of the counter example, each on a stack of its own and then all on one warm stack."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from bench.cold_start import call
from bench.table import print_table

COUNTER = Path(__file__).parents[1] / "examples" / "counter"
THIRD = "redis-paused"


def measure(pace: float) -> None:
    """Needs an engine and the images of the example (``gameday images examples/counter``)."""
    with tempfile.TemporaryDirectory(prefix="gameday-bench-") as folder:
        project = Path(folder) / "counter"
        shutil.copytree(COUNTER, project)
        _third(project)
        rows = []
        walls = []
        for title, options in (("cold", []), ("warm", ["--warm"])):
            reports = Path(folder) / title
            began = time.monotonic()
            words = ["run", str(project), "--pace", f"{pace:g}", "--reports", str(reports), *options]
            call([sys.executable, "-m", "chaos", *words])
            walls.append(time.monotonic() - began)
            rows.append([title, f"{walls[-1]:.0f} s", _outcomes(reports)])
        rows.append(["ratio", f"{walls[0] / walls[1]:.2f}", ""])
        print_table(f"Three scenarios at pace {pace:g}", ["stack", "took", "verdicts"], rows)


def _third(project: Path) -> None:
    """One more scenario beside the two that the example has."""
    text = (project / "scenarios" / "redis-down.yaml").read_text()
    text = text.replace("redis-down", THIRD).replace("container.kill", "container.pause")
    (project / "scenarios" / f"{THIRD}.yaml").write_text(text)


def _outcomes(reports: Path) -> str:
    found = [json.loads(path.read_text()) for path in sorted(reports.glob("*/verdict.json"))]
    return ", ".join(f"{one['scenario']} {one['outcome']}" for one in found) or "none"
