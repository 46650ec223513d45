"""The instants and the kinds of the requests of a load."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chaos.load.schedule import arrivals


def test_instants_are_equally_spaced_and_do_not_drift() -> None:
    offsets = [arrival.offset for arrival in arrivals(rate=40, seconds=600, weights=[1])]
    assert len(offsets) == 24_000
    assert offsets[0] == 0.0
    assert offsets[-1] == pytest.approx(600 - 1 / 40, abs=1e-9)


def test_the_end_is_excluded() -> None:
    assert len(list(arrivals(rate=10, seconds=0.3, weights=[1]))) == 3
    assert len(list(arrivals(rate=10, seconds=0.31, weights=[1]))) == 4


@given(some.lists(some.integers(1, 7), min_size=1, max_size=5), some.integers(0, 1000), some.integers(1, 4))
def test_each_round_holds_every_kind_as_often_as_its_weight(
    weights: list[int], seed: int, rounds: int
) -> None:
    size = sum(weights)
    kinds = [arrival.kind for arrival in arrivals(1.0, float(size * rounds), weights, seed)]
    for start in range(0, len(kinds), size):
        assert Counter(kinds[start : start + size]) == Counter(dict(enumerate(weights)))


def test_the_seed_alone_decides_the_order() -> None:
    def kinds(seed: int) -> list[int]:
        return [arrival.kind for arrival in arrivals(10, 10, [3, 2, 1], seed)]

    assert kinds(1) == kinds(1)
    assert kinds(1) != kinds(2)


@pytest.mark.parametrize(
    ("rate", "seconds", "weights"), [(0, 1, [1]), (1, 0, [1]), (1, 1, []), (1, 1, [1, 0])]
)
def test_nonsense_is_refused_at_once(rate: float, seconds: float, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="positive"):
        arrivals(rate, seconds, weights)
