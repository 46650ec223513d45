"""Whole scenarios on real containers, by the command that users type: a sample that changes with the commit
(``tests/stack/sample.py``).

That each scenario also fails on a broken stack is shown by kept runs (``tests/unit/verdict/test_suites.py``);
one broken stack is started here, so that the broken variants themselves are tried.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.journal import load_recording
from chaos.model.verdict import CheckResult, Outcome, Verdict
from tests.stack.harness import COUNTER, ROOT, Ended, Harness, gameday
from tests.stack.judged import passed, too_slow, verdict_in
from tests.stack.sample import commit, proven, sample

pytestmark = pytest.mark.containers
CHOSEN = sample(proven(), commit())
RUN_LIMIT = 300.0  # seconds: a run at pace 20 takes about one minute on two cores
SAMPLE_LIMIT = 1200.0
# Two stacks saturate two slow cores: half of the runs were undecided there, each of which must show why.
FEWEST_DECIDED = 2
SECRETS = ("agente-demo", "pms-demo-key")


def folder_of(ended: Ended, path: str) -> Path:
    """The run folder of a scenario file: two stacks may have scenarios of one name."""
    texts = {folder: (folder / "scenario.yaml").read_text() for folder in ended.folders}
    (found,) = [folder for folder, text in texts.items() if text == (ROOT / path).read_text()]
    return found


def decided(ended: Ended) -> list[str]:
    """The scenarios that passed."""
    every = (*CHOSEN, COUNTER)
    return [path for path in every if verdict_in(folder_of(ended, path)).outcome is Outcome.PASS]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """The sample and a scenario of another stack, two side by side."""
    reports = tmp_path_factory.mktemp("sample") / "reports"
    return Harness(reports, *CHOSEN, COUNTER, "--jobs", "2").end(SAMPLE_LIMIT)


@pytest.mark.parametrize("path", [*CHOSEN, COUNTER])
def test_a_scenario_of_the_sample_passes(ended: Ended, path: str) -> None:
    """On a machine that was too slow to tell, gameday says so, and the run shows nothing of the scenario."""
    folder = folder_of(ended, path)
    if passed(folder, ended.output):
        assert verdict_in(folder).score.certifiable


def test_enough_of_them_were_judged_the_exit_code_says_whether_all_were_and_the_summary_names_each(
    ended: Ended,
) -> None:
    assert len(decided(ended)) >= FEWEST_DECIDED, ended.output
    assert ended.code == (0 if len(decided(ended)) == len(CHOSEN) + 1 else 2), ended.output
    (summary,) = ended.folders[0].parent.glob("*-summary-*/index.html")
    text = summary.read_text()
    assert [path for path in CHOSEN if Path(path).stem not in text] == []


def test_a_run_folder_is_complete_whole_and_holds_no_secret(ended: Ended) -> None:
    folder = folder_of(ended, CHOSEN[0])
    assert {path.name for path in folder.iterdir()} >= {
        *("scenario.yaml", "plan.json", "journal.jsonl", "load.jsonl", "metrics.json", "logs"),
        *("verdict.json", "report.html", "report.md", "junit.xml", "manifest.json"),
    }
    assert (folder / "report.html").stat().st_size <= 2_000_000
    assert load_recording(folder).problems == ()
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert [(path, s) for path in files for s in SECRETS if s.encode() in path.read_bytes()] == []
    assert gameday("verify", str(folder)).returncode == 0


def test_judging_again_gives_the_same_verdict_byte_for_byte(ended: Ended) -> None:
    folder = folder_of(ended, decided(ended)[-1])
    before = (folder / "verdict.json").read_bytes()
    (folder / "verdict.json").unlink()
    assert gameday("judge", str(folder)).returncode == 0
    assert (folder / "verdict.json").read_bytes() == before
    assert gameday("verify", str(folder)).returncode == 0


def test_without_time_outs_slow_dependencies_fail_for_that_reason(tmp_path: Path) -> None:
    words = ("scenarios/database/database-slow.yaml", "scenarios/pms/pms-slow.yaml", "--jobs", "2")
    ended = Harness(tmp_path / "reports", *words, "--env", "DEFECT=no_timeout").end(RUN_LIMIT)
    assert ended.code == 1
    hangs = failed(ended.verdict("database-slow"))["POST /reservations degrades as promised"]
    assert any("timeout" in piece.text for piece in hangs.evidence)
    verdict, recording = ended.verdict("pms-slow"), ended.recording("pms-slow")
    (opens,) = (result for result in verdict.checks if result.title == "breaker pms opens")
    unknown = opens.outcome is Outcome.INCONCLUSIVE and too_slow(recording)
    assert unknown or opens.actual == "never opened"
    assert "GET /health/ready degrades as promised" in failed(verdict)


def failed(verdict: Verdict) -> dict[str, CheckResult]:
    return {result.title: result for result in verdict.checks if result.outcome is Outcome.FAIL}
