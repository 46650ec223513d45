"""The workflow that runs the scheduled jobs by the calendar."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[3]
WORKFLOW = ROOT / ".github" / "workflows" / "resilience.yml"


def workflow() -> dict[Any, Any]:
    loaded = yaml.safe_load(WORKFLOW.read_text())
    assert isinstance(loaded, dict)
    return loaded


JOBS = ("resilience", "dr-drill", "weekly")  # in the order of their cron lines


def step_of(job: str, part: str) -> dict[str, Any]:
    found = [
        s for s in workflow()["jobs"][job]["steps"] if part in s.get("run", "") or part in s.get("uses", "")
    ]
    assert len(found) == 1, (job, part)
    return dict(found[0])


def test_every_make_target_and_script_of_the_workflow_exists() -> None:
    targets = re.findall(r"^([a-z][\w-]*):(?!=)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    runs = [step["run"] for job in JOBS for step in workflow()["jobs"][job]["steps"] if "run" in step]
    named = [match for run in runs for match in re.findall(r"\bmake ([a-z-]+)", run)]
    assert sorted(named) == ["dr-drill", "resilience", "weekly"]
    assert set(named) <= set(targets)
    scripts = {match for run in runs for match in re.findall(r"^\.ci/[\w-]+", run)}
    assert scripts == {".ci/verdict", ".ci/sign-key", ".ci/without-offsite"}
    assert all(os.access(ROOT / script, os.X_OK) for script in scripts)
    assert all(run.startswith((".ci/", "make ")) and "${{" not in run for run in runs)


@pytest.mark.parametrize("job", JOBS)
def test_reports_history_summary_and_verdict_come_whatever_happened(job: str) -> None:
    named = (f"verdict {job} summary", "without-offsite", "upload-artifact", "cache/save", "sign-key drop")
    steps = [step_of(job, part) for part in named]
    assert all(step["if"] == "always()" for step in steps)
    assert sorted(steps, key=workflow()["jobs"][job]["steps"].index) == steps
    last = workflow()["jobs"][job]["steps"][-1]
    assert (last["run"], last["if"]) == (f".ci/verdict {job}", "always()")
    restored, saved = step_of(job, "cache/restore")["with"], step_of(job, "cache/save")["with"]
    assert restored["path"] == saved["path"] == "reports/history.sqlite"
    assert saved["key"] == restored["key"]
    assert saved["key"].startswith(restored["restore-keys"])
    assert "if" not in step_of(job, f"make {job}")
    assert not any("continue-on-error" in step for step in workflow()["jobs"][job]["steps"])


@pytest.mark.parametrize("job", JOBS)
def test_each_job_may_read_only_and_ends_in_time(job: str) -> None:
    assert workflow()["permissions"] == {}
    assert workflow()["jobs"][job]["permissions"] == {"contents": "read"}
    assert 20 < workflow()["jobs"][job]["timeout-minutes"] <= 90
    assert "concurrency" not in workflow()
    assert workflow()["jobs"][job]["concurrency"] == {"group": job, "cancel-in-progress": False}
    assert step_of(job, "cache/restore")["with"]["restore-keys"] == f"gameday-history-{job}-"
    assert step_of(job, "checkout")["with"]["persist-credentials"] is False


def test_actions_are_pinned_by_commit() -> None:
    used = re.findall(r"uses: (\S+)(.*)", WORKFLOW.read_text())
    assert len(used) == 12
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name) for name, _ in used)
    assert all(re.fullmatch(r"  # v\d+\.\d+\.\d+", comment) for _, comment in used)


def test_each_cron_line_starts_exactly_one_job() -> None:
    crons = [entry["cron"] for entry in workflow()[True]["schedule"]]  # YAML 1.1 reads `on` as true
    assert len(crons) == 3
    for job, cron in zip(JOBS, crons, strict=True):
        condition = workflow()["jobs"][job]["if"]
        assert f"github.event.schedule == '{cron}'" in condition
        assert f"inputs.job == '{job}'" in condition
        assert sum(one in condition for one in crons) == 1
    assert crons[0].split()[2:] == ["*", "*", "*"]
    assert crons[1].split()[2:] == ["1", "1,4,7,10", "*"]
    assert crons[2].split()[2:] == ["*", "*", "1"]


def test_the_linters_of_make_lint_find_what_is_wrong_in_a_workflow(tmp_path: Path) -> None:
    bin_folder = ROOT / ".venv" / "bin"
    plain = {"PATH": os.environ["PATH"]}  # without what a surrounding make was given
    done = subprocess.run(
        ["make", "-n", "lint"], cwd=ROOT, env=plain, capture_output=True, text=True, check=False
    )
    shown = done.stdout
    assert "check-jsonschema" in shown
    assert "zizmor --offline" in shown
    schema = [str(bin_folder / "check-jsonschema"), "--quiet", "--builtin-schema", "vendor.github-workflows"]
    unsafe = [str(bin_folder / "zizmor"), "--offline", "--no-progress", "--quiet"]
    wrong = tmp_path / "wrong.yml"
    text = WORKFLOW.read_text()
    for words, broken in (
        (schema, text.replace("timeout-minutes: 60", "timeout-minutes: soon")),
        (schema, text.replace("    runs-on: ubuntu-24.04\n", "", 1)),
        (unsafe, text.replace("run: make dr-drill", "run: make dr-drill SCENARIO=${{ inputs.scenario }}")),
        (unsafe, re.sub(r"checkout@\S+", "checkout@v5", text)),
    ):
        assert broken != text
        wrong.write_text(broken)
        assert subprocess.run([*words, str(wrong)], capture_output=True, check=False).returncode != 0
    for words in (schema, unsafe):
        assert subprocess.run([*words, str(WORKFLOW)], capture_output=True, check=False).returncode == 0
