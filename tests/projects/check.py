"""A project that is not gameday's own, as a newcomer takes it up: init, preflight, three scenarios, pytest.

python -m tests.projects.check [NAME...]     all five without a name; needs an engine
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PROJECTS = ("shop", "jobs", "phoenix", "hub", "suite")
KINDS = ("kill", "slow", "cut")
SECONDS = 400.0  # real, for one command
TEST = """
def test_the_answer_is_clear_without_{target}(gameday):
    assert gameday.probe("web", "/").status == 200
    with gameday.fault("link.down", link="web->{target}"):
        answer = gameday.probe("web", "/")
    assert answer.status in ({statuses})
"""
TARGETS = {"shop": "store", "jobs": "queue", "phoenix": "store", "hub": "registry", "suite": "store"}


@dataclass(frozen=True)
class Step:
    """One command of a newcomer and how it ended."""

    words: tuple[str, ...]
    code: int
    output: str

    @property
    def ok(self) -> bool:
        return self.code == 0


def copied(project: str, into: Path) -> Path:
    """The project in a folder of its own, beside the image that it builds."""
    shutil.copytree(HERE / "app", into / "app")
    shutil.copytree(HERE / project, into / project)
    return into / project


def taken_up(
    project: str, folder: Path, kinds: tuple[str, ...] = KINDS, python: Path = Path(sys.executable)
) -> list[Step]:
    """Everything that a newcomer does; it goes on after a step that fails.

    ``python``: the interpreter that has gameday. The tests of the project run in this one, which has pytest.
    """
    target = TARGETS[project]
    gameday = (str(python), "-m", "chaos")
    steps = [_run(folder, *gameday, "init", "--all", "compose.yml")]
    stack = folder / "stack.yaml"
    if not steps[0].ok:
        return steps
    stack.write_text(stack.read_text().replace("{request: GET /alive}", "{request: GET /}"))  # as users do
    (folder / "pytest.ini").write_text("[pytest]\n")
    statuses = "0, 503" if project == "phoenix" else "503,"
    (folder / "test_promise.py").write_text(TEST.format(target=target, statuses=statuses))
    scenarios = [f"scenarios/{target}-{kind}.yaml" for kind in kinds]
    steps.append(_run(folder, *gameday, "validate", "scenarios"))
    steps.append(_run(folder, *gameday, "images", "."))
    steps.append(_run(folder, *gameday, "preflight", scenarios[0], "--fix"))
    steps.append(_run(folder, *gameday, "run", *scenarios))
    plugin = ("-p", "no:cacheprovider")
    steps.append(_run(folder, sys.executable, "-m", "pytest", *plugin, "-q", "test_promise.py"))
    return steps


def _run(folder: Path, *words: str) -> Step:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=SECONDS)
    return Step(words[2:], done.returncode, done.stdout + done.stderr)


def main() -> int:
    failed = 0
    for project in sys.argv[1:] or PROJECTS:
        with tempfile.TemporaryDirectory(prefix="gameday-project-") as folder:
            for step in taken_up(project, copied(project, Path(folder))):
                print(f"== {project}: {' '.join(step.words)}: exit code {step.code}", flush=True)
                print(step.output, flush=True)
                failed += not step.ok
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
