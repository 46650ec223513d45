"""A run folder read back as a ``Recording``; a killed run's too."""

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
from chaos.registry import revive_plan
from chaos.timeline.axis import on_run_axis
from chaos.timeline.consistency import inconsistencies
from chaos.timeline.events import EVENT, SCHEMA_VERSION, Event, RunEnded, RunStarted
from chaos.timeline.ledger import LedgerOp, StoreRead
from chaos.timeline.lines import NUMBERED_SINCE, NumberedFile, line_problems, read_lines
from chaos.timeline.omissions import omissions
from chaos.timeline.order import order_of_events, order_of_samples
from chaos.timeline.recording import Metrics, Recording, Unanswered
from chaos.timeline.requests import Requests

T = TypeVar("T")
_READS = TypeAdapter(tuple[StoreRead, ...])


def load_recording(path: Path) -> Recording:
    """Everything that the folder holds. Damaged or missing parts are named in ``problems``, never filled in.

    Raises ``BadInput`` when it is no run folder, ``DamagedRecording`` when plan.json is damaged or the
    schema is of another version.
    """
    folder = RunFolder(path, path.name.rsplit("-", 1)[-1])
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
    if version < NUMBERED_SINCE and not parts.problems:
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
    """One file: its values, and its lines as they stand there (None: there is no file)."""

    name: str
    values: tuple[T, ...]
    file: NumberedFile | None


class _Parts:
    """Reads the files line by line and gathers what is wrong with each."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def lines(self, path: Path, parse: Callable[[bytes], T]) -> _Read[T]:
        """Each line parsed; a last line that was cut off is expected of a killed run, any other damage is a
        problem.
        """
        try:
            data = read_file(path)
        except OSError as error:
            self.problems.append(f"{path.name}: {error.strerror or error}")
            return _Read(path.name, (), None)
        file = read_lines(data)
        last = data.count(b"\n") + 1
        values: list[T] = []
        for line in file.lines:
            try:
                values.append(parse(line.body))
            except ValidationError:
                what = "cut off" if line.place == last else "cannot be read"
                self.problems.append(f"{path.name}: line {line.place} {what}")
        return _Read(path.name, tuple(values), file)

    def load(self, path: Path) -> LoadFile | None:
        """The requests of the load; None if there is no file."""
        try:
            found = read_load(path)
        except OSError as error:
            self.problems.append(f"{path.name}: {error.strerror or error}")
            return None
        self.problems.extend(found.problems)
        return found

    def count(self, read: _Read[T], version: int, events: Sequence[Event]) -> None:
        """Lines that are lost or doubled. A run that was killed has closed none of its files."""
        if read.file is not None:
            closed = any(isinstance(event, RunEnded) for event in events)
            found = line_problems(read.file, version, closed)
            self.problems.extend(f"{read.name}: {problem}" for problem in found)

    def add(self, path: Path, found: Iterable[str]) -> None:
        """What else is wrong with a file."""
        self.problems.extend(f"{path.name}: {problem}" for problem in found)


def _version(events: Sequence[Event]) -> int:
    """The schema version. Without its first line the numbers of the others say what is missing."""
    _refuse_other_versions(events)
    return next((event.schema_version for event in events if isinstance(event, RunStarted)), 1)


def _refuse_other_versions(events: Sequence[Event]) -> None:
    for event in events:
        if isinstance(event, RunStarted) and not 1 <= event.schema_version <= SCHEMA_VERSION:
            raise DamagedRecording(
                f"the journal has schema version {event.schema_version}, "
                f"this gameday reads 1 to {SCHEMA_VERSION}"
            )


def _reads(path: Path, problems: list[str]) -> tuple[StoreRead, ...]:
    """None without the file: a run that was cut off has no final read, and the check says what that means."""
    try:
        reads = _READS.validate_json(read_file(path))
        problems.extend(
            f"{path.name}: {len(read.rows)} rows of store {read.store}, and {read.row_count} were read"
            for read in reads
            if read.row_count not in (None, len(read.rows))
        )
        return reads
    except FileNotFoundError:
        return ()
    except OSError as error:
        problems.append(f"{path.name}: {error.strerror or error}")
    except ValueError:
        problems.append(f"{path.name}: cannot be read")
    return ()


def _metrics(path: Path, problems: list[str]) -> Metrics:
    try:
        return Metrics.model_validate(from_json(read_file(path)))
    except OSError as error:
        problems.append(f"{path.name}: {error.strerror or error}")
    except ValueError:
        problems.append(f"{path.name}: cannot be read")
    return Metrics(detail="missing")
