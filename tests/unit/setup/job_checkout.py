"""A checkout whose make, gameday and browser.sh log their arguments and end as the test says."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NEWER = "29991231T235959Z"
OLDER = "20000101T000000Z"
JUNIT = (
    '<testsuites><testsuite name="{0}" tests="1" failures="1" errors="0">'
    '<testcase name="c"><failure type="{0}"/></testcase></testsuite></testsuites>'
)
GOOD = '<testsuites><testsuite name="good" tests="1"><testcase name="c"/></testsuite></testsuites>'
FAKE = """#!/bin/sh
name=$(basename "$0")
echo "$name" "$@" >> ROOT/diary
began=ROOT/reports/${WHEN:-NEWER}
leave() {
  if [ "${LEAVES:-all}" = all ]; then python3 ROOT/leave.py "$began-$1-${4:-1}" "$1" "$2" "$3"; fi
}
report() {
  if [ "${LEAVES:-all}" = nothing ]; then return; fi
  mkdir -p $began-$1
  echo "see [it](../x/y.html)" > $began-$1/$2
  if [ "$3" = 0 ]; then echo 'GOOD' > $began-$1/junit.xml; else echo 'SCENARIOS' > $began-$1/junit.xml; fi
}
case "$name $*" in
  "gameday run "*)
    if [ -n "$FIRST" ]; then leave toy "$FIRST" "" 0; fi
    replaces=${REPLACES:+$(basename $began)-$REPLACES}
    if [ "${RUN_ENDS:-0}" != 3 ]; then leave toy "${SAYS:-PASS}" "$replaces"; fi
    if [ "${RUN_ENDS:-0}" != 3 ] && [ -z "$ALONE" ]; then leave base PASS; fi
    if [ -z "$ALONE" ]; then report summary-a summary.md ${RUN_ENDS:-0}; fi
    exit ${RUN_ENDS:-0};;
  "gameday drill "*)
    leave "one two" PASS; leave three PASS
    report drill-b report.md ${DRILL_ENDS:-0}
    exit ${DRILL_ENDS:-0};;
  "gameday gate "*)
    echo "gate says so"
    if [ "${GATE_ENDS:-0}" = 0 ]; then echo 'GOOD' > reports/resilience-gate.xml
    else echo 'REGRESSION' > reports/resilience-gate.xml; fi
    if [ "${GATE_LEAVES:-all}" = nothing ]; then rm reports/resilience-gate.xml; fi
    exit ${GATE_ENDS:-0};;
  "gameday clean") exit ${CLEAN_ENDS:-0};;
  "make "*setup) exit ${SETUP_ENDS:-0};;
  browser.sh*) exit ${BROWSER_ENDS:-0};;
  *) exit 98;;
esac
"""
LEAVE = """import hashlib, json, sys
from pathlib import Path
folder, scenario, outcome = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
folder.mkdir(parents=True, exist_ok=True)
plan = {"scenario": {"scenario": scenario}} | ({"rerun_of": sys.argv[4]} if sys.argv[4] else {})
(folder / "plan.json").write_text(json.dumps(plan))
(folder / "verdict.json").write_text(json.dumps({"outcome": outcome}))
(folder / "report.html").write_text("a report")
(folder / "report.md").write_text("see [it](../x/y.html)")
(folder / "junit.xml").write_text('GOOD')
files = [{"path": f.name, "size": f.stat().st_size, "sha256": hashlib.sha256(f.read_bytes()).hexdigest()}
         for f in folder.iterdir()]
(folder / "manifest.json").write_text(json.dumps({"files": files}))
"""
SCENARIOS = {"pms/toy": "tags: [a, weekly]", "database/base": "", "drill/one two": "", "drill/three": ""}
SCENARIOS |= {"gameday/two-hours": ""}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A checkout whose make, gameday and browser.sh log their arguments and end as the test says."""
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    for name in ("bin", ".venv/bin", "bootstrap"):
        (tmp_path / name).mkdir(parents=True)
    for place, tags in SCENARIOS.items():
        file = tmp_path / "scenarios" / f"{place}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"scenario: '{file.stem}'\n{tags}\n")
    (tmp_path / "leave.py").write_text(LEAVE.replace("GOOD", GOOD))
    words = {"ROOT": str(tmp_path), "NEWER": NEWER, "GOOD": GOOD}
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
