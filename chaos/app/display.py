"""Shows progress as a live table on a terminal, and as a plain log elsewhere."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from chaos.app.command_context import CommandContext
from chaos.runner import Observer, Progress
from chaos.visible import one_line, visible

HEARTBEAT = 10.0  # seconds of run time between two lines of a plain log without a milestone


class Display(Observer):
    """Shows several runs at once; each run calls it from its own thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def on_progress(self, progress: Progress) -> None:
        with self._lock:
            self.show(progress)

    def show(self, progress: Progress) -> None:
        """Called for one run at a time."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


def display_for(context: CommandContext) -> Display:
    """A live table if the output is a terminal, otherwise a plain log."""
    return LiveTable(context) if context.out.isatty() else PlainLog(context)


class PlainLog(Display):
    """Prints one line for each milestone, and an occasional line in between."""

    def __init__(self, context: CommandContext) -> None:
        super().__init__()
        self._context = context
        self._last: dict[str, float] = {}

    def show(self, progress: Progress) -> None:
        due = progress.elapsed - self._last.get(progress.run_id, 0.0) >= HEARTBEAT
        if progress.milestone or due:
            self._last[progress.run_id] = progress.elapsed
            self._context.say(_line(progress))


class LiveTable(Display):
    """Draws one row for each run in place; milestones scroll above the rows."""

    def __init__(self, context: CommandContext) -> None:
        super().__init__()
        self._console = Console(file=context.out)
        self._live = Live(console=self._console, refresh_per_second=4, transient=True)
        self._rows: dict[str, Progress] = {}

    def show(self, progress: Progress) -> None:
        if progress.milestone:
            self._console.print(visible(_line(progress)), highlight=False, markup=False)
        self._rows[progress.run_id] = progress
        self._live.update(self._table())

    def _table(self) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 0))
        for heading in ("scenario", "phase", "now", "left", "alerts", "breakers"):
            table.add_column(heading, style="dim" if heading == "left" else "")
        for row in self._rows.values():
            table.add_row(
                *map(
                    _cell,
                    (
                        row.scenario,
                        row.phase,
                        row.message,
                        f"{row.remaining:.0f} s",
                        _alerts(row),
                        _breakers(row) or "-",
                    ),
                )
            )
        return table

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()


def _cell(text: str) -> Text:
    """A text without markup: rich would read words in brackets as a style."""
    return Text(one_line(text))


def _line(progress: Progress) -> str:
    alerts = _alerts(progress) if progress.alerts else ""
    states = [text for text in (alerts, _breakers(progress)) if text]
    tail = f"  [{'; '.join(states)}]" if states else ""
    left = f", about {progress.remaining:.0f} s left" if progress.remaining else ""
    return f"{progress.scenario} +{progress.elapsed:5.1f} s  {progress.message}{left}{tail}"


def _alerts(progress: Progress) -> str:
    if progress.alerts is None:
        return "unknown"
    return ", ".join(map(str, progress.alerts)) or "none"


def _breakers(progress: Progress) -> str:
    return ", ".join(map(str, progress.breakers))
