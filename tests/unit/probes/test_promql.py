import asyncio
from contextlib import suppress

import pytest

from chaos.errors import ToolProblem
from chaos.model.scenario import PromqlCondition
from chaos.probes.promql import Query, run_promql_probe
from chaos.timeline.events import Sample
from tests.fakes import ManualClock
from tests.written import only

CONDITION = PromqlCondition(query="state", equals=0)


async def samples(query: Query, clock: ManualClock, seconds: float, scrape: float = 0.5) -> list[Sample]:
    written: list[Sample] = []
    probe = asyncio.create_task(
        run_promql_probe(CONDITION, "state", query, only(Sample, written), clock, scrape)
    )
    await clock.advance(seconds)
    probe.cancel()
    with suppress(asyncio.CancelledError):
        await probe
    return written


async def test_twice_per_scrape_and_no_more() -> None:
    async def zero(query: str) -> tuple[float, ...]:
        assert query == "state"
        return (0.0,)

    written = await samples(zero, ManualClock(), seconds=1.9)
    assert len(written) == 8
    assert {(sample.ok, sample.value, sample.detail) for sample in written} == {(True, 0.0, "")}


@pytest.mark.parametrize(
    ("values", "value", "detail"),
    [((2.0,), 2.0, "value 2"), ((), None, "no data")],
)
async def test_what_was_seen_is_kept(values: tuple[float, ...], value: float | None, detail: str) -> None:
    async def answer(query: str) -> tuple[float, ...]:
        return values

    (sample,) = await samples(answer, ManualClock(), seconds=0.1)
    assert (sample.ok, sample.value, sample.detail) == (False, value, detail)


async def test_an_error_of_the_tool_is_no_data() -> None:
    async def broken(query: str) -> tuple[float, ...]:
        raise ToolProblem("connection refused")

    written = await samples(broken, ManualClock(), seconds=0.4)
    assert [sample.detail for sample in written] == ["the query got no answer: connection refused"] * 2


async def test_a_slow_prometheus_is_asked_as_often_as_a_fast_one() -> None:
    clock = ManualClock()

    async def slow(query: str) -> tuple[float, ...]:
        await clock.sleep(1.0)
        return (0.0,)

    written = await samples(slow, clock, seconds=5.0)
    assert len(written) == 17  # one each quarter of a second, the first after a second
    assert [round(s.mono - (s.started_mono or 0), 3) for s in written] == [1.0] * 17


async def test_an_impossible_interval_is_refused() -> None:
    async def zero(query: str) -> tuple[float, ...]:
        return (0.0,)

    with pytest.raises(ValueError, match="scrape interval"):
        await run_promql_probe(CONDITION, "state", zero, print, ManualClock(), 0)
