"""What can happen to the series of Prometheus and to the final read of the stores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import cast

from pydantic import JsonValue

from tests.metamorphic.files import Files, number
from tests.metamorphic.line_changes import shifted

Change = Callable[[Random, Files], Files | None]
Series = Mapping[str, JsonValue]
Samples = list[list[float]]


def lose_a_series(random: Random, files: Files) -> Files | None:
    """One series is not there."""
    series = _series(files)
    if not series:
        return None
    gone = random.choice(series)
    return _with(files, [one for one in series if one is not gone])


def lose_a_metric(random: Random, files: Files) -> Files | None:
    """All series of one metric are gone."""
    metrics = sorted({str(one["metric"]) for one in _series(files)})
    if not metrics:
        return None
    gone = random.choice(metrics)
    return _with(files, [one for one in _series(files) if one["metric"] != gone])


def lose_a_tenth_of_the_samples(random: Random, files: Files) -> Files | None:
    """Each sample of each series is gone with a probability of 10 %."""
    return _each(files, lambda samples: [sample for sample in samples if random.random() > 0.1])


def lose_a_stretch(random: Random, files: Files) -> Files | None:
    """Prometheus scraped nothing for 5 % to 50 % of the run."""
    start, end = _window(random, files)
    return _each(files, lambda samples: [sample for sample in samples if not start <= sample[0] < end])


def lose_a_stretch_of_a_series(random: Random, files: Files) -> Files | None:
    """One series has no samples for 5 % to 50 % of the run."""
    start, end = _window(random, files)
    return _one(random, files, lambda samples: [s for s in samples if not start <= s[0] < end])


def cut_the_end(random: Random, files: Files) -> Files | None:
    """No series has samples beyond an instant; the file says that it was read to the end."""
    start, _ = _window(random, files)
    return _each(files, lambda samples: [sample for sample in samples if sample[0] < start])


def read_to_earlier(random: Random, files: Files) -> Files | None:
    """The series end early, and the file says so."""
    start, _ = _window(random, files)
    cut = _each(files, lambda samples: [sample for sample in samples if sample[0] < start])
    if cut is None or cut.metrics is None:
        return None
    return replace(cut, metrics={**cut.metrics, "read_to": start})


def double_a_series(random: Random, files: Files) -> Files | None:
    """One series is there twice."""
    series = _series(files)
    return _with(files, [*series, random.choice(series)]) if series else None


def double_the_samples(random: Random, files: Files) -> Files | None:
    """Every sample is there twice."""
    return _each(files, lambda samples: [sample for sample in samples for _ in range(2)])


def another_replica(random: Random, files: Files) -> Files | None:
    """One series is there of another instance too, 3 s later."""
    series = _series(files)
    if not series:
        return None
    chosen = random.choice(series)
    labels = cast(Mapping[str, JsonValue], chosen["labels"])
    other = {
        **chosen,
        "labels": {**labels, "instance": "another:1"},
        "samples": [[at + 3, value] for at, value in cast(Samples, chosen["samples"])],
    }
    return _with(files, [*series, cast(Series, other)])


def reverse_the_samples(random: Random, files: Files) -> Files | None:
    """The samples of each series are the latest first."""
    return _each(files, lambda samples: samples[::-1])


def shift_a_series(random: Random, files: Files) -> Files | None:
    """The instants of one series are off by 2 to 15 s."""
    by = random.uniform(2, 15) * random.choice((-1, 1))
    return _one(random, files, lambda samples: [[at + by, value] for at, value in samples])


def shift_all(random: Random, files: Files) -> Files | None:
    """The instants of all series are off by the same 2 to 15 s."""
    by = random.uniform(2, 15) * random.choice((-1, 1))
    return _each(files, lambda samples: [[at + by, value] for at, value in samples])


METRICS_CHANGES: tuple[Change, ...] = (
    lose_a_series,
    lose_a_metric,
    lose_a_tenth_of_the_samples,
    lose_a_stretch,
    lose_a_stretch_of_a_series,
    cut_the_end,
    read_to_earlier,
    double_a_series,
    double_the_samples,
    another_replica,
    reverse_the_samples,
    shift_a_series,
    shift_all,
)


def lose_a_store(random: Random, files: Files) -> Files | None:
    """The final read of one store is not there."""
    if not files.readback:
        return None
    gone = random.randrange(len(files.readback))
    return replace(files, readback=files.readback[:gone] + files.readback[gone + 1 :])


def lose_the_file(random: Random, files: Files) -> Files | None:
    """No store was read in the end."""
    return replace(files, readback=None) if files.readback else None


def lose_rows(random: Random, files: Files) -> Files | None:
    """Each row of each store is gone with a probability of 10 %."""
    return _rows(files, lambda rows: [row for row in rows if random.random() > 0.1])


def double_rows(random: Random, files: Files) -> Files | None:
    """Every row of each store is there twice."""
    return _rows(files, lambda rows: [row for row in rows for _ in range(2)])


def reverse_rows(random: Random, files: Files) -> Files | None:
    """The rows of each store are in the other order."""
    return _rows(files, lambda rows: rows[::-1])


def date_them_earlier(random: Random, files: Files) -> Files | None:
    """The stores were read 10 s to a whole run earlier."""
    if not files.readback:
        return None
    first, last = files.span
    by = -random.uniform(10, last - first)
    dated = (shifted(read, by) for read in files.readback)
    return replace(files, readback=tuple({**r, "ended": number(r["ended"]) + by} for r in dated))


READBACK_CHANGES: tuple[Change, ...] = (
    lose_a_store,
    lose_the_file,
    lose_rows,
    double_rows,
    reverse_rows,
    date_them_earlier,
)


def _series(files: Files) -> list[Series]:
    return cast(list[Series], files.metrics["series"]) if files.metrics else []


def _with(files: Files, series: list[Series]) -> Files:
    assert files.metrics is not None
    return replace(files, metrics=cast(Mapping[str, JsonValue], {**files.metrics, "series": series}))


def _changed(series: Series, change: Callable[[Samples], Samples]) -> Series:
    return cast(Series, {**series, "samples": change(cast(Samples, series["samples"]))})


def _each(files: Files, change: Callable[[Samples], Samples]) -> Files | None:
    series = _series(files)
    return _with(files, [_changed(one, change) for one in series]) if series else None


def _one(random: Random, files: Files, change: Callable[[Samples], Samples]) -> Files | None:
    series = _series(files)
    if not series:
        return None
    chosen = random.choice(series)
    return _with(files, [_changed(one, change) if one is chosen else one for one in series])


def _rows(files: Files, change: Callable[[list[JsonValue]], list[JsonValue]]) -> Files | None:
    if not files.readback:
        return None
    changed = ({**read, "rows": change(cast(list[JsonValue], read["rows"]))} for read in files.readback)
    return replace(files, readback=tuple(changed))


def _window(random: Random, files: Files) -> tuple[float, float]:
    first, last = files.span
    size = (last - first) * random.uniform(0.05, 0.5)
    start = random.uniform(first, last - size)
    return start, start + size
