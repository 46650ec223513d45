"""Lets ordinary, synchronous code break a warm stack: the pytest plugin gives this to tests."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import CancelledError, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import httpx

from chaos.app.command_context import CommandContext
from chaos.app.plans import plans_of
from chaos.app.run_service import RunService
from chaos.app.stacks.attached import open_attached
from chaos.app.stacks.warm import StandingFault, WarmStack, open_warm
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.bounded_http import ACCEPTED, whole_body
from chaos.errors import BadInput, ExitCode, Problem, ToolProblem
from chaos.json_text import read_json
from chaos.local_target import local_url
from chaos.model.verdict import CheckResult, Outcome
from chaos.scenario import load_stack

T = TypeVar("T")
MOST_BYTES = 64_000_000  # of one answer


@dataclass(frozen=True)
class ProbeAnswer:
    """The answer to a request; ``status`` 0 if none came, and ``error`` says why. ``seconds``: real time."""

    status: int
    seconds: float
    text: str = ""
    error: str = ""

    def json(self) -> Any:
        """The body as JSON. ValueError if it is not JSON, or nested too deeply to be read."""
        return read_json(self.text)


@dataclass(frozen=True)
class Alert:
    """An alert that is active now; ``state``: pending or firing."""

    name: str
    state: str


@dataclass(frozen=True)
class RunResult:
    """The result of a scenario. ``failures``: a text with evidence for each check that did not pass."""

    outcome: RunOutcome

    @property
    def passed(self) -> bool:
        return self.outcome.code is ExitCode.PASS

    @property
    def failures(self) -> tuple[str, ...]:
        judged = self.outcome.judged
        checks = judged.verdict.checks if judged is not None else ()
        return tuple(_failure(check) for check in checks if check.outcome is not Outcome.PASS)

    def must_pass(self) -> RunResult:
        """This result. AssertionError with every check that did not pass, and the path of the report."""
        if self.passed:
            return self
        judged = self.outcome.judged
        lines = [f"{self.outcome.scenario}: exit code {int(self.outcome.code)} ({self.outcome.code.name})"]
        lines += [judged.verdict.reason] if judged is not None else []
        lines += [*self.failures, *self.outcome.messages]
        lines += [f"report: {path}" for path in self.outcome.reports if path.suffix == ".html"]
        raise AssertionError("\n".join(lines))


def _failure(check: CheckResult) -> str:
    lines = [f"{check.outcome.value}: {check.title}"]
    lines += [f"  expected: {check.expected}", f"  actual: {check.actual}"]
    lines += [f"  {one.text}" for one in check.evidence]
    return "\n".join(lines)


class Gameday:
    """A stack in a thread of its own. ``close`` removes everything; it is called by the plugin."""

    def __init__(self, stack: Path, reports: Path, pace: float = 1.0, project: str = "") -> None:
        """``stack``: a stack.yaml. ``project``: a compose project that is already running, to break instead
        of a stack of gameday's own. Starts nothing.
        """
        self._file = stack
        self._reports = reports
        self._pace = pace
        self._project = project
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gameday", daemon=True)
        self._warm: WarmStack | None = None
        self._opened: Any = None

    @property
    def warm(self) -> WarmStack:
        if self._warm is None:
            raise BadInput([Problem.about(str(self._file), "the stack is not running", "call start()")])
        return self._warm

    def start(self) -> Gameday:
        """Start the stack and wait until it is healthy, or reach the project that runs. Raises what
        ``open_warm`` and ``open_attached`` raise.
        """
        loaded = load_stack(self._file)
        if self._project:
            opened = open_attached(loaded, self._project, self._reports)
        else:
            opened = open_warm(loaded, self._reports, self._pace)
        self._thread.start()
        try:
            self._warm = self._wait(opened.__aenter__())
        except BaseException:
            self._end_thread()
            raise
        self._opened = opened
        return self

    def close(self) -> None:
        """Undo what is in place, and remove the stack unless gameday did not start it. Raises ``UndoFailed``.
        Idempotent.
        """
        opened, self._opened, self._warm = self._opened, None, None
        try:
            if opened is not None:
                self._wait(opened.__aexit__(None, None, None))
        finally:
            self._end_thread()

    @contextmanager
    def fault(self, kind: str, **params: object) -> Iterator[StandingFault]:
        """The fault holds inside the block. Its effect is proven before the block, its undo after it.

        with gameday.fault("link.latency", link="web->db", latency="800ms"): ...
        """
        standing = self._wait(self.warm.inject(kind, params))
        try:
            yield standing
        finally:
            self._wait(self.warm.end(standing))

    def url(self, service: str) -> str:
        """Base URL at which clients reach a service, through its proxy. ``BadInput`` without a link to it."""
        entries = self.warm.deployment.entries
        if service not in entries:
            known = ", ".join(entries) or "none"
            message = f"no link clients->{service} with a published port; clients reach {known}"
            raise BadInput([Problem.about(str(self._file), message)])
        return entries[service]

    def probe(self, service: str, path: str = "/", timeout: float = 10.0, **request: Any) -> ProbeAnswer:
        """One request as a client makes it. ``request``: what httpx.request takes; ``method`` is GET.

        The answer has status 0 if it is longer than ``MOST_BYTES`` or takes longer than ``timeout``.

        Raises ``ToolProblem`` for a path that leads to another computer.
        """
        method, url = str(request.pop("method", "GET")), local_url(self.url(service), path)
        began = time.perf_counter()
        try:
            status, text = self._wait(_ask(method, url, timeout, request))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, ToolProblem) as error:
            words = f"{type(error).__name__}: {error}".rstrip(": ")
            return ProbeAnswer(0, time.perf_counter() - began, error=words)
        return ProbeAnswer(status, time.perf_counter() - began, text)

    def alerts(self) -> tuple[Alert, ...]:
        """The alerts that are active now. ``BadInput`` for a stack without Prometheus."""
        metrics = self.warm.deployment.metrics
        if metrics is None:
            raise BadInput([Problem.about(str(self._file), "the stack has no prometheus: section")])
        return tuple(Alert(name, state) for name, state in self._wait(metrics.active_alerts()))

    def run(self, scenario: str | Path, pace: float = 20.0) -> RunResult:
        """Run a whole scenario on a stack of its own; the warm stack stays as it is."""
        return run_scenario(scenario, self._reports, pace)

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of ``work``. An exception of this thread, such as Ctrl-C, cancels the work, and is
        raised when the work has ended: an injection that went on would meet its own undo.
        """
        handed = _Handed(self._loop, work)
        interruption: BaseException | None = None
        while not handed.result.done():
            try:
                if interruption is None:
                    handed.begin()
                else:
                    handed.cancel()
                wait({handed.result})
            except BaseException as error:  # a second Ctrl-C too: what is under way is limited in time
                interruption = interruption or error
                if self._loop.is_closed():
                    raise
        if interruption is not None:
            raise interruption
        return handed.result.result()

    def _end_thread(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        if not self._loop.is_closed():
            self._loop.close()


class _Handed(Generic[T]):
    """Work that a thread hands to the loop of another thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> None:
        self.result: Future[T] = Future()
        self._loop = loop
        self._work = work
        self._task: asyncio.Task[T] | None = None
        self._cancelled = False

    def begin(self) -> None:
        """From the thread that waits."""
        self._loop.call_soon_threadsafe(self._begin)

    def cancel(self) -> None:
        """From the thread that waits, any number of times, also if ``begin`` was interrupted."""
        self._loop.call_soon_threadsafe(self._cancel)

    def _begin(self) -> None:
        self._task = self._loop.create_task(self._work)
        self._task.add_done_callback(self._ended)

    def _cancel(self) -> None:
        if self._task is None:
            self._begin()
        if self._task is not None and not self._cancelled:  # a second time would break off its undo
            self._cancelled = True
            self._task.cancel()

    def _ended(self, task: asyncio.Task[T]) -> None:
        if task.cancelled():
            self.result.set_exception(CancelledError())
        elif (error := task.exception()) is not None:
            self.result.set_exception(error)
        else:
            self.result.set_result(task.result())


async def _ask(method: str, url: str, timeout: float, request: dict[str, Any]) -> tuple[int, str]:
    """Status and text. httpx limits each read only, so an answer in small pieces would never be late."""
    async with (
        asyncio.timeout(timeout),
        httpx.AsyncClient(headers=ACCEPTED, timeout=timeout, trust_env=False) as client,
        client.stream(method, url, **request) as answer,
    ):
        body = await whole_body(answer, MOST_BYTES, "the answer has")
    try:
        return answer.status_code, body.decode(answer.encoding or "utf-8", "replace")
    except (LookupError, UnicodeError):  # Python knows encodings that are none of a text
        return answer.status_code, body.decode("utf-8", "replace")


def run_scenario(scenario: str | Path, reports: Path, pace: float = 20.0) -> RunResult:
    """Run one scenario file to its verdict. Raises ``BadInput``, ``EnvironmentProblem`` without an engine."""
    (plan,) = plans_of([str(scenario)], pace, (), CommandContext())

    async def whole() -> RunOutcome:
        async with RunService(reports) as service:
            return await service.run(plan)

    return RunResult(asyncio.run(whole()))
