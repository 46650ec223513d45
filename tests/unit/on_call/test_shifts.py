"""Who is on duty: weeks on the calendar of a time zone, also where its clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.on_call import Duty, Rota, on_duty, read_instant, shift_at, shifts_from
from chaos.on_call.model import Cover, Handoff, Person

ZONES = ("UTC", "Europe/Rome", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo")
HOUR = timedelta(hours=1)


def rota(zone: str = "Europe/Rome", at: time = time(9), covers: tuple[Cover, ...] = ()) -> Rota:
    return Rota(
        name="team",
        time_zone=zone,
        handoff=Handoff(weekday=0, at=at),
        starts=date(2026, 1, 5),
        people={name: Person() for name in "abcde"},
        rotations={
            Duty.PRIMARY: ("a", "b", "c"),
            Duty.SECONDARY: ("b", "c", "a"),
            Duty.COMMANDER: ("d", "e"),
        },
        covers=covers,
    )


instants = st.integers(0, 20 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 6, 12, tzinfo=UTC) + timedelta(minutes=minutes)
)
times = st.times().map(lambda one: one.replace(second=0, microsecond=0))


@given(st.sampled_from(ZONES), times, instants)
def test_each_instant_lies_in_one_shift_and_shifts_leave_no_gap(
    zone: str, at: time, instant: datetime
) -> None:
    first, second = shifts_from(rota(zone, at), instant, 2)
    assert first.begins <= instant < first.ends == second.begins
    assert second.number == first.number + 1


@given(st.sampled_from(ZONES), instants)
def test_a_handoff_is_at_its_local_time_in_summer_and_winter(zone: str, instant: datetime) -> None:
    team = rota(zone)
    shift = shift_at(team, instant)
    assert shift is not None
    local = shift.begins.astimezone(team.zone)
    assert (local.weekday(), local.time()) == (0, time(9))


@given(st.sampled_from(ZONES), instants)
def test_the_pager_has_an_owner_and_another_person_behind_it(zone: str, instant: datetime) -> None:
    duties = on_duty(rota(zone), instant)
    assert set(duties) == set(Duty)
    assert duties[Duty.PRIMARY] != duties[Duty.SECONDARY]


@pytest.mark.parametrize(
    ("instant", "hours"),
    [("2026-03-25 12:00", 167), ("2026-10-21 12:00", 169), ("2026-06-10 12:00", 168)],
)
def test_a_week_with_a_change_of_clocks_is_an_hour_shorter_or_longer(instant: str, hours: int) -> None:
    team = rota()
    shift = shift_at(team, read_instant(instant, team.zone))
    assert shift is not None
    assert shift.ends - shift.begins == hours * HOUR


def test_the_duty_passes_at_the_instant_of_the_handoff() -> None:
    team = rota()
    handoff = read_instant("2026-01-12 09:00", team.zone)
    assert on_duty(team, handoff - timedelta(seconds=1))[Duty.PRIMARY] == "a"
    assert on_duty(team, handoff)[Duty.PRIMARY] == "b"


def test_nobody_is_on_duty_before_the_first_handoff() -> None:
    team = rota()
    before = read_instant("2026-01-05 08:59", team.zone)
    assert shift_at(team, before) is None
    assert on_duty(team, before) == {}


def test_an_override_counts_from_its_begin_and_not_at_its_end_and_the_last_one_wins() -> None:
    begins, ends = datetime(2026, 1, 6, 9, tzinfo=UTC), datetime(2026, 1, 8, 9, tzinfo=UTC)
    first = Cover(begins=begins, ends=ends, duty=Duty.PRIMARY, person="d")
    second = Cover(begins=begins + 24 * HOUR, ends=ends, duty=Duty.PRIMARY, person="e")
    team = rota(covers=(first, second))
    seen = [
        on_duty(team, instant)[Duty.PRIMARY]
        for instant in (begins - HOUR, begins, begins + 24 * HOUR, ends - HOUR, ends)
    ]
    assert seen == ["a", "d", "e", "e", "a"]


@pytest.mark.parametrize("text", ["2026-03-29 02:30", "2026-10-25 02:30"])
def test_a_local_time_that_does_not_exist_or_occurs_twice_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Europe/Rome"):
        read_instant(text, rota().zone)


def test_an_offset_says_which_of_two_equal_local_times_is_meant() -> None:
    zone = rota().zone
    summer, winter = (read_instant(f"2026-10-25T02:30+0{hours}:00", zone) for hours in (2, 1))
    assert winter - summer == HOUR
