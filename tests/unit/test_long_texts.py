"""Regular expressions over texts from outside need time in proportion to the text, whatever it is."""

from __future__ import annotations

import re
import time

import pytest

from chaos.adapters import exposition
from chaos.alertmanager import config
from chaos.gameday import rules
from chaos.post_mortem import action_items
from chaos.post_mortem.markdown import IMPROVE
from chaos.promql import syntax
from chaos.scenario import monitoring
from chaos.timeline import questions

LONG = 60_000  # characters
SOON = 2.0  # seconds of CPU: quadratic time is over 5 s for a text of this length, linear time a few ms


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (exposition._LABEL, "a" * LONG),
        (rules._EMAIL, "a" * LONG),
        (rules._EMAIL, "a@" + "b" * LONG),
        (questions._MATCHER, "a" * LONG),
        (monitoring._METRIC, "breaker" * LONG),
        (action_items._IMPROVE, f"{IMPROVE}: a{' ' * LONG}b"),
        (syntax._TEXTS, '\\"' * (LONG // 2)),
        (syntax._TEXTS, '"' + '\\"' * (LONG // 2) + "\\"),
    ],
)
def test_a_search_takes_linear_time(expression: re.Pattern[str], text: str) -> None:
    began = time.process_time()
    for _ in expression.finditer(text):
        pass
    assert time.process_time() - began < SOON


def test_a_matcher_of_an_alertmanager_takes_linear_time() -> None:
    began = time.process_time()
    (found,) = config._matchers({"matchers": [f'a = "b{" " * LONG}c"']}, "match", "match_re", "matchers")
    assert time.process_time() - began < SOON
    assert (found.label, found.value) == ("a", f"b{' ' * LONG}c")


@pytest.mark.parametrize("expression", ["(?=a)", "("])
def test_an_expression_of_an_alertmanager_that_gameday_cannot_match_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="RE2"):
        config._matchers({"matchers": [f'a=~"{expression}"']}, "match", "match_re", "matchers")


def test_an_expression_of_an_alertmanager_may_be_nested_deeply() -> None:
    nested = "(" * 500 + "x" + ")" * 500  # Python's own parser would raise RecursionError
    (found,) = config._matchers({"matchers": [f'a=~"{nested}"']}, "match", "match_re", "matchers")
    assert found.value == nested


def test_a_metric_of_a_breaker_is_one_whose_name_says_so() -> None:
    names = "api_breaker_state breaker_state state_of_breaker api_breaker_open XBreaker_state"
    found = [name for name in monitoring._METRIC.findall(names) if monitoring._is_breaker(name)]
    assert found == ["api_breaker_state"]
