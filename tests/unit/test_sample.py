"""The sample of whole scenarios: at least ten, the same for the same commit, and another one's turn comes."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.stack.sample import all_scenarios, announcement, commit, sample

EVERYTHING = tuple(f"scenarios/pms/{number:02}.yaml" for number in range(40))


def test_it_holds_ten_different_ones_and_repeats_itself() -> None:
    chosen = sample(EVERYTHING, "a commit")
    assert len(set(chosen)) == 10
    assert chosen == sample(EVERYTHING, "a commit")


def test_after_some_commits_each_scenario_had_its_turn() -> None:
    chosen = {one for number in range(40) for one in sample(EVERYTHING, str(number))}
    assert chosen == set(EVERYTHING)


def test_the_drill_is_left_out_and_the_output_names_the_sample() -> None:
    everything = all_scenarios()
    assert "scenarios/pms/pms-down.yaml" in everything
    assert not [path for path in everything if "/drill/" in path]
    assert all(path in announcement() for path in sample(everything, commit()))


def test_without_a_checkout_the_sample_is_still_one(tmp_path: Path) -> None:
    assert commit(tmp_path) == "no commit"
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    assert commit(tmp_path) == "no commit"
