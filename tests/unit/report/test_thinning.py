"""A report of any recording fits on a page; what is left out is counted."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from bench import big_recordings as big
from chaos.app.stored_runs.verdicts import judge_folder, report_folder
from chaos.report.lanes import Lane, Lanes, Stretch
from chaos.report.row_kind import RowKind
from chaos.report.story import StoryLine
from chaos.report.thinning import MOST_LANES, MOST_LINES, MOST_SPANS, thinned_lanes, thinned_story
from chaos.report.tone import Tone

RUN = Path(__file__).parents[2] / "corpus" / "runs" / "v3-pms-down.tar.xz"
MOST_BYTES = 2_000_000


def spans(count: int, tone: Tone = Tone.GOOD) -> tuple[Stretch, ...]:
    return tuple(Stretch(float(at), at + 1.0, f"s{at % 3}", tone) for at in range(count))


def test_what_fits_stays_as_it_is() -> None:
    drawn = Lanes((Lane(RowKind.CONTAINER, "a", spans(MOST_SPANS)),), ("b: running throughout",))
    assert thinned_lanes(drawn) == drawn
    lines = tuple(StoryLine(float(at), None, RowKind.CONTAINER, f"a: {at}") for at in range(MOST_LINES))
    assert thinned_story(lines) == lines


def test_many_stretches_are_joined_and_the_most_alarming_shows() -> None:
    bad = Stretch(55.5, 55.6, "paused", Tone.BAD)
    lane = Lane(RowKind.CONTAINER, "a", (*spans(55), bad, *spans(10_000)[56:]))
    (made,) = thinned_lanes(Lanes((lane,), ())).lanes
    assert len(made.spans) <= MOST_SPANS
    assert (made.spans[0].start, max(span.end for span in made.spans)) == (0.0, 10_000.0)
    (loud,) = [span for span in made.spans if span.tone is Tone.BAD]
    assert "paused" in loud.state


def test_series_of_an_alert_that_agree_are_one_stretch() -> None:
    each = tuple(Stretch(1.0, 2.0, "firing", Tone.ALARM, detail=f"shard={n}") for n in range(640))
    (made,) = thinned_lanes(Lanes((Lane(RowKind.ALERT, "x", each),), ())).lanes
    assert [span.detail.split(":")[0] for span in made.spans] == ["640 series"]


def test_lanes_that_are_not_drawn_are_named() -> None:
    many = tuple(Lane(RowKind.PROBE, f"p{n}", spans(2)) for n in range(MOST_LANES + 2))
    made = thinned_lanes(Lanes(many, ()))
    assert len(made.lanes) == MOST_LANES
    assert made.steady == (f"2 lanes not drawn: p{MOST_LANES}, p{MOST_LANES + 1}",)


def test_of_lines_that_repeat_the_first_and_the_last_stay_and_all_others_stay() -> None:
    lines = [StoryLine(float(at), None, RowKind.CONTAINER, f"a: {at}") for at in range(10_000)]
    lines.insert(5_000, StoryLine(5_000.0, None, RowKind.FAULT, "injected"))
    made = thinned_story(lines)
    assert len(made) == MOST_LINES + 2
    assert [line.text for line in made if "not shown" in line.text] == [
        "9\u202f940 lines of containers not shown: the recording has them"
    ]
    assert sum(line.kind is RowKind.FAULT for line in made) == 1
    assert (made[0].text, made[-1].text) == ("a: 0", "a: 9999")


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("grow", "size"),
    [(big.with_container_states, 10_000), (big.with_label_sets, 640), (big.with_requests, 30_000)],
)
def test_a_report_stays_below_two_megabytes(tmp_path: Path, grow: big.Grow, size: int) -> None:
    with tarfile.open(RUN) as archive:
        archive.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    grow(folder, size)
    judged = judge_folder(folder)
    report_folder(judged)
    assert (folder / "report.html").stat().st_size < MOST_BYTES
    assert (folder / "report.md").stat().st_size < MOST_BYTES
