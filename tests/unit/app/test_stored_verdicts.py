"""A verdict.json that an earlier version wrote is still read, and its results are known by their keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.history import read_verdict
from chaos.model.verdict import VERDICT_VERSION
from chaos.verdict import judge, verdict_json
from tests.recordings import demo_recording

VERSION_1 = Path(__file__).with_name("verdict-1.json")
ASKED_SINCE = {"detection.keeps_firing", "detection.selectors"}


def test_a_verdict_of_version_one_reads_as_the_same_results() -> None:
    old, new = read_verdict(VERSION_1.read_bytes()), judge(demo_recording("pass"))
    comparable = [r for r in new.checks if r.key not in ASKED_SINCE]
    assert (old.schema_version, old.outcome, old.score) == (VERDICT_VERSION, new.outcome, new.score)
    assert [(r.key, r.subject, r.outcome) for r in old.checks] == [
        (r.key, r.subject, r.outcome) for r in comparable
    ]
    today = {(m.key, m.part) for r in comparable for m in r.measures}
    assert {(m.key, m.part) for r in old.checks for m in r.measures} <= today  # more is measured since


def test_a_verdict_of_today_reads_back_as_it_is() -> None:
    verdict = judge(demo_recording("fail"))
    text = verdict_json(verdict)
    assert verdict_json(read_verdict(text.encode())) == text


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}", b'{"schema_version": 1, "checks": [1, {"measures": 3}]}']
)
def test_what_is_no_verdict_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_verdict(text)
