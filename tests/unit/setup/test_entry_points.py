"""The commands that README and CI give: they call what they promise, and hand on how it ended."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def make(*words: str) -> subprocess.CompletedProcess[str]:
    """As typed in a fresh shell: what a surrounding make was given does not count."""
    ours = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(["make", *words], cwd=ROOT, env=ours, capture_output=True, text=True, check=False)


def test_help_lists_every_target() -> None:
    phony = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    listed = re.findall(r"^  make (\S+) +\S", make("help").stdout, re.MULTILINE)
    assert set(" ".join(phony).split()) <= set(listed)
    assert {f"chaos-{suite}" for suite in suites()} <= set(listed)


def suites() -> set[str]:
    return {folder.name for folder in (ROOT / "scenarios").iterdir()} - {"drill", "drafts", "gameday"}


def test_all_suites_are_run_at_once_with_one_summary() -> None:
    (line,) = [line for line in make("-n", "chaos").stdout.splitlines() if "gameday run" in line]
    words = line.split(" --pace ")[0].split()[2:]
    assert sorted(words) == sorted(f"scenarios/{suite}" for suite in suites())
    assert "--pace 20 --jobs auto" in line


def test_a_suite_is_run_with_pace_jobs_and_variables_after_set_up() -> None:
    shown = make("-n", "chaos-pms", "PACE=1", "JOBS=2", "ENV=DEFECT=no_breaker OTHER=x").stdout
    assert "gameday run scenarios/pms --pace 1 --jobs 2 --rerun-inconclusive --env DEFECT=no_br" in shown
    assert "--env DEFECT=no_breaker --env OTHER=x" in shown
    assert shown.index("bootstrap/venv.sh") < shown.index("doctor --fix") < shown.index("gameday run")
    assert "--pace 20 --jobs auto" in make("-n", "chaos-database").stdout


def test_the_tests_are_all_tests_after_set_up_and_lint() -> None:
    shown = make("-n", "test").stdout
    # Two halves that leave nothing out: together they select every test.
    assert re.findall(r"-m pytest.* -m (\"not containers\"|containers) ", shown) == [
        '"not containers"',
        "containers",
    ]
    assert shown.count("-m pytest") == 2
    for tool in ("doctor --fix", "mypy", "lint-imports", "ruff check", "promtool"):
        assert shown.index(tool) < shown.index("-m pytest"), tool


def test_without_an_engine_the_rules_end_in_one_line_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "docker").write_text("#!/bin/sh\necho 'a long story of a socket' >&2\nexit 1\n")
    (tmp_path / "docker").chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(["make", "rules"], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    (line,) = said
    assert "no Docker engine answers" in line
    assert "Error 3" in done.stderr


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A checkout with CI's script; its make and gameday log their arguments and end as the test says."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    for program, variable in (("bin/make", "MAKE_ENDS"), (".venv/bin/gameday", "CLEAN_ENDS")):
        path = tmp_path / program
        name = path.name
        path.write_text(
            f'#!/bin/sh\necho {name} "$@" >> {tmp_path}/diary\ntest -t 0 && exit 99\nexit ${variable}\n'
        )
        path.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize(("make_ends", "clean_ends", "ends"), [(0, 0, 0), (2, 0, 2), (0, 5, 5), (2, 5, 2)])
def test_ci_runs_make_test_and_leaves_nothing_behind(
    clone: Path, make_ends: int, clean_ends: int, ends: int
) -> None:
    env = {
        "PATH": f"{clone / 'bin'}:{os.environ['PATH']}",
        "CI": "true",
        "MAKE_ENDS": str(make_ends),
        "CLEAN_ENDS": str(clean_ends),
    }
    done = subprocess.run(
        ["bash", ".ci/run"], cwd=clone, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == ends, done.stderr
    assert (clone / "diary").read_text().splitlines() == ["make test", "gameday clean"]


@pytest.mark.parametrize(
    ("target", "variable", "more"),
    [
        ("on-call-schedule", "ON_CALL", ()),
        ("post-mortem", "OF", ()),
        ("post-mortem", "OWNER", ("OF=a-run",)),
        ("incident-detect", "PROMETHEUS_URL", ()),
        ("incident-detect", "INTERVAL", ()),
    ],
)
def test_a_value_is_handed_on_as_it_stands_and_never_run(
    target: str, variable: str, more: tuple[str, ...], tmp_path: Path
) -> None:
    text = f"a b; $(shell touch {tmp_path}/run) `touch {tmp_path}/run`"
    done = make(target, "GAMEDAY=printf '%s\\n'", f"{variable}={text}", *more)
    assert text in done.stdout.splitlines()
    assert not (tmp_path / "run").exists()
