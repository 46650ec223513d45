"""The wall clock may be set during a run: steps are found, and what cannot be mapped is said."""

from __future__ import annotations

import pytest

from chaos.timeline.clock import ClockReading, RunClock, run_clock

START = 1_700_000_000.0


def readings(*steps: tuple[float, float], until: float = 60.0, every: float = 0.1) -> list[ClockReading]:
    """Both clocks every ``every`` seconds; ``steps``: (monotonic instant, seconds by which it was set)."""
    return [
        ClockReading(START + mono + sum(by for at, by in steps if at <= mono), mono)
        for mono in (round(n * every, 3) for n in range(int(until / every)))
    ]


def test_without_a_step_every_instant_is_the_wall_clocks() -> None:
    clock = run_clock(readings())
    assert clock.steps == ()
    for wall in (START - 5, START, START + 31.27, START + 90):
        assert clock.of_wall(wall) == pytest.approx(wall)


@pytest.mark.parametrize("seconds", [3.0, -3.0, 0.5, -0.5, 3600.0])
def test_a_step_is_found_with_its_size_and_place(seconds: float) -> None:
    (step,) = run_clock(readings((20.0, seconds))).steps
    assert step.seconds == pytest.approx(seconds)
    assert START + 19.8 < step.after < step.before < START + 20.2


def test_what_follows_a_step_forward_is_mapped_back() -> None:
    clock = run_clock(readings((20.0, 3.0)))
    assert clock.of_wall(START + 10) == pytest.approx(START + 10)
    assert clock.of_wall(START + 33) == pytest.approx(START + 30)


def test_an_instant_that_the_wall_clock_skipped_is_nowhere() -> None:
    assert run_clock(readings((20.0, 3.0))).of_wall(START + 21.5) is None


def test_an_instant_that_the_wall_clock_showed_twice_is_nowhere() -> None:
    clock = run_clock(readings((20.0, -5.0)))
    assert clock.of_wall(START + 17) is None
    assert clock.of_wall(START + 12) == pytest.approx(START + 12)
    assert clock.of_wall(START + 25) == pytest.approx(START + 30)


def test_there_and_back_again_are_two_steps() -> None:
    assert [round(step.seconds) for step in run_clock(readings((20.0, 5.0), (30.0, -5.0))).steps] == [5, -5]


@pytest.mark.parametrize("stray", [0, 1, 17, 300, 598, 599])
def test_a_process_that_stood_still_between_two_readings_is_no_step(stray: int) -> None:
    found = readings()
    found[stray] = ClockReading(found[stray].wall - 0.8, found[stray].mono)
    clock = run_clock(found)
    assert clock.steps == ()
    assert clock.of_wall(START + 31) == pytest.approx(START + 31)


def test_a_clock_that_is_slewed_is_no_step_and_is_followed() -> None:
    clock = run_clock(ClockReading(START + mono * 1.0005, mono) for mono in range(600))
    assert clock.steps == ()
    assert clock.of_wall(START + 500 * 1.0005) == pytest.approx(START + 500, abs=0.005)


def test_without_any_reading_the_axis_is_the_wall_clock() -> None:
    assert RunClock().of_wall(5.0) == 5.0
    assert run_clock([]).of_mono(7.0) == 7.0
