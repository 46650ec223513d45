"""What can happen to the lines of one file. Each change is drawn from a seeded generator."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.metamorphic.files import Line, Lines, instant_of, kind_of, number, time_span

Changed = tuple[Line, ...]
LineChange = Callable[[Random, Lines, Changed], Changed]
# Keys that hold wall-clock seconds.
INSTANTS = ("at", "started", "since", "intended", "sent", "began", "first")
MONOTONIC = ("mono", *(f"{name}_mono" for name in INSTANTS[1:]))


def lose_one(random: Random, part: Lines, lines: Changed) -> Changed:
    """One line is not there."""
    gone = random.randrange(len(lines))
    return lines[:gone] + lines[gone + 1 :]


def lose_a_tenth(random: Random, part: Lines, lines: Changed) -> Changed:
    """Each line is gone with a probability of 10 %."""
    return tuple(line for line in lines if random.random() > 0.1)


def lose_a_stretch(random: Random, part: Lines, lines: Changed) -> Changed:
    """Nothing was written for a while: 5 % to 50 % of the run."""
    inside = _stretch(random, part, lines)
    return tuple(line for line in lines if not inside(line))


def lose_a_kind(random: Random, part: Lines, lines: Changed) -> Changed:
    """Every line about one probe, request, event or operation is gone."""
    kind = random.choice(sorted({kind_of(part, line) for line in lines}))
    return tuple(line for line in lines if kind_of(part, line) != kind)


def lose_a_kind_for_a_while(random: Random, part: Lines, lines: Changed) -> Changed:
    """The lines about one probe, request, event or operation are gone in one stretch."""
    kind = kind_of(part, random.choice(lines))  # one of which there are many
    inside = _stretch(random, part, lines)
    return tuple(line for line in lines if kind_of(part, line) != kind or not inside(line))


def cut_the_end(random: Random, part: Lines, lines: Changed) -> Changed:
    """The file ends early; at a whole line."""
    return lines[: random.randrange(len(lines) // 4, len(lines))]


def cut_the_beginning(random: Random, part: Lines, lines: Changed) -> Changed:
    """The file begins late."""
    return lines[random.randrange(1, max(2, 3 * len(lines) // 4)) :]


def double_one(random: Random, part: Lines, lines: Changed) -> Changed:
    """One line stands there twice."""
    place = random.randrange(len(lines))
    return lines[: place + 1] + lines[place:]


def double_a_stretch(random: Random, part: Lines, lines: Changed) -> Changed:
    """A block of lines stands there twice."""
    first, last = sorted(random.sample(range(len(lines) + 1), 2))
    return lines[:last] + lines[first:]


def double_all(random: Random, part: Lines, lines: Changed) -> Changed:
    """The file stands twice in one file."""
    return lines + lines


def swap_two(random: Random, part: Lines, lines: Changed) -> Changed:
    """Two lines that follow each other change places."""
    place = random.randrange(max(1, len(lines) - 1))
    return lines[:place] + lines[place : place + 2][::-1] + lines[place + 2 :]


def shuffle(random: Random, part: Lines, lines: Changed) -> Changed:
    """The lines are in any order."""
    mixed = list(lines)
    random.shuffle(mixed)
    return tuple(mixed)


def move_a_block(random: Random, part: Lines, lines: Changed) -> Changed:
    """A block of lines stands at another place."""
    first, last = sorted(random.sample(range(len(lines) + 1), 2))
    rest = lines[:first] + lines[last:]
    place = random.randrange(len(rest) + 1)
    return rest[:place] + lines[first:last] + rest[place:]


def shift_all(random: Random, part: Lines, lines: Changed) -> Changed:
    """Every instant of the file is off by the same 2 to 15 s."""
    by = _offset(random)
    return tuple(shifted(line, by) for line in lines)


def shift_a_stretch(random: Random, part: Lines, lines: Changed) -> Changed:
    """The instants of one stretch are off by 2 to 15 s."""
    by, inside = _offset(random), _stretch(random, part, lines)
    return tuple(shifted(line, by) if inside(line) else line for line in lines)


def shift_a_kind(random: Random, part: Lines, lines: Changed) -> Changed:
    """The instants of all lines about one probe, request, event or operation are off by 2 to 15 s."""
    by = _offset(random)
    kind = random.choice(sorted({kind_of(part, line) for line in lines}))
    return tuple(shifted(line, by) if kind_of(part, line) == kind else line for line in lines)


def shift_a_kind_on_both_clocks(random: Random, part: Lines, lines: Changed) -> Changed:
    """All lines about one probe, request, event or operation are off by 2 to 15 s, by either clock."""
    by = _offset(random)
    kind = random.choice(sorted({kind_of(part, line) for line in lines}))
    return tuple(
        shifted(line, by, (*INSTANTS, *MONOTONIC)) if kind_of(part, line) == kind else line for line in lines
    )


CHANGES: tuple[LineChange, ...] = (
    lose_one,
    lose_a_tenth,
    lose_a_stretch,
    lose_a_kind,
    lose_a_kind_for_a_while,
    cut_the_end,
    cut_the_beginning,
    double_one,
    double_a_stretch,
    double_all,
    swap_two,
    shuffle,
    move_a_block,
    shift_all,
    shift_a_stretch,
    shift_a_kind,
    shift_a_kind_on_both_clocks,
)


def shifted(line: Line, by: float, keys: tuple[str, ...] = INSTANTS) -> Line:
    """The line with every wall-clock instant moved, or those of ``keys``; the monotonic clock stays."""
    return {
        key: number(value) + by if key in keys and value is not None else value for key, value in line.items()
    }


def _offset(random: Random) -> float:
    return random.uniform(2, 15) * random.choice((-1, 1))


def _stretch(random: Random, part: Lines, lines: Changed) -> Callable[[Line], bool]:
    """A window of 5 % to 50 % of the time that the lines span, as a question about a line."""
    first, last = time_span(part, lines)
    length = last - first
    size = length * random.uniform(0.05, 0.5)
    start = first + random.uniform(0, length - size)
    return lambda line: start <= instant_of(part, line) < start + size
