"""Which series an expression reads."""

from __future__ import annotations

import pytest

from chaos.model.rules import Matcher, MatchKind, Selector
from chaos.promql.selectors import selectors_in
from chaos.promql.syntax import NotPromql, parse

EQUAL, REGEX = MatchKind.EQUAL, MatchKind.REGEX


def selectors_of(expr: str) -> tuple[Selector, ...]:
    return selectors_in(parse(expr))


def matcher(label: str, kind: MatchKind, value: str) -> Matcher:
    return Matcher(label=label, kind=kind, value=value)


def test_families_and_matchers_each_once() -> None:
    ratio = 'sum(rate(hits{code=~"5.."}[5m])) / sum(rate(hits[5m])) > 0.05 and sum(rate(hits[5m])) > 1'
    assert selectors_of(ratio) == (
        Selector(family="hits", matchers=(matcher("code", REGEX, "5.."),)),
        Selector(family="hits"),
    )


def test_a_name_among_the_matchers_is_the_family() -> None:
    assert selectors_of('{__name__="a.b", job="x"}') == (
        Selector(family="a.b", matchers=(matcher("job", EQUAL, "x"),)),
    )
    (pattern,) = selectors_of('{__name__=~"job:.*"}')
    assert pattern.family == ""
    assert pattern.matches({"__name__": "job:errors"})
    assert not pattern.matches({"__name__": "errors"})


@pytest.mark.parametrize(
    ("expr", "empty"),
    [
        ("x > 0", False),
        ("absent(x)", True),
        ("absent_over_time(x[5m])", True),
        ("x or vector(0)", True),
        ("y unless x", True),
        ("x unless y", False),
        ("rate(x[5m]) and y", False),
    ],
)
def test_where_no_series_is_provided_for(expr: str, empty: bool) -> None:
    assert {one.may_be_empty for one in selectors_of(expr) if one.family == "x"} == {empty}


@pytest.mark.parametrize(
    ("expr", "labels", "selected"),
    [
        ("x", {"__name__": "x"}, True),
        ("x", {"__name__": "y"}, False),
        ('x{job="api"}', {"__name__": "x", "job": "api", "pod": "1"}, True),
        ('x{job="api"}', {"__name__": "x"}, False),
        ('x{job=""}', {"__name__": "x"}, True),  # a label that is not there is empty
        ('x{job!="api"}', {"__name__": "x"}, True),
        ('x{code=~"5.."}', {"__name__": "x", "code": "503"}, True),
        ('x{code=~"5"}', {"__name__": "x", "code": "503"}, False),  # the whole value
        ('x{code!~"5.."}', {"__name__": "x", "code": "200"}, True),
        ('x{path=~"a.b"}', {"__name__": "x", "path": "a\nb"}, True),
    ],
)
def test_which_series_a_selector_selects(expr: str, labels: dict[str, str], selected: bool) -> None:
    (selector,) = selectors_of(expr)
    assert selector.matches(labels) is selected


def test_a_selector_reads_like_promql() -> None:
    (selector,) = selectors_of('x{code=~"5..",job!="api"}')
    assert str(selector) == 'x{code=~"5..", job!="api"}'


def test_what_cannot_be_read_is_said() -> None:
    with pytest.raises(NotPromql, match="does not read it"):
        selectors_of("x[")
    with pytest.raises(NotPromql, match="does not know `or`"):
        selectors_of('{a="1" or b="2"}')
    (selector,) = selectors_of('x{code=~"\\\\pL+"}')  # RE2 reads it, as Prometheus does
    assert selector.matches({"__name__": "x", "code": "é"})
    assert not selector.matches({"__name__": "x", "code": "1"})
    with pytest.raises(NotPromql, match="illegal regex"):
        selectors_of('x{code=~"("}')
