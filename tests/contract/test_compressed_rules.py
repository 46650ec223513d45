"""Prometheus itself finds the same values in a compressed rule as in the rule as written.

The same world is written down twice: at pace 1 with a scrape every 10 s, at pace 20 with one every 500 ms.
What happens per second is the same in both; what happened at an instant lies 20 times closer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from chaos.adapters.overlay.paced_rules import pace_rules
from chaos.promql.compress import compress
from tests.stack.test_reference_rules import promtool

pytestmark = pytest.mark.containers
PACE = 20


@dataclass(frozen=True)
class Case:
    """An expression of one value, and what it is after 20 minutes of policy time."""

    expr: str
    value: float


CASES = (
    Case("round(sum(increase(requests_total[5m])))", 300),
    Case("sum(increase(requests_total[5m])) > bool 290", 1),
    Case("sum(rate(requests_total[5m])) > bool 0.99", 1),
    Case("round(sum(increase(requests_total[5m]) / increase(requests_total[10m])) * 10)", 5),
    Case("sum(count_over_time(level[5m]))", 31),
    Case("sum(sum_over_time(level[5m]))", 93),
    Case("sum(avg_over_time(level[5m]))", 3),
    Case("sum(time() - last_run)", 600),
    Case("sum(time() - last_run > 599)", 600),
    Case("count(last_run < time() - 10 * 60 + 1)", 1),
    Case("count(changes(started[30m]) > 0)", 1),
    Case("sum(max_over_time(count_over_time(level[1m])[10m:1m]))", 7),
)


def world(pace: int) -> dict[str, object]:
    """The test file of promtool: a counter of one a second, a level, an instant, and one restart."""
    every = 10_000 // pace
    wanted = [Case(case.expr if pace == 1 else compress(case.expr, pace), case.value) for case in CASES]
    return {
        "rule_files": ["none.yml"],
        "evaluation_interval": f"{every}ms",
        "tests": [
            {
                "interval": f"{every}ms",
                "input_series": [
                    {"series": "requests_total", "values": f"0+{every / 1000:g}x240"},
                    {"series": "level", "values": "3x240"},
                    {"series": "last_run", "values": f"{600 / pace:g}x240"},
                    {"series": "started", "values": "1x100 7x140"},
                ],
                "promql_expr_test": [
                    {
                        "expr": case.expr,
                        "eval_time": f"{1_200_000 // pace}ms",
                        "exp_samples": [{"labels": "{}", "value": case.value}],
                    }
                    for case in wanted
                ],
            }
        ],
    }


@pytest.mark.parametrize("pace", [1, PACE])
def test_the_same_values_at_both_paces(pace: int, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "none.yml").write_text("groups: []\n")
    (tmp_path / "test.yml").write_text(json.dumps(world(pace)))
    tested = promtool(tmp_path, "test", "rules", "test.yml")
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_a_translated_rule_file_is_one_that_prometheus_reads(tmp_path: Path) -> None:
    rules = [
        {"alert": f"case_{number}", "expr": case.expr, "for": "2m", "keep_firing_for": "10m"}
        for number, case in enumerate(CASES)
    ]
    group = {"name": "cases", "interval": "1m", "query_offset": "10s", "rules": rules}
    text = pace_rules(yaml.safe_dump({"groups": [group]}), PACE, "rules.yml")
    tmp_path.chmod(0o755)
    (tmp_path / "rules.yml").write_text(text)
    checked = promtool(tmp_path, "check", "rules", "rules.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr
