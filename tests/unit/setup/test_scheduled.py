"""What CI runs by the calendar: the codes that it ends with, and what it believes."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
import yaml

from tests.unit.setup.job_checkout import NEWER, OLDER, ROOT, call, clone, diary

__all__ = ["clone"]

pytestmark = pytest.mark.processes


@pytest.mark.parametrize(
    ("run", "gate", "ends", "said"),
    [
        ("0", "0", 0, "every check passed"),
        ("0", "1", 1, "at least one check failed"),
        ("1", "0", 1, "at least one check failed"),
        ("2", "0", 2, "inconclusive"),
        ("2", "1", 1, "at least one check failed"),
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


def test_all_suites_are_one_run_with_pace_jobs_and_variables_before_the_gate(clone: Path) -> None:
    call(clone, "scheduled", "resilience", PACE="1", JOBS="2", VARIABLES="DEFECT=x api.Y=$(touch no)")
    options = "--pace=1 --jobs=2 --rerun-inconclusive --env=DEFECT=x --env=api.Y=$(touch --env=no)"
    assert diary(clone) == [
        "make --no-print-directory setup",
        "gameday clean",
        f"gameday run scenarios/database scenarios/pms {options}",
        f"gameday gate reports/{NEWER}-base-1 reports/{NEWER}-toy-1 --fail-on-regression "
        "--junit reports/resilience-gate.xml",
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


@pytest.mark.parametrize("job", ["resilience", "weekly", "dr-drill"])
def test_a_job_removes_first_what_an_earlier_one_left_and_stops_where_it_cannot(
    clone: Path, job: str
) -> None:
    call(clone, "scheduled", job)
    assert diary(clone)[1] == "gameday clean"
    (clone / "diary").unlink()
    assert call(clone, "scheduled", job, CLEAN_ENDS="5").returncode == 5
    assert diary(clone)[-1] == "gameday clean"
    assert "could not be removed" in call(clone, "verdict", job, "summary").stdout


@pytest.mark.parametrize("form", ["--again=reports/old", "-h", "--", "--resume=reports/old"])
def test_a_value_of_a_form_is_never_an_option(clone: Path, form: str) -> None:
    call(clone, "scheduled", "dr-drill", SCENARIO=form, PACE=form, JOBS=form)
    assert diary(clone)[-1] == f"gameday drill --pace={form} --jobs={form} --rerun-inconclusive -- {form}"
    call(clone, "scheduled", "weekly", VARIABLES=form)
    assert (
        diary(clone)[-1] == f"gameday run tag:weekly --pace=20 --jobs=auto --rerun-inconclusive --env={form}"
    )


def test_a_run_of_one_scenario_has_a_summary_and_a_junit_file_with_its_test(clone: Path) -> None:
    (clone / "scenarios" / "database" / "base.yaml").unlink()
    for says, code in (("PASS", 0), ("FAIL", 1)):
        call(clone, "scheduled", "weekly", ALONE="1", SAYS=says, RUN_ENDS=str(code))
        page = call(clone, "verdict", "weekly", "summary").stdout
        assert page.startswith(f"# weekly: exit code {code}")
        assert "see [it]\n" in page
        tests = Xml.parse(clone / "reports" / "weekly-junit.xml").getroot().get("tests")
        assert tests == "1"


@pytest.mark.parametrize(
    ("drill", "browser", "ends"), [("0", "0", 0), ("1", "0", 1), ("2", "0", 2), ("0", "3", 3)]
)
def test_the_drill_hands_on_its_own_code(clone: Path, drill: str, browser: str, ends: int) -> None:
    done = call(clone, "scheduled", "dr-drill", DRILL_ENDS=drill, BROWSER_ENDS=browser, SCENARIO="one two")
    assert done.returncode == ends
    assert done.stdout.splitlines()[-1].startswith(f"dr-drill: exit code {ends}: ")
    if browser == "0":
        assert diary(clone)[-1] == "gameday drill --pace=20 --jobs=auto --rerun-inconclusive -- one two"
        assert "see [it]\n" in (clone / "reports" / "dr-drill-summary.md").read_text()


@pytest.mark.parametrize(("run", "ends"), [("0", 0), ("1", 1), ("2", 2), ("137", 3)])
def test_the_weekly_job_runs_what_is_tagged_so_and_hands_on_its_code(
    clone: Path, run: str, ends: int
) -> None:
    done = call(clone, "scheduled", "weekly", RUN_ENDS=run)
    assert done.returncode == ends
    assert done.stdout.splitlines()[-1].startswith(f"weekly: exit code {ends}: ")
    assert diary(clone)[-1] == "gameday run tag:weekly --pace=20 --jobs=auto --rerun-inconclusive"
    assert (suites(clone, "weekly").get("fail") == {("failure", "fail")}) is (run != "0")
    assert "see [it]\n" in (clone / "reports" / "weekly-summary.md").read_text()


def test_both_tests_of_the_backups_are_tagged_weekly_and_nothing_else() -> None:
    files = sorted((ROOT / "scenarios").rglob("*.yaml"))
    tagged = [path.stem for path in files if "weekly" in yaml.safe_load(path.read_text()).get("tags", ())]
    assert tagged == ["backup-validation", "restore-test"]


def test_the_drill_runs_all_when_no_scenario_is_named(clone: Path) -> None:
    call(clone, "scheduled", "dr-drill", SCENARIO="")
    assert diary(clone)[-1] == "gameday drill --pace=20 --jobs=auto --rerun-inconclusive --"


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
    expected = {"fail": {("failure", "fail")}, "regression": {("failure", "regression")}}
    assert suites(clone, "resilience") == expected
    call(clone, "scheduled", "resilience", RUN_ENDS="5", GATE_ENDS="1")
    assert suites(clone, "resilience") == expected | {"the job": {("error", "harness")}}
    call(clone, "scheduled", "resilience", SETUP_ENDS="2")
    assert suites(clone, "resilience") == {"the job": {("error", "harness")}}
    call(clone, "scheduled", "dr-drill", DRILL_ENDS="1")
    assert suites(clone, "dr-drill") == {"fail": {("failure", "fail")}}


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"LEAVES": "nothing"}, "scenario toy: this job left no run of it"),
        ({"LEAVES": "reports"}, "scenario base: this job left no run of it"),
        ({"WHEN": OLDER}, "scenario toy: this job left no run of it"),
        ({"SAYS": "FAIL"}, "its verdict says FAIL"),
        ({"SAYS": "INCONCLUSIVE"}, "its verdict says INCONCLUSIVE"),
    ],
)
@pytest.mark.parametrize("job", ["resilience", "weekly"])
def test_a_command_that_ends_with_0_and_leaves_no_pass_is_the_harness(
    clone: Path, job: str, env: dict[str, str], said: str
) -> None:
    done = call(clone, "scheduled", job, **env)
    assert done.returncode == 3
    last = done.stdout.splitlines()[-1]
    assert last.startswith(f"{job}: exit code 3: the harness")
    if job == "weekly" or "SAYS" in env:  # with nothing to gate it ends before
        assert said.replace("base", "toy") in done.stdout
        assert "not confirmed" in call(clone, "verdict", job, "summary").stdout
    assert call(clone, "verdict", job).returncode == 3
    assert ("error", "harness") in suites(clone, job)["the job"]


@pytest.mark.parametrize(
    ("first", "replaces", "ends"),
    [
        ("INCONCLUSIVE", "toy-0", 0),
        ("INCONCLUSIVE", "", 3),
        ("INCONCLUSIVE", "base-1", 3),
        ("FAIL", "toy-0", 3),
        ("ABORTED", "toy-0", 3),
    ],
)
def test_only_an_inconclusive_run_that_a_later_one_replaces_is_forgiven(
    clone: Path, first: str, replaces: str, ends: int
) -> None:
    done = call(clone, "scheduled", "weekly", FIRST=first, REPLACES=replaces)
    assert done.returncode == ends, done.stdout
    assert (f"{NEWER}-toy-0: its verdict says {first}" in done.stdout) is (ends != 0)


def test_a_run_that_fails_after_an_inconclusive_one_is_not_confirmed(clone: Path) -> None:
    done = call(clone, "scheduled", "weekly", FIRST="INCONCLUSIVE", REPLACES="toy-0", SAYS="FAIL")
    assert done.returncode == 3
    assert f"{NEWER}-toy-1: its verdict says FAIL" in done.stdout


@pytest.mark.parametrize("scenario", ["", "one two", "four"])
def test_a_drill_is_confirmed_by_the_runs_of_what_was_asked(clone: Path, scenario: str) -> None:
    done = call(clone, "scheduled", "dr-drill", SCENARIO=scenario)
    assert done.returncode == (3 if scenario == "four" else 0), done.stdout
    assert ("scenario four: this job left no run of it" in done.stdout) is (scenario == "four")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("verdict.json", '{"outcome": "PASS"} '),
        ("verdict.json", ""),
        ("report.html", ""),
        ("report.md", "another report"),
        ("junit.xml", None),
        ("manifest.json", None),
        ("manifest.json", "[]"),
        ("plan.json", "{}"),
    ],
)
def test_a_run_folder_that_is_not_what_was_sealed_confirms_nothing(
    clone: Path, file: str, content: str | None
) -> None:
    assert call(clone, "scheduled", "weekly").returncode == 0
    path = clone / "reports" / f"{NEWER}-toy-1" / file
    path.unlink() if content is None else path.write_text(content)
    done = subprocess.run(
        ["python3", ".ci/confirm.py", OLDER, f"reports/{NEWER}-summary-a/junit.xml", "--", "tag:weekly"],
        cwd=clone,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "not confirmed: " in done.stdout
    assert done.stderr == ""


def test_a_name_in_a_recording_is_no_command_to_the_ci_server(clone: Path) -> None:
    done = call(clone, "scheduled", "weekly", SAYS="x\n::error::y ##[group]z\x1b[2J")
    assert done.returncode == 3
    printed = [line for line in done.stdout.splitlines() if "its verdict says" in line]
    assert printed == [line for line in printed if line.startswith("not confirmed: ")] != []
    assert not any(
        line.startswith("::") or "##[" in line or "\x1b" in line for line in done.stdout.splitlines()
    )


def test_a_gate_that_ends_with_0_and_writes_nothing_is_the_harness(clone: Path) -> None:
    done = call(clone, "scheduled", "resilience", GATE_LEAVES="nothing")
    assert done.returncode == 3
    assert "reports/resilience-gate.xml" in done.stdout


def test_a_job_whose_reports_vanish_is_no_success(clone: Path) -> None:
    gameday = clone / ".venv" / "bin" / "gameday"
    gameday.write_text(f"#!/bin/sh\nrm -rf {clone}/reports\n")
    for job in ("resilience", "weekly", "dr-drill"):
        assert call(clone, "scheduled", job).returncode == 3
        assert call(clone, "verdict", job).returncode == 3


def test_a_junit_file_that_cannot_be_written_is_one_line_and_no_success(clone: Path) -> None:
    (clone / "reports" / "weekly-junit.xml").mkdir(parents=True)
    done = call(clone, "scheduled", "weekly")
    assert done.returncode == 3
    assert "weekly: reports/weekly-junit.xml cannot be written" in done.stderr
    assert "merge_junit: [Errno 21] Is a directory" in done.stderr
    assert "Traceback" not in done.stderr


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
@pytest.mark.parametrize("way", ["environment", "command line"])
def test_make_hands_a_forms_values_on_as_they_stand(tmp_path: Path, job: str, way: str) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "scheduled").write_text('#!/bin/sh\necho "$PACE|$VARIABLES|$SCENARIO"\n')
    (tmp_path / ".ci" / "scheduled").chmod(0o755)
    evil = "$(shell touch done)`touch done`;touch done"
    given = {"PACE": evil, "ENV": evil, "SCENARIO": evil}
    words = [f"{name}={value}" for name, value in given.items()] if way == "command line" else []
    done = subprocess.run(
        ["make", "-s", "--no-print-directory", job, *words],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]} | ({} if words else given),
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
