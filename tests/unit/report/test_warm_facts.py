"""A run on a warm stack says so in its verdict and its report; every other run says nothing of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.report.facts import facts
from chaos.timeline.events import StackLeft
from chaos.verdict import judge, verdict_json
from tests.recordings import demo_recording


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (
            {"kept": True, "looked_at": ("alerts quiet",)},
            "as it was before (alerts quiet); the next run uses it",
        ),
        (
            {"kept": False, "looked_at": ("alerts quiet",)},
            "as it was before (alerts quiet); removed, no run follows",
        ),
        (
            {"kept": False, "differences": ("web: state",)},
            "not as it was before, so it was removed: web: state",
        ),
    ],
)
def test_the_report_names_the_runs_before_and_how_the_stack_was_left(
    event: dict[str, object], said: str
) -> None:
    demo = demo_recording("pass")
    left = StackLeft.model_validate({"at": demo.ended, "mono": 90.0, **event})
    plan = demo.plan.model_copy(update={"warm_after": ("abc123",)})
    warm = replace(demo, plan=plan, events=(*demo.events, left))
    rows = {fact.name: fact.value for fact in facts(warm).rows}
    assert rows["warm stack"] == "started by an earlier run; used before by abc123"
    assert rows["stack afterwards"] == said
    assert '"warm_after": [\n    "abc123"\n  ]' in verdict_json(judge(warm))


def test_a_run_that_started_its_stack_says_nothing_of_it() -> None:
    demo = demo_recording("pass")
    assert not {"warm stack", "stack afterwards"} & {fact.name for fact in facts(demo).rows}
    assert "warm_after" not in verdict_json(judge(demo))
