"""Numbers the lines of journal.jsonl, load.jsonl and ledger.jsonl, to find lines that are missing.

Each line is a JSON object whose first key is its number, ``{"seq":12,...}``, counted from 1. The last line of
a closed file is ``{"lines":N}``, where N is the number of lines before it. A line that is lost, doubled or
moved breaks the count, and so does a missing end of the file.

Recordings of schema versions 1 and 2 have no numbers. In them gameday finds only identical lines: two events,
requests or ledger lines of a run always differ in their instants.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

NUMBERED_SINCE = 3  # the schema version of the journal from which on lines are numbered

_NUMBER = re.compile(rb'^\{"seq":(\d{1,15}),')
_END = re.compile(rb'^\{"lines":(\d{1,15})\}$')
_MOST_NAMED = 3  # places that one problem names; it only counts the others


class LineCounter:
    """Numbers the lines of one file as they are written. Use one counter per file, from one writer."""

    def __init__(self) -> None:
        self._lines = 0

    def number(self, body: bytes) -> bytes:
        """The line to write for ``body``, a JSON object with at least one key and without a line break."""
        self._lines += 1
        return b'{"seq":%d,%s\n' % (self._lines, body[1:])

    def end(self) -> bytes:
        """The last line of the file."""
        return b'{"lines":%d}\n' % self._lines


@dataclass(frozen=True)
class Line:
    """One line as it was read. ``place``: its line in the file, from 1. ``seq``: its number, or None.
    ``body``: the JSON object without the number.
    """

    place: int
    seq: int | None
    body: bytes


@dataclass(frozen=True)
class NumberedFile:
    """The lines of a file. ``end``: the count in the last line; None without one.

    ``whole``: how many lines before ``lines`` are not kept, because they are numbered 1, 2, 3 and so on.
    """

    lines: tuple[Line, ...]
    end: int | None
    whole: int = 0


def read_lines(data: bytes) -> NumberedFile:
    """Split a file into its lines, without checking them. A last line without a line break is kept."""
    found = [read_line(place, line) for place, line in enumerate(data.split(b"\n"), start=1) if line]
    ends = [one for one in found if isinstance(one, int)]
    return NumberedFile(tuple(one for one in found if isinstance(one, Line)), ends[-1] if ends else None)


def read_line(place: int, line: bytes) -> Line | int:
    """Read one line, given without its line break; of the last line of a closed file, the count."""
    if found := _END.match(line):
        return int(found[1])
    number = _NUMBER.match(line)
    if number is None:
        return Line(place, None, line)
    return Line(place, int(number[1]), b"{" + line[number.end() :])


def line_problems(file: NumberedFile, version: int, closed: bool) -> tuple[str, ...]:
    """Lines that were lost, doubled, moved or added, for people; empty if there are none.

    ``version``: the schema version of the recording. ``closed``: the run was not killed, so the file must end
    with its count.
    """
    numbered = file.whole or file.end is not None or any(line.seq is not None for line in file.lines)
    if version < NUMBERED_SINCE and not numbered:
        return _identical(file.lines)
    problems = list(_out_of_count(file))
    if file.end is None and closed:
        problems.append("the last line, which holds the count, is missing: lines may be lost at the end")
    return tuple(problems)


def _out_of_count(file: NumberedFile) -> Iterator[str]:
    """Deviations from the numbers 1, 2, 3 up to the stored count."""
    counts = Counter(line.seq for line in file.lines if line.seq is not None)
    last = max(file.whole, max(counts, default=0))
    missing = _gaps(sorted(counts), file.whole + 1, max(last, file.end or 0))
    doubled = [number for number, times in counts.items() if times > 1 or number <= file.whole]
    if missing:
        yield f"{_words(missing)} missing"
    if doubled:
        yield f"{_lines(doubled)} there more than once"
    if file.end is not None and last > file.end:
        yield f"it was closed with {file.end} lines, and one has the number {last}"
    if moved := _moved(file):
        yield f"{_lines(moved)} out of order"
    if unnumbered := [line.place for line in file.lines if line.seq is None]:
        yield f"{_lines(unnumbered)} without a number"


def _moved(file: NumberedFile) -> list[int]:
    """Numbers that come after a higher number, each once. Of a doubled line only the first place counts."""
    highest, seen, moved = file.whole, set[int](), list[int]()
    for line in file.lines:
        if line.seq is None or line.seq in seen or line.seq <= file.whole:
            continue
        seen.add(line.seq)
        if line.seq < highest:
            moved.append(line.seq)
        highest = max(highest, line.seq)
    return moved


def _identical(lines: Iterable[Line]) -> tuple[str, ...]:
    """Lines that occur more than once, byte for byte."""
    first: dict[bytes, int] = {}
    doubled: list[int] = []
    for line in lines:
        if first.setdefault(line.body, line.place) != line.place:
            doubled.append(line.place)
    return (f"{_lines(doubled)} there more than once",) if doubled else ()


def _gaps(there: Iterable[int], first: int, last: int) -> list[tuple[int, int]]:
    """First and last number of each range from ``first`` to ``last`` without a number in ``there``, which is
    ascending. A damaged line may have any number, so a list of all missing numbers could be huge.
    """
    gaps: list[tuple[int, int]] = []
    for number in (*there, last + 1):
        if number > first:
            gaps.append((first, number - 1))
        first = max(first, number + 1)
    return gaps


def _lines(numbers: Iterable[int]) -> str:
    """As ``_words``, for ascending numbers; consecutive ones become a range."""
    stretches: list[tuple[int, int]] = []
    for number in numbers:
        if stretches and number == stretches[-1][1] + 1:
            stretches[-1] = (stretches[-1][0], number)
        else:
            stretches.append((number, number))
    return _words(stretches)


def _words(stretches: Sequence[tuple[int, int]]) -> str:
    """``lines 3 to 5, 9 are``: the first ranges, and how many more lines there are."""
    sizes = [last - first + 1 for first, last in stretches]
    named = [str(first) if first == last else f"{first} to {last}" for first, last in stretches[:_MOST_NAMED]]
    rest = sum(sizes[_MOST_NAMED:])
    more = f" and {rest} more" if rest else ""
    return f"line {named[0]} is" if sum(sizes) == 1 else f"lines {', '.join(named)}{more} are"
