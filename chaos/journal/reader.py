"""Reads a run folder, also that of a killed run, as a ``Recording``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from chaos.errors import BadInput, DamagedRecording, Problem
from chaos.files import read_file
from chaos.journal.folder import RunFolder
from chaos.journal.load_file import LoadFile, read_load
from chaos.model.run_files import run_id_in
from chaos.registry import revive_plan
from chaos.timeline.alert_series import identified, unidentified
from chaos.timeline.axis import on_run_axis
from chaos.timeline.consistency import inconsistencies
from chaos.timeline.damage import Damage, damages
from chaos.timeline.events import EVENT, SCHEMA_VERSION, Event, RunEnded, RunStarted
from chaos.timeline.ledger import LedgerOp, StoreRead
from chaos.timeline.lines import NumberedFile, line_problems, read_lines
from chaos.timeline.omissions import omissions
from chaos.timeline.order import order_of_events, order_of_samples
from chaos.timeline.recording import Metrics, Recording, Unanswered
from chaos.timeline.requests import Requests

T = TypeVar("T")
_READS = TypeAdapter(tuple[StoreRead, ...])


def load_recording(path: Path) -> Recording:
    """Read everything in the run folder ``path``. ``problems`` names damaged and missing parts.

    Raises ``BadInput`` if plan.json cannot be read: it is no run folder. Raises ``DamagedRecording`` if
    plan.json is damaged, needs a kind that is not installed, or the journal has an unknown schema version.
    """
    folder = RunFolder(path, run_id_in(path.name))
    try:
        plan = revive_plan(read_file(folder.plan))
    except OSError as error:
        message = f"not a run folder: plan.json: {error.strerror or error}"
        raise BadInput([Problem.about(str(path), message, "name a folder that gameday run wrote")]) from error
    parts = _Parts()
    journal = parts.lines(folder.journal, EVENT.validate_json)
    events = journal.values
    version = _version(events)
    parts.count(journal, version, events)
    if not parts.problems:
        parts.add(folder.journal, order_of_events(events))
    requests = Requests()
    waiting: tuple[Unanswered, ...] = ()
    if plan.scenario.load is not None and (load := parts.load(folder.load)) is not None:
        parts.count(_Read(folder.load.name, (), load.file), version, events)
        requests, waiting = load.requests, load.waiting
    metrics = Metrics(detail="not read")
    if plan.detection is not None:
        metrics = _metrics(folder.metrics, parts.problems)
        parts.add(folder.metrics, order_of_samples(metrics.series))
    ledger: tuple[LedgerOp, ...] = ()
    reads: tuple[StoreRead, ...] = ()
    if plan.scenario.ledgers:
        ops = parts.lines(folder.ledger, LedgerOp.model_validate_json)
        parts.count(ops, version, events)
        ledger = ops.values
        reads = _reads(folder.readback, parts.problems)
    problems = tuple(parts.problems)
    made = on_run_axis(Recording(plan, events, requests, metrics, problems, ledger, reads, waiting))
    more = inconsistencies(made) if problems else (*inconsistencies(made), *omissions(made))
    return replace(made, problems=(*made.problems, *more))


@dataclass(frozen=True)
class _Read(Generic[T]):
    """One file: its values and its numbered lines. ``file`` None: the file cannot be read."""

    name: str
    values: tuple[T, ...]
    file: NumberedFile | None


class _Parts:
    """Reads the files of a run line by line and collects their problems."""

    def __init__(self) -> None:
        self.problems: list[Damage] = []

    def lines(self, path: Path, parse: Callable[[bytes], T]) -> _Read[T]:
        """Parse each line. A line that cannot be parsed is a problem.

        A last line without a line break, as a killed run may leave, is called "cut off".
        """
        try:
            data = read_file(path)
        except OSError as error:
            self.problems.append(_unreadable(path, error))
            return _Read(path.name, (), None)
        file = read_lines(data)
        last = data.count(b"\n") + 1
        values: list[T] = []
        for line in file.lines:
            try:
                values.append(parse(line.body))
            except ValidationError:
                what = "cut off" if line.place == last else "cannot be read"
                self.problems.append(Damage(path.name, f"line {line.place} {what}"))
        return _Read(path.name, tuple(values), file)

    def load(self, path: Path) -> LoadFile | None:
        """The requests of the load; None, and a problem, if the file cannot be read."""
        try:
            found = read_load(path)
        except OSError as error:
            self.problems.append(_unreadable(path, error))
            return None
        self.problems.extend(found.problems)
        return found

    def count(self, read: _Read[T], version: int, events: Sequence[Event]) -> None:
        """Add problems for lost and doubled lines. A killed run leaves files without a last line."""
        if read.file is not None:
            closed = any(isinstance(event, RunEnded) for event in events)
            self.problems.extend(damages(read.name, line_problems(read.file, version, closed)))

    def add(self, path: Path, found: Iterable[str]) -> None:
        """Add more problems of a file."""
        self.problems.extend(damages(path.name, found))


def _version(events: Sequence[Event]) -> int:
    """The schema version; 1 if the first event is missing. Raises ``DamagedRecording`` for an unknown one.

    A missing first event is found by the line numbers.
    """
    _refuse_other_versions(events)
    return next((event.schema_version for event in events if isinstance(event, RunStarted)), 1)


def _refuse_other_versions(events: Sequence[Event]) -> None:
    for event in events:
        if isinstance(event, RunStarted) and not 1 <= event.schema_version <= SCHEMA_VERSION:
            raise DamagedRecording(
                f"the journal has schema version {event.schema_version}, "
                f"this gameday reads 1 to {SCHEMA_VERSION}"
            )


def _reads(path: Path, problems: list[Damage]) -> tuple[StoreRead, ...]:
    """The final reads; () if there is no file. A killed run has no final read, and the check judges that."""
    try:
        reads = _READS.validate_json(read_file(path))
        problems.extend(
            Damage(
                path.name,
                f"store {read.store} has {len(read.rows)} rows, but the run read {read.row_count}",
            )
            for read in reads
            if read.row_count not in (None, len(read.rows))
        )
        return reads
    except FileNotFoundError:
        return ()
    except OSError as error:
        problems.append(_unreadable(path, error))
    except ValueError:
        problems.append(Damage(path.name, "cannot be read"))
    return ()


def _metrics(path: Path, problems: list[Damage]) -> Metrics:
    try:
        metrics = Metrics.model_validate(from_json(read_file(path)))
        problems.extend(damages(path.name, unidentified(metrics.series)))
        return metrics.model_copy(update={"series": tuple(filter(identified, metrics.series))})
    except OSError as error:
        problems.append(_unreadable(path, error))
    except ValueError:
        problems.append(Damage(path.name, "cannot be read"))
    return Metrics(detail="missing")


def _unreadable(path: Path, error: OSError) -> Damage:
    return Damage(path.name, error.strerror or str(error))
