"""Which exit code counts when several things ended: the package and the scheduled jobs agree."""

from __future__ import annotations

import itertools
import re
import subprocess
from pathlib import Path

from chaos.errors import EXIT_CODE_MEANING, ExitCode, worst_exit

CI = Path(__file__).resolve().parents[2] / ".ci"


def test_nothing_is_no_success() -> None:
    assert worst_exit([]) is ExitCode.HARNESS


def test_every_code_has_a_place_and_a_meaning() -> None:
    assert {worst_exit([code, ExitCode.PASS]) for code in ExitCode} == set(ExitCode)
    assert set(EXIT_CODE_MEANING) == set(ExitCode)


def test_the_scheduled_jobs_rank_the_codes_as_the_package_does() -> None:
    script = (CI / "scheduled").read_text()
    functions = re.findall(r"^worst\(\) \{.*?^\}$|^known\(\) .*?$", script, re.MULTILINE | re.DOTALL)
    assert len(functions) == 2
    pairs = list(itertools.product(ExitCode, repeat=2))
    calls = "\n".join(f"worst {int(a)} {int(b)}" for a, b in pairs)
    ran = subprocess.run(
        ["bash", "-c", "\n".join([*functions, calls, "worst 0 $(known 137)"])],
        capture_output=True,
        text=True,
        check=True,
    )
    wanted = [worst_exit(pair) for pair in pairs]
    # The last: a code that the package does not know is a broken harness.
    assert [int(line) for line in ran.stdout.split()] == [*wanted, ExitCode.HARNESS]


def test_the_scheduled_jobs_explain_every_code() -> None:
    explained = re.findall(r"^  (\d+)\) meaning=", (CI / "verdict").read_text(), re.MULTILINE)
    assert [int(code) for code in explained] == sorted(ExitCode)
