"""What CI runs by the calendar: the codes that it ends with, and the workflow that calls it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
import yaml

ROOT = Path(__file__).parents[3]
WORKFLOW = ROOT / ".github" / "workflows" / "resilience.yml"
NEWER = "29991231T235959Z"
OLDER = "20000101T000000Z"
JUNIT = (
    '<testsuites><testsuite name="{0}" tests="1" failures="1" errors="0">'
    '<testcase name="c"><failure type="{0}"/></testcase></testsuite></testsuites>'
)
FAKE = """#!/bin/sh
name=$(basename "$0")
echo "$name" "$@" >> ROOT/diary
began=ROOT/reports/${WHEN:-NEWER}
case "$name $*" in
  "gameday run "*)
    if [ "$RUN_ENDS" != 3 ]; then mkdir -p $began-toy-1; touch $began-toy-1/plan.json; fi
    mkdir -p $began-summary-a
    echo "see [it](../x/y.html)" > $began-summary-a/summary.md
    echo 'SCENARIOS' > $began-summary-a/junit.xml
    exit ${RUN_ENDS:-0};;
  "gameday drill "*)
    mkdir -p $began-drill-b
    echo "see [it](../x/y.html)" > $began-drill-b/report.md
    echo 'SCENARIOS' > $began-drill-b/junit.xml
    exit ${DRILL_ENDS:-0};;
  "gameday gate "*)
    echo "gate says so"; echo 'REGRESSION' > reports/resilience-gate.xml
    exit ${GATE_ENDS:-0};;
  "make "*setup) exit ${SETUP_ENDS:-0};;
  browser.sh*) exit ${BROWSER_ENDS:-0};;
  *) exit 98;;
esac
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A checkout whose make, gameday and browser.sh write down what they're asked and end as told."""
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    for name in ("bin", ".venv/bin", "bootstrap"):
        (tmp_path / name).mkdir(parents=True)
    words = {"ROOT": str(tmp_path), "NEWER": NEWER}
    words |= {"SCENARIOS": JUNIT.format("fail"), "REGRESSION": JUNIT.format("regression")}
    body = FAKE
    for name, value in words.items():
        body = body.replace(name, value)
    for place in ("bin/make", ".venv/bin/gameday", "bootstrap/browser.sh"):
        (tmp_path / place).write_text(body)
        (tmp_path / place).chmod(0o755)
    return tmp_path


def call(clone: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(clone / ".ci" / words[0]), *words[1:]],
        env={"PATH": f"{clone / 'bin'}:{os.environ['PATH']}", **env},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def diary(clone: Path) -> list[str]:
    return (clone / "diary").read_text().splitlines()


@pytest.mark.parametrize(
    ("run", "gate", "ends", "said"),
    [
        ("0", "0", 0, "every check passed"),
        ("0", "1", 1, "the system is weak"),
        ("1", "0", 1, "the system is weak"),
        ("2", "0", 2, "nobody can tell"),
        ("2", "1", 1, "the system is weak"),
        ("3", "0", 3, "the harness"),
        ("1", "3", 3, "the harness"),
        ("5", "1", 5, "left behind"),
        ("137", "0", 3, "the harness"),
        ("0", "99", 3, "the harness"),
    ],
)
def test_the_nightly_job_keeps_apart_weak_unsure_and_broken(
    clone: Path, run: str, gate: str, ends: int, said: str
) -> None:
    done = call(clone, "scheduled", "resilience", RUN_ENDS=run, GATE_ENDS=gate)
    assert done.returncode == ends
    assert (clone / "reports" / "resilience-exit-code").read_text() == f"{ends}\n"
    last = done.stdout.splitlines()[-1]
    assert last.startswith(f"resilience: exit code {ends}: ")
    assert said in last
    verdict = call(clone, "verdict", "resilience")
    assert verdict.returncode == ends
    assert said in verdict.stdout


def test_both_suites_are_one_run_with_pace_jobs_and_variables_before_the_gate(clone: Path) -> None:
    call(clone, "scheduled", "resilience", PACE="1", JOBS="2", VARIABLES="DEFECT=x api.Y=$(touch no)")
    options = "--pace 1 --jobs 2 --env DEFECT=x --env api.Y=$(touch --env no)"
    assert diary(clone) == [
        "make --no-print-directory setup",
        f"gameday run scenarios/pms scenarios/database {options}",
        f"gameday gate reports/{NEWER}-toy-1 --fail-on-regression --junit reports/resilience-gate.xml",
    ]
    assert not (clone / "no").exists()


@pytest.mark.parametrize("code", ["4", "130"])
def test_nothing_is_compared_when_nothing_ran(clone: Path, code: str) -> None:
    assert call(clone, "scheduled", "resilience", RUN_ENDS=code, GATE_ENDS="1").returncode == int(code)
    assert not [line for line in diary(clone) if "gate" in line]


@pytest.mark.parametrize("job", ["resilience", "weekly", "dr-drill"])
def test_a_failed_set_up_is_the_harness_and_nothing_runs(clone: Path, job: str) -> None:
    done = call(clone, "scheduled", job, SETUP_ENDS="2")
    assert done.returncode == 3
    assert diary(clone) == ["make --no-print-directory setup"]
    assert "Set-up failed" in call(clone, "verdict", job, "summary").stdout


@pytest.mark.parametrize(
    ("drill", "browser", "ends"), [("0", "0", 0), ("1", "0", 1), ("2", "0", 2), ("0", "3", 3)]
)
def test_the_drill_hands_on_its_own_code(clone: Path, drill: str, browser: str, ends: int) -> None:
    done = call(clone, "scheduled", "dr-drill", DRILL_ENDS=drill, BROWSER_ENDS=browser, SCENARIO="one two")
    assert done.returncode == ends
    assert done.stdout.splitlines()[-1].startswith(f"dr-drill: exit code {ends}: ")
    if browser == "0":
        assert diary(clone)[-1] == "gameday drill one two --pace 20 --jobs 1"
        assert "see [it]\n" in (clone / "reports" / "dr-drill-summary.md").read_text()


@pytest.mark.parametrize(("run", "ends"), [("0", 0), ("1", 1), ("2", 2), ("137", 3)])
def test_the_weekly_job_runs_what_is_tagged_so_and_hands_on_its_code(
    clone: Path, run: str, ends: int
) -> None:
    done = call(clone, "scheduled", "weekly", RUN_ENDS=run)
    assert done.returncode == ends
    assert done.stdout.splitlines()[-1].startswith(f"weekly: exit code {ends}: ")
    assert diary(clone)[-1] == "gameday run tag:weekly --pace 20 --jobs 1"
    assert suites(clone, "weekly")["fail"] == {("failure", "fail")}
    assert "see [it]\n" in (clone / "reports" / "weekly-summary.md").read_text()


def test_both_tests_of_the_backups_are_tagged_weekly_and_nothing_else() -> None:
    files = sorted((ROOT / "scenarios").rglob("*.yaml"))
    tagged = [path.stem for path in files if "weekly" in yaml.safe_load(path.read_text()).get("tags", ())]
    assert tagged == ["backup-validation", "restore-test"]


def test_the_drill_runs_all_when_no_scenario_is_named(clone: Path) -> None:
    call(clone, "scheduled", "dr-drill", SCENARIO="")
    assert diary(clone)[-1] == "gameday drill --pace 20 --jobs 1"


def test_the_page_holds_this_runs_summary_and_what_the_gate_said(clone: Path) -> None:
    call(clone, "scheduled", "resilience")
    page = call(clone, "verdict", "resilience", "summary").stdout
    assert page.startswith("# resilience: exit code 0, every check passed")
    assert "see [it]\n" in page
    assert "gate says so" in page
    shutil.rmtree(clone / "reports" / f"{NEWER}-summary-a")
    call(clone, "scheduled", "resilience", WHEN=OLDER)
    page = call(clone, "verdict", "resilience", "summary").stdout
    assert "see [it]" not in page
    assert "No report was written" in page


def suites(clone: Path, job: str) -> dict[str, set[tuple[str, str]]]:
    """Name of each suite -> kinds and types of its problems."""
    root = Xml.parse(clone / "reports" / f"{job}-junit.xml").getroot()
    assert root.get("tests") == str(len(root.findall("testsuite/testcase")))
    return {
        str(suite.get("name")): {(problem.tag, problem.get("type", "")) for case in suite for problem in case}
        for suite in root
    }


def test_one_junit_file_holds_the_scenarios_the_gate_and_what_broke(clone: Path) -> None:
    call(clone, "scheduled", "resilience", RUN_ENDS="1", GATE_ENDS="1")
    told = {"fail": {("failure", "fail")}, "regression": {("failure", "regression")}}
    assert suites(clone, "resilience") == told
    call(clone, "scheduled", "resilience", RUN_ENDS="5")
    assert suites(clone, "resilience") == told | {"the job": {("error", "harness")}}
    call(clone, "scheduled", "resilience", SETUP_ENDS="2")
    assert suites(clone, "resilience") == {"the job": {("error", "harness")}}
    call(clone, "scheduled", "dr-drill", DRILL_ENDS="1")
    assert suites(clone, "dr-drill") == {"fail": {("failure", "fail")}}


def test_runs_of_earlier_jobs_are_not_gated_again(clone: Path) -> None:
    assert call(clone, "scheduled", "resilience", WHEN=OLDER).returncode == 3  # this job left no run
    assert not [line for line in diary(clone) if "gate" in line]


def test_a_job_that_was_cut_off_is_never_read_as_the_good_end_of_an_earlier_one(clone: Path) -> None:
    assert call(clone, "verdict", "resilience").returncode == 3  # no file at all
    call(clone, "scheduled", "resilience")
    gameday = clone / ".venv" / "bin" / "gameday"
    gameday.write_text("#!/bin/sh\nkill -9 $PPID\n")
    assert call(clone, "scheduled", "resilience").returncode != 0
    verdict = call(clone, "verdict", "resilience")
    assert verdict.returncode == 3
    assert verdict.stdout.startswith("::error title=resilience: no statement about the system (3)::")


def test_the_key_lies_in_a_file_of_its_own_and_is_put_away(clone: Path) -> None:
    env = {"RUNNER_TEMP": str(clone), "GITHUB_ENV": str(clone / "env")}
    file = clone / "gameday-sign-key.pem"
    done = call(clone, "sign-key", "take", SIGN_KEY="se-cret", **env)
    assert (done.returncode, file.read_text(), file.stat().st_mode & 0o777) == (0, "se-cret\n", 0o600)
    assert (clone / "env").read_text() == f"GAMEDAY_SIGN_KEY_FILE={file}\n"
    assert "se-cret" not in done.stdout + done.stderr
    assert call(clone, "sign-key", "drop", **env).returncode == 0
    assert not file.exists()
    (clone / "env").unlink()
    assert "will not be signed" in call(clone, "sign-key", "take", SIGN_KEY="", **env).stdout
    assert not (clone / "env").exists()


@pytest.mark.parametrize("job", ["resilience", "weekly", "dr-drill"])
def test_make_hands_a_forms_values_on_as_they_stand(tmp_path: Path, job: str) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "scheduled").write_text('#!/bin/sh\necho "$PACE|$VARIABLES|$SCENARIO"\n')
    (tmp_path / ".ci" / "scheduled").chmod(0o755)
    evil = "$(shell touch done)`touch done`;touch done"
    done = subprocess.run(
        ["make", "-s", "--no-print-directory", job],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PACE": evil, "ENV": evil, "SCENARIO": evil},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"{evil}|{evil}|{evil}\n"), done.stderr
    assert not (tmp_path / "done").exists()


def test_what_stands_for_off_site_storage_is_no_part_of_the_reports(clone: Path) -> None:
    assert call(clone, "without-offsite").returncode == 0, "there need not be any"
    for name in ("run-a/offsite/pgbackrest", "run-a/logs", "run-b"):
        (clone / "reports" / name).mkdir(parents=True)
    (clone / "reports" / "run-a" / "offsite" / "pgbackrest" / "base").write_text("rows")
    assert call(clone, "without-offsite").returncode == 0
    left = {str(path.relative_to(clone / "reports")) for path in (clone / "reports").rglob("*")}
    assert left == {"run-a", "run-a/logs", "run-b"}


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
    told = (f"verdict {job} summary", "without-offsite", "upload-artifact", "cache/save", "sign-key drop")
    steps = [step_of(job, part) for part in told]
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
    assert workflow()["concurrency"] == {"group": "resilience", "cancel-in-progress": False}
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
