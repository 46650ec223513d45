"""One trial: start a run, injure it at a random instant, wait for its end, and examine what is left."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import psutil
from tenacity import RetryError, retry, retry_if_exception_type, retry_if_result, stop_after_delay, wait_fixed

from chaos.errors import GamedayError
from chaos.journal import load_recording
from chaos.verdict import judge
from tests.self_chaos.bounds import SIGNALLED, WHOLE, Observed
from tests.self_chaos.engine_proxy import EngineProxy
from tests.self_chaos.injuries import (
    BACK_AFTER,
    REFERENCE,
    Injury,
    Target,
    TooLateError,
    environment,
    mount_disk,
    unmount_disk,
)
from tests.stack.harness import ROOT, belongings, gameday

PACE = "20"
LENGTH = {REFERENCE: 46.0}  # seconds of a run that nothing is done to, at that pace
SHORTEST = 30.0  # of any other
GONE_WITHIN = 30.0  # seconds after the end of the process in which its watchdog has cleared up


def trial(index: int, seed: int, injury: Injury) -> Observed:
    """The same seed gives the same instant; what the run is doing then depends on the machine."""
    random = Random(f"{seed} {index} {injury.name}")
    at = round(random.uniform(1.0, LENGTH.get(injury.scenario, SHORTEST)), 1)
    with TemporaryDirectory(prefix="self-chaos-") as folder, ExitStack() as stack:
        reports = Path(folder) / "reports"
        reports.mkdir()
        engine = (
            stack.enter_context(EngineProxy(Path(folder) / "engine")) if injury.needs == "engine" else None
        )
        if injury.needs == "disk":
            stack.enter_context(_small_disk(reports))
        token = secrets.token_hex(8)
        log = stack.enter_context((Path(folder) / "output.txt").open("w+", encoding="utf-8"))
        clock = Path(folder) / "clock" if injury.needs == "clock" else None
        process = psutil.Popen(
            [
                *(sys.executable, "-m", "chaos.cli", "run", injury.scenario),
                *("--pace", PACE, "--reports", str(reports)),
            ],
            cwd=ROOT,
            env=environment(token, clock, engine),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        target = Target(process, reports, engine, clock)
        return _examined(index, injury, at, target, token, Path(folder) / "output.txt")


@contextmanager
def _small_disk(reports: Path) -> Iterator[None]:
    mount_disk(reports)
    try:
        yield
    finally:
        unmount_disk(reports)


def _examined(index: int, injury: Injury, at: float, target: Target, token: str, output: Path) -> Observed:
    late = ""
    with suppress(psutil.TimeoutExpired):
        target.process.wait(at)
    runs = _run_ids(target.reports)
    try:
        phase = _phase(target.reports)
        _struck(injury, target)
        runs |= _run_ids(target.reports)
    except TooLateError as error:
        late = str(error)
    struck = time.monotonic()
    if injury.again is not None:
        with suppress(psutil.TimeoutExpired):
            target.process.wait(BACK_AFTER)
        injury.again(target)
    limit = SIGNALLED if injury.name.startswith("SIG") else WHOLE
    code = _ended(target.process, limit)
    took = time.monotonic() - struck
    runs |= _run_ids(target.reports)
    if target.engine is not None:
        target.engine.resume()
        if injury.again is None:
            gameday("clean")  # an engine that is gone can be cleared only when it is back
    (target.reports / ".full").unlink(missing_ok=True)
    left = _left(runs, token)
    outcome, recorded, unreadable = _recording(target.reports)
    said = output.read_text(encoding="utf-8")
    return Observed(
        index=index,
        injury=injury.name,
        at=at,
        phase=phase,
        late=late,
        survivable=injury.survivable,
        code=code,
        took=round(took, 1),
        limit=limit,
        outcome=outcome,
        left=left,
        recorded=recorded,
        unreadable=unreadable,
        traceback="Traceback" in said,
        last_line=(said.strip().splitlines() or [""])[-1][:200],
    )


def _struck(injury: Injury, target: Target) -> None:
    """Strike as soon as there is something to strike. Raises ``TooLateError`` once the run has ended."""

    @retry(stop=stop_after_delay(WHOLE), wait=wait_fixed(0.2), retry=retry_if_exception_type(TooLateError))
    def attempt() -> None:
        if target.process.poll() is None:
            injury.strike(target)

    ended = target.process.poll() is not None
    if ended:
        raise TooLateError("the run had ended")
    try:
        attempt()
    except RetryError as error:
        raise TooLateError(str(error.last_attempt.exception())) from error


def _ended(process: psutil.Popen, limit: float) -> int | None:
    """The exit code; None if it had to be killed."""
    try:
        return int(process.wait(limit))
    except psutil.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(5)
        return None


def _run_ids(reports: Path) -> set[str]:
    return {path.parent.name.rsplit("-", 1)[-1] for path in reports.glob("*/plan.json")}


def _phase(reports: Path) -> str:
    """The phase that the journal says last; "" without a journal."""
    phase = ""
    for path in reports.glob("*/journal.jsonl"):
        with suppress(OSError, ValueError):
            for text in path.read_text(encoding="utf-8").split("\n")[:-1]:
                line = json.loads(text)
                phase = line["phase"] if line.get("event") == "phase_began" else phase
    return phase


def _left(runs: set[str], token: str) -> tuple[str, ...]:
    """What is still there half a minute later, at the most."""

    @retry(
        stop=stop_after_delay(GONE_WITHIN),
        wait=wait_fixed(0.5),
        retry=retry_if_result(bool),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else (),
    )
    def look() -> tuple[str, ...]:
        return (*(name for run in sorted(runs) for name in belongings(run)), *_processes(token))

    return tuple(look())


def _processes(token: str) -> Iterator[str]:
    """Processes of the run, wherever they hang: each has the run's mark in its environment."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get("SELF_CHAOS_RUN") == token:
                yield f"process {process.pid} {' '.join(process.cmdline())[:80]}"


def _recording(reports: Path) -> tuple[str, bool, str]:
    """(outcome when judged again, is there a journal, why it cannot be loaded or drawn)."""
    journals = [path for path in reports.glob("*/journal.jsonl") if path.stat().st_size]
    for path in journals:
        try:
            outcome = judge(load_recording(path.parent)).outcome
        except GamedayError as error:
            return "", True, str(error)
        drawn = gameday("report", str(path.parent))
        # 2: drawn, and the folder is not as it was sealed, or was never sealed
        why = "" if drawn.returncode in (0, 2) else (drawn.stderr.strip().splitlines() or ["?"])[-1]
        return outcome, True, why
    return "", False, ""
