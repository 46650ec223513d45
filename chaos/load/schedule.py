"""Computes the instant and kind of each request of a load before sending anything.

Open loop: the instants depend on the rate alone, never on how fast the target answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from random import Random


@dataclass(frozen=True)
class Arrival:
    """One request to send: ``offset`` seconds after the load began, of the kind ``kind`` (index into the
    profile).
    """

    number: int
    offset: float
    kind: int


def arrivals(rate: float, seconds: float, weights: Sequence[int], seed: int = 0) -> Iterator[Arrival]:
    """Arrivals at a constant ``rate`` per second in ``[0, seconds)``, the kinds in weighted rounds.

    In each round of ``sum(weights)`` arrivals every kind comes exactly as often as its weight says, in
    an order that ``seed`` decides: the same arguments always give the same arrivals. Lazy: a long run
    needs no memory for it. Raises ``ValueError`` for a rate, length or weight that is not positive.
    """
    if rate <= 0 or seconds <= 0 or not weights or min(weights) < 1:
        raise ValueError(
            f"expected a positive rate, length and weights, got {rate}/s, {seconds} s, {list(weights)}"
        )
    return _arrivals(rate, ceil(rate * seconds - 1e-9), weights, Random(seed))


def _arrivals(rate: float, count: int, weights: Sequence[int], random: Random) -> Iterator[Arrival]:
    round_of_kinds = [kind for kind, weight in enumerate(weights) for _ in range(weight)]
    for number in range(count):
        place = number % len(round_of_kinds)
        if place == 0:
            random.shuffle(round_of_kinds)
        yield Arrival(number, number / rate, round_of_kinds[place])
