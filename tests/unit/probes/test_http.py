import asyncio
import errno
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from chaos.conditions import HttpAnswer
from chaos.model.scenario import HttpCondition
from chaos.probes.http import HttpAsker, sample_http
from chaos.timeline.events import Sample
from tests.fakes import ManualClock
from tests.written import only

CONDITION = HttpCondition.model_validate({"service": "web", "path": "/ready", "timeout": "2s"})


class Asked:
    """Answers on command, and notes when it was asked."""

    def __init__(self, clock: ManualClock, answer: Callable[[], Awaitable[HttpAnswer]]) -> None:
        self.at: list[float] = []
        self._clock = clock
        self._answer = answer

    async def ask(self, condition: HttpCondition) -> HttpAnswer:
        assert condition is CONDITION
        self.at.append(self._clock.mono())
        return await self._answer()


async def at_once() -> HttpAnswer:
    return HttpAnswer(200)


async def never() -> HttpAnswer:
    await asyncio.Event().wait()
    raise AssertionError


@asynccontextmanager
async def probing(
    asked: Asked, clock: ManualClock, written: list[Sample]
) -> AsyncIterator[asyncio.Task[None]]:
    probe = asyncio.create_task(
        sample_http(CONDITION, "GET web/ready", asked.ask, only(Sample, written), clock, hz=10)
    )
    yield probe
    probe.cancel()
    with suppress(asyncio.CancelledError):
        await probe


async def test_ten_samples_a_second() -> None:
    clock, written = ManualClock(), list[Sample]()
    asked = Asked(clock, at_once)
    async with probing(asked, clock, written):
        await clock.advance(0.95)
    assert asked.at == pytest.approx([tick / 10 for tick in range(10)])
    assert {(s.probe, s.ok, s.status, s.detail) for s in written} == {("GET web/ready", True, 200, "")}
    assert written[3].started == pytest.approx(clock.wall() - 0.65)


async def test_a_reading_that_this_machine_could_not_make_says_nothing_of_the_target(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No socket is left: as `refused` it would be the target's failure."""
    clock, written, asker = ManualClock(), list[Sample](), HttpAsker("http://127.0.0.1:9")
    problems: list[OSError] = [ConnectionRefusedError(), OSError(errno.EMFILE, "Too many open files")]

    async def dial(*_: object) -> None:
        raise problems.pop(0)

    monkeypatch.setattr(asyncio, "open_connection", dial)
    answers = [await asker.ask(CONDITION), await asker.ask(CONDITION)]

    async def answer() -> HttpAnswer:
        return answers.pop(0)

    async with probing(Asked(clock, answer), clock, written):
        await clock.advance(0.15)
    assert [(sample.ok, sample.detail) for sample in written] == [(False, "refused")]


async def test_slow_answers_do_not_lower_the_rate() -> None:
    clock, written = ManualClock(), list[Sample]()

    async def after_a_second() -> HttpAnswer:
        await clock.sleep(1.0)
        return HttpAnswer(503)

    asked = Asked(clock, after_a_second)
    async with probing(asked, clock, written):
        await clock.advance(1.95)
    assert len(asked.at) == 20
    assert len(written) == 10  # of the first second
    assert [sample.at - sample.started for sample in written] == pytest.approx([1.0] * 10)
    assert {(sample.ok, sample.detail) for sample in written} == {(False, "status 503")}


async def test_never_more_under_way_than_the_time_out_explains() -> None:
    clock, written = ManualClock(), list[Sample]()
    asked = Asked(clock, never)
    async with probing(asked, clock, written):
        await clock.advance(60)
    assert len(asked.at) == 2 * 10 + 2


async def test_ticks_missed_by_a_machine_that_stood_still_come_as_no_burst() -> None:
    clock, written = ManualClock(), list[Sample]()
    asked = Asked(clock, at_once)
    async with probing(asked, clock, written):
        await clock.advance(0.25)
        clock._now += 5.0  # everything stood still
        await clock.advance(0.25)
    assert asked.at == pytest.approx([0.0, 0.1, 0.2, 5.25, 5.3, 5.4, 5.5])  # one at once, then on schedule


async def test_a_sample_that_cannot_be_written_ends_the_probe() -> None:
    clock = ManualClock()

    def full(event: object) -> None:
        if isinstance(event, Sample):
            raise OSError("disk full")

    probe = asyncio.create_task(sample_http(CONDITION, "x", Asked(clock, at_once).ask, full, clock))
    await clock.advance(0.2)
    with pytest.raises(OSError, match="disk full"):
        await probe


async def test_cancelling_takes_the_readings_along() -> None:
    clock, cancelled = ManualClock(), list[int]()

    async def noted() -> HttpAnswer:
        try:
            return await never()
        finally:
            cancelled.append(1)

    async with probing(Asked(clock, noted), clock, []):
        await clock.advance(0.25)
    assert len(cancelled) == 3


def test_probes_go_nowhere_else() -> None:
    with pytest.raises(ValueError, match="may only go to"):
        HttpAsker("http://192.0.2.1:80")
