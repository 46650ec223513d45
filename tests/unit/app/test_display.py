"""What a user sees while a run goes on: a plain log in a file, a live table on a terminal."""

from __future__ import annotations

import io
import re
from dataclasses import replace

from chaos.app.command_context import CommandContext
from chaos.app.display import HEARTBEAT, LiveTable, PlainLog, display_for
from chaos.model.alert_states import ActiveAlert, AlertState
from chaos.runner import BreakerReading, Progress
from chaos.timeline.events import Phase

MOMENT = Progress(
    run_id="abc123",
    scenario="toy",
    phase=Phase.TIMELINE,
    message="inject container.kill cache",
    elapsed=12.0,
    remaining=34.4,
    alerts=(ActiveAlert("cache_down", AlertState.FIRING),),
    breakers=(BreakerReading("cache", "open"),),
    milestone=True,
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def logged(*moments: Progress) -> list[str]:
    out = io.StringIO()
    with display_for(CommandContext(out=out)) as display:
        assert isinstance(display, PlainLog)
        for moment in moments:
            display.show(moment)
    return out.getvalue().splitlines()


def drawn(*moments: Progress) -> str:
    """What the terminal got, without the codes that move the cursor and colour the text."""
    out = Terminal()
    with display_for(CommandContext(out=out)) as display:
        assert isinstance(display, LiveTable)
        for moment in moments:
            display.show(moment)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out.getvalue())


def test_a_milestone_is_a_line_with_all_that_is_known() -> None:
    (line,) = logged(MOMENT)
    assert line.startswith("toy + 12.0 s  inject container.kill cache")
    assert "about 34 s left" in line
    assert "[cache_down firing; cache open]" in line


def test_nothing_is_said_of_alerts_breakers_or_time_that_are_not_there() -> None:
    (line,) = logged(replace(MOMENT, alerts=(), breakers=(), remaining=0.0))
    assert line == "toy + 12.0 s  inject container.kill cache"


def test_between_milestones_a_line_now_and_then() -> None:
    quiet = [replace(MOMENT, milestone=False, elapsed=float(second)) for second in range(1, 31)]
    lines = logged(replace(MOMENT, elapsed=0.0), *quiet)
    assert [line.split(" s ")[0] for line in lines] == [
        f"toy +{second:5.1f}" for second in (0.0, HEARTBEAT, 2 * HEARTBEAT, 3 * HEARTBEAT)
    ]


def test_each_of_several_runs_has_a_heartbeat_of_its_own() -> None:
    other = replace(MOMENT, run_id="def456", scenario="other", milestone=False, elapsed=HEARTBEAT)
    lines = logged(replace(MOMENT, elapsed=HEARTBEAT), other)
    assert [line.split()[0] for line in lines] == ["toy", "other"]


def test_a_terminal_shows_a_row_a_run() -> None:
    text = drawn(MOMENT, replace(MOMENT, run_id="def456", scenario="other", alerts=(), milestone=False))
    for word in (
        "scenario",
        "phase",
        "left",
        "alerts",
        "breakers",
        "34 s",
        "cache_down firing",
        "cache open",
    ):
        assert word in text
    (row,) = [line for line in text.splitlines() if line.startswith("other")][-1:]
    assert "none" in row


def test_a_terminal_keeps_the_milestones_above_the_table() -> None:
    text = drawn(replace(MOMENT, message="[bold]the fault takes effect"))
    assert (
        "toy + 12.0 s  [bold]the fault takes effect, about 34 s left" in text
    )  # printed as it is, not as markup


def test_a_terminal_does_not_scroll_for_what_is_no_milestone() -> None:
    assert "about 34 s left" not in drawn(replace(MOMENT, milestone=False))
