"""Computes the instant and kind of each request of a load before sending anything.

Open loop: the instants depend only on the rate, never on how fast the target answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from random import Random


@dataclass(frozen=True)
class Arrival:
    """One request to send. ``number``: from 0. ``offset``: seconds after the start of the load.

    ``kind``: index into the profile's requests.
    """

    number: int
    offset: float
    kind: int


def arrivals(rate: float, seconds: float, weights: Sequence[int], seed: int = 0) -> Iterator[Arrival]:
    """Arrivals at a constant ``rate`` per second in ``[0, seconds)``, with the kinds in weighted rounds.

    Each round has ``sum(weights)`` arrivals. Every kind comes as often as its weight, in an order that
    depends on ``seed``. The same arguments always give the same arrivals. The iterator is lazy, so a long run
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
