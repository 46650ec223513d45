from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from chaos.timing import Duration, Paced, SystemClock, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0s", 0.0),
        ("250ms", 0.25),
        ("30s", 30.0),
        ("1.5m", 90.0),
        ("1h30m", 5400.0),
        ("1d", 86400.0),
        ("2w", 1209600.0),
    ],
)
def test_a_duration_is_text_with_a_unit(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "value", ["", "5", "5 m", "m5", "-5s", "5M", "1h 30m", "5s!", "1e3s", 5, 5.0, None, True, ["5s"]]
)
def test_anything_else_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="expected a duration"):
        parse_duration(value)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0s"),
        (0.25, "250ms"),
        (1.0, "1s"),
        (90.0, "1m30s"),
        (7200.0, "2h"),
        (2.5, "2.5s"),
        (-60.0, "-1m"),
    ],
)
def test_a_duration_is_shown_in_its_shortest_form(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@settings(deadline=None)  # a busy machine is no finding
@given((st.floats(0, 3e8) | st.floats(0, 1e-3)).map(lambda seconds: round(seconds, 9)))
def test_what_is_shown_is_read_back_to_the_nanosecond(seconds: float) -> None:
    shown = format_duration(seconds)
    assert "e" not in shown
    assert parse_duration(shown) == seconds


@settings(deadline=None)  # a busy machine is no finding
@given(
    st.lists(
        st.tuples(st.integers(0, 999), st.sampled_from(["ms", "s", "m", "h", "d"])), min_size=1, max_size=3
    )
)
def test_what_is_read_is_shown_and_read_back(parts: list[tuple[int, str]]) -> None:
    seconds = parse_duration("".join(f"{number}{unit}" for number, unit in parts[:3]))
    assert parse_duration(format_duration(seconds)) == pytest.approx(seconds)


class Held(BaseModel):
    real: Duration = 1.0
    policy: Paced = 1.0


def test_fields_read_and_write_durations_as_text() -> None:
    held = Held.model_validate({"real": "90s", "policy": "1h"})
    assert (held.real, held.policy) == (90.0, 3600.0)
    assert held.model_dump() == {"real": "1m30s", "policy": "1h"}
    assert Held.model_validate_json(held.model_dump_json()) == held
    with pytest.raises(ValidationError, match="with a unit"):
        Held.model_validate({"real": 90})


async def test_the_clock_of_the_machine_goes_forward() -> None:
    clock = SystemClock()
    before = clock.mono(), clock.wall()
    await clock.sleep(-1.0)  # nothing to wait for: returns at once
    assert clock.mono() >= before[0]
    assert clock.wall() > 1.7e9


@pytest.mark.parametrize("text", ["9" * 400 + "s", "9" * 5000 + "d", "3651d", "1" + "0" * 30 + "ms"])
def test_a_duration_beyond_ten_years_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="at most 87600h"):
        parse_duration(text)
