"""Expressions for property tests, each in production time and with its durations divided."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

PACE = 20
_NAMES = ("up", "http_requests_total", "job:errors:rate5m", "offset_seconds", "m5m", "by_range")
_MATCHERS = (
    "",
    "{}",
    '{job="api"}',
    '{path=~"/x[5m].*", q!="offset 5m"}',
    "{a='[1h:5m]'}",
    "{b=`offset 1d`}",
    '{c!~"\\\\d+\\"[5m]"}',
)


@dataclass(frozen=True)
class Pair:
    """One expression before and after; both texts have the same tree but for their durations."""

    production: str
    paced: str

    def around(self, before: str, after: str) -> Pair:
        return Pair(before + self.production + after, before + self.paced + after)


def _duration(whole: int, form: str) -> Pair:
    """``whole`` seconds at pace 20, written in one of Prometheus's ways."""
    production = whole * PACE
    hours, rest = divmod(production, 3600)
    words = f"{hours}h{rest}s" if hours and rest else f"{hours}h" if hours else f"{rest}s"
    return Pair(
        {"number": str(production), "words": words, "ms": f"{production * 1000}ms"}[form], f"{whole}s"
    )


DURATIONS = st.builds(_duration, st.integers(1, 20_000), st.sampled_from(["number", "words", "ms"]))
_SELECTORS = st.builds(
    lambda name, matchers: Pair(name + matchers, name + matchers),
    st.sampled_from(_NAMES),
    st.sampled_from(_MATCHERS),
)
_SIGNS = st.sampled_from([" offset ", " offset -", " OFFSET ", " offset - "])
_AT = st.sampled_from(["", "", " @ 1609746000", " @ start()", " @ end()"])


def _shifted(inner: Pair, sign: str, shift: Pair | None, at: str) -> Pair:
    if shift is None:
        return inner.around("", at)
    return Pair(inner.production + at + sign + shift.production, inner.paced + at + sign + shift.paced)


def _ranged(inner: Pair, length: Pair, space: str) -> Pair:
    return Pair(
        f"{inner.production}[{space}{length.production}{space}]",
        f"{inner.paced}[{space}{length.paced}{space}]",
    )


def _subquery(inner: Pair, length: Pair, step: Pair | None) -> Pair:
    first, second = ("", "") if step is None else (step.production, step.paced)
    return Pair(
        f"({inner.production})[{length.production}:{first}]", f"({inner.paced})[{length.paced}:{second}]"
    )


_OPTIONAL = st.none() | DURATIONS
_INSTANTS = st.builds(_shifted, _SELECTORS, _SIGNS, _OPTIONAL, _AT)
_RANGES = st.builds(_ranged, _SELECTORS, DURATIONS, st.sampled_from(["", " "]))
_FUNCTIONS = st.sampled_from(
    ["rate", "irate", "avg_over_time", "last_over_time", "absent_over_time", "deriv"]
)


def _grown(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    over_subquery = st.builds(_subquery, inner, DURATIONS, _OPTIONAL)
    ranges = st.builds(_shifted, _RANGES | over_subquery, _SIGNS, _OPTIONAL, _AT)
    return st.one_of(
        st.builds(lambda name, one: one.around(f"{name}(", ")"), _FUNCTIONS, ranges),
        st.builds(lambda one: one.around("sum by (job) (", ")"), inner),
        st.builds(lambda one: one.around("max without (pod, offset) (", ")"), inner),
        st.builds(lambda one: one.around("(", ")"), inner),
        st.builds(lambda one: one.around("-", ""), inner),
        st.builds(lambda one: one.around("", " # not [5m], nor offset 5m\n"), inner),
        st.builds(lambda one: one.around("", " > bool 300"), inner),
        st.builds(lambda one: one.around("histogram_quantile(0.95, ", ")"), inner),
        st.builds(
            lambda one, op, two: Pair(f"{one.production}{op}{two.production}", f"{one.paced}{op}{two.paced}"),
            inner,
            st.sampled_from(
                [" / ", " and on (job) ", " unless ", " or ", " * on (a) group_left (b) ", " ^ ", " - "]
            ),
            inner,
        ),
    )


EXPRESSIONS: st.SearchStrategy[Pair] = st.recursive(_INSTANTS, _grown, max_leaves=6)
