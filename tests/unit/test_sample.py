"""The sample of whole scenarios: at least ten, the same for the same commit, and another one's turn comes."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.stack.sample import all_scenarios, announcement, commit, proven, sample

EVERYTHING = tuple(f"scenarios/pms/{number:02}.yaml" for number in range(40))


def test_it_holds_ten_different_ones_and_repeats_itself() -> None:
    chosen = sample(EVERYTHING, "a commit")
    assert len(set(chosen)) == 10
    assert chosen == sample(EVERYTHING, "a commit")


def test_after_some_commits_each_scenario_had_its_turn() -> None:
    chosen = {one for number in range(40) for one in sample(EVERYTHING, str(number))}
    assert chosen == set(EVERYTHING)


def test_the_drill_is_left_out_and_the_output_names_the_sample() -> None:
    assert "scenarios/pms/pms-down.yaml" in proven()
    assert set(proven()) <= set(all_scenarios())
    assert not [path for path in all_scenarios() if "/drill/" in path]
    assert len(proven()) >= 10
    assert all(path in announcement() for path in sample(proven(), commit()))


def test_a_scenario_without_a_run_that_passed_is_not_in_it(tmp_path: Path) -> None:
    for name in ("seen", "unseen"):
        (tmp_path / "scenarios" / "pms").mkdir(parents=True, exist_ok=True)
        (tmp_path / "scenarios" / "pms" / f"{name}.yaml").touch()
    (tmp_path / "tests" / "corpus" / "suites").mkdir(parents=True)
    for run in ("seen", "unseen@no_breaker"):
        (tmp_path / "tests" / "corpus" / "suites" / f"{run}.tar.xz").touch()
    assert proven(tmp_path) == ("scenarios/pms/seen.yaml",)


def test_without_a_checkout_the_sample_is_still_one(tmp_path: Path) -> None:
    assert commit(tmp_path) == "no commit"
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    assert commit(tmp_path) == "no commit"
