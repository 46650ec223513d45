"""``gameday validate`` runs before every commit: it loads only what it needs, and costs little CPU."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from chaos.scenario import LoadedStack, StackReader, load_scenario, load_stack, stack_reader
from tests.unit.scenario.files import TOYS, lay_out

ROOT = Path(__file__).parents[3]
SCENARIO = "scenarios/pms/pms-down.yaml"
UNNEEDED = {
    "chaos.adapters",
    "chaos.console",
    "chaos.faults.link_down",  # a kind that the scenario does not use
    "chaos.faults.redis_flush",
    "chaos.history",
    "chaos.plan.make",
    "chaos.report",
    "chaos.runner",
    "chaos.scenario.draft",
    "chaos.verdict",
    "difflib",
    "docker",
    "httpx",
    "jinja2",
    "locust",
    "numpy",
    "starlette",
}
ONE_MODEL = "import yaml\nfrom pydantic import BaseModel\nclass One(BaseModel):\n    x: int\n"
MOST = 5.5  # times a process that builds one model: 4 for this folder, 7 while each scenario read its stack


@pytest.mark.processes
def test_validate_loads_nothing_that_it_does_not_need() -> None:
    code = (
        "import sys; from chaos.cli import main; code = main(['validate', sys.argv[1]]);"
        "print(*sorted(sys.modules), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code, SCENARIO], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stderr.split())
    assert "chaos.faults.container_kill" in loaded
    assert not UNNEEDED & loaded


@pytest.mark.processes
def test_validate_costs_little_beside_a_process_that_builds_one_model(tmp_path: Path) -> None:
    """CPU of both in turn, the least of three each: what runs beside them makes both slower."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}  # compiled, as an installation is
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    validate = [sys.executable, "-m", "chaos", "validate", str(Path(SCENARIO).parent)]
    _cpu(validate, environment)  # compiles
    pairs = [
        (_cpu(validate, environment), _cpu([sys.executable, "-c", ONE_MODEL], environment)) for _ in range(3)
    ]
    mine, beside = min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
    assert mine < MOST * beside, f"validate {mine:.2f} s, beside it {beside:.2f} s"


def _cpu(words: list[str], environment: dict[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, check=True, capture_output=True, cwd=ROOT, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_scenarios_that_are_read_together_read_their_stack_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []

    def counted(path: Path, shown: str | None = None) -> LoadedStack:
        read.append(path)
        return load_stack(path, shown)

    monkeypatch.setattr(stack_reader, "load_stack", counted)
    first = lay_out(tmp_path)
    second = tmp_path / "again.yaml"
    second.write_text((tmp_path / first).read_text())
    reader = StackReader()
    one, two = (load_scenario(tmp_path / path, TOYS, reader=reader) for path in (first, second))
    assert len(read) == 1
    assert one.stack is two.stack
    load_scenario(tmp_path / first, TOYS)
    assert len(read) == 2, "another command reads it anew"
