"""Judging the same recording again gives the same bytes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chaos.model.verdict import Outcome, Score, Verdict
from chaos.timeline.recording import Recording
from chaos.timeline.requests import Requests
from chaos.verdict import judge, verdict_json
from tests.recordings import Kind, demo_recording
from tests.results import a_figure, a_result


@pytest.mark.parametrize("kind", ["pass", "fail", "inconclusive", "aborted"])
def test_judging_twice_gives_the_same_bytes(kind: Kind) -> None:
    recording = demo_recording(kind)
    assert verdict_json(judge(recording)) == verdict_json(judge(recording))


@pytest.mark.thorough
@given(st.integers())
@settings(max_examples=20)
def test_the_order_in_which_load_lines_were_written_does_not_matter(seed: int) -> None:
    whole = demo_recording("pass")
    lines = list(whole.requests)
    Random(seed).shuffle(lines)
    shuffled = Recording(whole.plan, whole.events, Requests.of(lines), whole.metrics)
    assert verdict_json(judge(shuffled)) == verdict_json(judge(whole))


def test_the_text_reads_back_as_the_same_verdict() -> None:
    text = verdict_json(judge(demo_recording("fail")))
    assert verdict_json(Verdict.model_validate_json(text)) == text


@example(-1e-9)
@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9))
def test_floats_are_rounded_and_zero_has_no_sign(value: float) -> None:
    check = a_result(measures=(a_figure(value=value),))
    verdict = Verdict(
        scenario="s",
        outcome=Outcome.PASS,
        reason="",
        score=Score(total=None, certifiable=False),
        checks=(check,),
    )
    text = verdict_json(verdict)
    assert json.loads(text)["checks"][0]["measures"][0]["value"] == round(value, 6)
    assert not re.search(r'"value": -0\.0\b', text)
    assert text.endswith("}\n")


def test_a_stored_run_is_judged_like_the_run_itself(tmp_path: Path) -> None:
    """The recording goes to disk and back, as text, without changing what is said of it."""
    whole = demo_recording("pass")
    events = [event.model_validate_json(event.model_dump_json()) for event in whole.events]
    requests = [request.model_validate_json(request.model_dump_json()) for request in whole.requests]
    metrics = whole.metrics.model_validate_json(whole.metrics.model_dump_json())
    again = Recording(whole.plan, tuple(events), Requests.of(requests), metrics)
    assert verdict_json(judge(again)) == verdict_json(judge(whole))
