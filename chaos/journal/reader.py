"""A run folder read back as a ``Recording``; a killed run's too."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from chaos.errors import BadInput, Problem, RecordingProblem
from chaos.journal.folder import RunFolder
from chaos.registry import revive_plan
from chaos.timeline.events import EVENT, SCHEMA_VERSION, Event, RunStarted
from chaos.timeline.ledger import LedgerOp, StoreRead
from chaos.timeline.recording import Metrics, Recording, Request

T = TypeVar("T")
_READS = TypeAdapter(tuple[StoreRead, ...])


def load_recording(path: Path) -> Recording:
    """Everything that the folder tells. Damaged or missing parts are named in ``problems``, never filled in.

    Raises ``BadInput`` when it is no run folder, ``RecordingProblem`` when plan.json is damaged or the
    schema is of another version.
    """
    folder = RunFolder(path, path.name.rsplit("-", 1)[-1])
    try:
        plan = revive_plan(folder.plan.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"no run folder: plan.json: {error.strerror or error}"
        raise BadInput([Problem(str(path), 0, 0, message, "name a folder that gameday run made")]) from error
    problems: list[str] = []
    events = tuple(_lines(folder.journal, EVENT.validate_json, problems))
    _refuse_other_versions(events)
    requests: tuple[Request, ...] = ()
    if plan.scenario.load is not None:
        requests = tuple(_lines(folder.load, Request.model_validate_json, problems))
    metrics = Metrics(detail="not read")
    if plan.detection is not None:
        metrics = _metrics(folder.metrics, problems)
    ledger: tuple[LedgerOp, ...] = ()
    reads: tuple[StoreRead, ...] = ()
    if plan.scenario.ledgers:
        ledger = tuple(_lines(folder.ledger, LedgerOp.model_validate_json, problems))
        reads = _reads(folder.readback, problems)
    return Recording(plan, events, requests, metrics, tuple(problems), ledger, reads)


def _lines(path: Path, parse: Callable[[bytes], T], problems: list[str]) -> Iterator[T]:
    """Each line parsed; a last line that was cut off is expected of a killed run, any other damage is a
    problem.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        problems.append(f"{path.name}: {error.strerror or error}")
        return
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            yield parse(line)
        except ValidationError:
            what = "cut off" if number == len(lines) else "cannot be read"
            problems.append(f"{path.name}: line {number} {what}")


def _refuse_other_versions(events: tuple[Event, ...]) -> None:
    for event in events:
        if isinstance(event, RunStarted) and not 1 <= event.schema_version <= SCHEMA_VERSION:
            raise RecordingProblem(
                f"the journal has schema version {event.schema_version}, "
                f"this gameday reads 1 to {SCHEMA_VERSION}"
            )


def _reads(path: Path, problems: list[str]) -> tuple[StoreRead, ...]:
    """None without the file: a run that was cut off has no final read, and the check says what that means."""
    try:
        return _READS.validate_json(path.read_bytes())
    except FileNotFoundError:
        return ()
    except OSError as error:
        problems.append(f"{path.name}: {error.strerror or error}")
    except ValueError:
        problems.append(f"{path.name}: cannot be read")
    return ()


def _metrics(path: Path, problems: list[str]) -> Metrics:
    try:
        return Metrics.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        problems.append(f"{path.name}: {error.strerror or error}")
    except ValueError:
        problems.append(f"{path.name}: cannot be read")
    return Metrics(detail="missing")
