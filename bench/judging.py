"""What judging and drawing a recording cost, by its size. Each size in a process of its own: CPU seconds and
peak memory.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from time import process_time

from bench import big_recordings as big

RUN = Path(__file__).parents[1] / "tests" / "corpus" / "runs" / "v3-pms-down.tar.xz"
SIZES: dict[str, tuple[big.Grow, tuple[int, ...]]] = {
    "requests": (big.with_requests, (1_000, 10_000, 100_000, 1_000_000)),
    "label sets": (big.with_label_sets, (1, 160, 320, 640)),
    "container states": (big.with_container_states, (100, 1_000, 10_000)),
}


def measure(kinds: tuple[str, ...] = tuple(SIZES)) -> None:
    """Prints one line a kind and size."""
    print(f"\n{'recording':32} {'judged':>9} {'drawn':>9} {'memory':>9} {'HTML':>9}")
    for kind in kinds:
        grow, sizes = SIZES[kind]
        for size in sizes:
            with tempfile.TemporaryDirectory() as where:
                with tarfile.open(RUN) as archive:
                    archive.extractall(where, filter="data")
                (folder,) = Path(where).iterdir()
                grow(folder, size)
                words = [sys.executable, "-m", "bench.judging", str(folder)]
                done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=900)
            got = json.loads(done.stdout.splitlines()[-1])
            print(
                f"{size:>12,} {kind:19} {got['judged']:7.2f} s {got['drawn']:7.2f} s"
                f" {got['memory']:6.0f} MB {got['html'] / 1e6:6.2f} MB"
            )


def judge_one(folder: Path) -> dict[str, float]:
    """CPU seconds of judging and of drawing, peak memory in MB, bytes of the HTML report."""
    from chaos.app.command_context import CommandContext
    from chaos.app.stored_runs.past import past_of
    from chaos.app.stored_runs.verdicts import judge_folder, report_folder

    began = process_time()
    judged = judge_folder(folder)
    judged_after = process_time() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = process_time()
    report_folder(judged, past_of(folder.parent, judged, CommandContext()))
    drawn = process_time() - began
    html = (folder / "report.html").stat().st_size
    return {"judged": judged_after, "drawn": drawn, "memory": memory, "html": html}


if __name__ == "__main__":
    print(json.dumps(judge_one(Path(sys.argv[1]))))
