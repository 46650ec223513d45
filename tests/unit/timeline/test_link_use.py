"""Was a link used by the application, gameday's own traffic taken off?"""

from __future__ import annotations

from chaos.model.stack import as_link
from chaos.timeline.link_use import link_used
from chaos.timeline.observations import LinkCounts, LinkUse
from chaos.timeline.recording import Recording
from tests.recording_builder import BEGAN, RecordingBuilder

LINK = as_link("web->dep")


def counts(sent: int, own: int = 0, refused: int | None = 0, dials: int = 0) -> LinkCounts:
    return LinkCounts(
        link=str(LINK), sent=sent, received=2 * sent, own_dials=dials, own_sent=own, refused=refused
    )


def read(*readings: tuple[float, LinkCounts]) -> Recording:
    return (
        RecordingBuilder().add(*(LinkUse(at=BEGAN + at, mono=at, links=(one,)) for at, one in readings)).end()
    )


def test_what_the_application_sent_is_what_gameday_did_not() -> None:
    found = link_used(read((20, counts(100)), (30, counts(900, own=50))), LINK, BEGAN + 15, BEGAN + 35)
    assert found is not None
    assert (found.sent, found.received, found.used) == (750, 1600, True)
    assert (found.since, found.until) == (BEGAN + 20, BEGAN + 30)


def test_a_link_on_which_only_gameday_was_seen_is_not_known_to_be_used() -> None:
    found = link_used(
        read((20, counts(100)), (30, counts(180, own=80, refused=3, dials=3))), LINK, BEGAN, BEGAN + 99
    )
    assert found is not None
    assert (found.sent, found.refused, found.used, found.dialled_closed) == (0, 0, None, False)


def test_a_closed_listener_that_was_dialled_was_used() -> None:
    found = link_used(read((20, counts(100)), (30, counts(100, refused=9, dials=2))), LINK, BEGAN, BEGAN + 99)
    assert found is not None
    assert (found.sent, found.refused, found.used, found.dialled_closed) == (0, 7, None, True)


def test_only_readings_inside_the_stretch_count() -> None:
    recording = read((10, counts(0)), (20, counts(500)), (30, counts(500)), (40, counts(900)))
    found = link_used(recording, LINK, BEGAN + 15, BEGAN + 35)
    assert found is not None
    assert (found.sent, found.used) == (0, None), "a pool that stays open shows nothing"


def test_one_reading_says_nothing() -> None:
    recording = read((10, counts(0)), (20, counts(500)))
    assert link_used(recording, LINK, BEGAN + 15, BEGAN + 35) is None
    assert link_used(recording, as_link("web->other"), BEGAN, BEGAN + 35) is None


def test_a_proxy_that_was_restarted_counts_anew() -> None:
    recording = read((20, counts(100)), (21, counts(150)), (22, counts(40)), (23, counts(60)))
    found = link_used(recording, LINK, BEGAN, BEGAN + 99)
    assert found is not None
    assert found.sent == 50 + 40 + 20


def test_without_the_kernels_count_refused_dials_are_unknown() -> None:
    found = link_used(
        read((20, counts(100, refused=None)), (30, counts(100, refused=None))), LINK, BEGAN, BEGAN + 99
    )
    assert found is not None
    assert (found.refused, found.dialled_closed) == (None, None)
