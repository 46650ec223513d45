"""Collectors read what a check asks for; a source that does not answer is a reading that is not ok."""

from __future__ import annotations

import asyncio

import pytest

from chaos.collector import Answer, Collector
from chaos.collectors.container_usage import ContainerUsage
from chaos.collectors.http import HttpProbe
from chaos.collectors.log_lines import LogLines
from chaos.collectors.notifications import NotificationListing
from chaos.collectors.promql import PromqlSeries
from chaos.collectors.url import UrlPoll
from chaos.model.notifications import Listing
from chaos.model.scenario import HttpCondition, PromqlCondition
from chaos.probes.collected import run_collector
from chaos.probes.steady_rate import ProbeEvent
from chaos.registry import kinds
from chaos.sources import Sources, Usage
from chaos.timeline.events import Sample
from chaos.timeline.observations import ProbeKind
from tests.fake_sources import FakeClients, FakeFacts, FakeServices, sources
from tests.fakes import ManualClock
from tests.recording_builder import RecordingBuilder

WEB = HttpCondition(service="web", path="/ready")
EXAMPLES: tuple[Collector, ...] = (
    HttpProbe(condition=WEB),
    PromqlSeries(condition=PromqlCondition(query="up", equals=1)),
    ContainerUsage(service="web", of="memory"),
    UrlPoll(port=9090),
    LogLines(service="web", matching="ERROR"),
    NotificationListing(service="sink", port=8080),
)


class Metrics:
    async def values(self, query: str) -> tuple[float, ...]:
        return (1.0,)


def full() -> Sources:
    facts = FakeFacts()
    facts.usages["web"] = Usage(memory_bytes=2048, cpu_seconds=1.5)
    facts.logs["web"] = ("INFO up", "ERROR one", "ERROR two")
    return Sources(FakeClients(), Metrics(), facts, FakeServices())


def test_there_is_an_example_of_every_kind() -> None:
    assert {example.collector for example in EXAMPLES} == set(kinds().collectors)


@pytest.mark.parametrize("collector", EXAMPLES, ids=lambda one: one.collector)
async def test_it_reads_its_source(collector: Collector) -> None:
    assert (await collector.read(full())).ok
    assert collector.every(RecordingBuilder().plan) > 0
    assert collector.patience > 0


async def test_the_figures() -> None:
    assert await ContainerUsage(service="web", of="cpu").read(full()) == Answer(True, value=1.5)
    much = await ContainerUsage(service="web", of="memory", at_most=1024).read(full())
    assert much == Answer(False, value=2048.0, detail="memory 2048, at most 1024")
    assert await LogLines(service="web", matching="^ERROR").read(full()) == Answer(True, value=2.0)
    assert await LogLines(service="web", matching="ERROR", last=1).read(full()) == Answer(True, value=1.0)


async def test_an_answer_other_than_the_wanted_one_is_not_ok() -> None:
    odd = full()
    assert isinstance(odd.clients, FakeClients)
    odd.clients.down.add("web")
    assert await HttpProbe(condition=WEB).read(odd) == Answer(False, detail="refused")
    assert await UrlPoll(port=1, status=503).read(odd) == Answer(False, status=200, detail="status 200")
    without = await PromqlSeries(condition=PromqlCondition(query="up", equals=1)).read(sources())
    assert without == Answer(False, detail="the stack has no Prometheus")


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a regular expression"):
        LogLines(service="web", matching="(")


class Hangs(Collector):
    """Never answers."""

    collector: str = "hangs"

    async def read(self, sources: Sources) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError


async def recorded(collector: Collector, seconds: float, real: float = 0.0) -> list[ProbeEvent]:
    clock, events = ManualClock(), list[ProbeEvent]()
    work = run_collector("toy: web", collector, RecordingBuilder().plan, sources(), events.append, clock)
    running = asyncio.ensure_future(work)
    await clock.advance(seconds)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return events


async def test_readings_are_samples_under_the_name_that_the_check_gave() -> None:
    events = await recorded(UrlPoll(port=9090), 3.5)
    assert [type(event).__name__ for event in events] == ["ProbeStarted", *["Sample"] * 4]
    assert {event.probe for event in events} == {"toy: web"}
    assert getattr(events[0], "kind", None) is ProbeKind.OTHER


async def test_a_source_that_does_not_answer_is_a_reading_that_is_not_ok() -> None:
    (_, first, *_) = await recorded(ContainerUsage(service="gone", of="memory"), 1.5)
    assert isinstance(first, Sample)
    assert not first.ok
    assert "is not running" in first.detail


async def test_a_reading_that_hangs_is_recorded_as_waiting() -> None:
    events = await recorded(Hangs(), 1.5)
    assert [type(event).__name__ for event in events] == ["ProbeStarted", "ProbeWaiting", "ProbeWaiting"]


LISTED = b"""{"count": 3, "notifications": [{"number": 3, "channel": "chat", "age": 0.4, "extra": 1,
"alerts": [{"status": "firing", "labels": {"alertname": "A"}, "startsAt": "x"}]}]}"""


async def test_the_messages_are_the_payload_and_their_number_the_value() -> None:
    odd = full()
    assert isinstance(odd.services, FakeServices)
    odd.services.body = LISTED
    answer = await NotificationListing(service="sink", port=8080).read(odd)
    assert (answer.ok, answer.value) == (True, 3.0)
    listing = Listing.model_validate_json(answer.payload)
    assert [(one.number, one.channel, one.alerts[0].name) for one in listing.notifications] == [
        (3, "chat", "A")
    ]
    assert odd.services.asked == ["sink:8080/notifications?within=4"]


@pytest.mark.parametrize(
    ("body", "error", "detail"),
    [
        (b"[]", "", "not a listing of notifications"),
        (b'{"notifications": []}', "", "count"),
        (LISTED.replace(b"firing", b"smouldering"), "", "notifications.0.alerts.0.status"),
        (LISTED.replace(b'"count": 3', b'"count": 1' + b"0" * 400), "", "not a listing of notifications"),
        (LISTED.replace(b"0.4", b"1e999"), "", "not a listing of notifications"),
        (b"", "refused", "refused"),
    ],
)
async def test_what_is_no_listing_is_not_ok(body: bytes, error: str, detail: str) -> None:
    odd = full()
    assert isinstance(odd.services, FakeServices)
    odd.services.body, odd.services.error = body, error
    answer = await NotificationListing(service="sink", port=8080).read(odd)
    assert not answer.ok
    assert detail in answer.detail


async def test_a_payload_is_written_down_and_its_absence_is_not() -> None:
    written: list[ProbeEvent] = []
    clock = ManualClock()
    collector = NotificationListing(service="sink", port=8080)
    reading = asyncio.create_task(
        run_collector("n", collector, RecordingBuilder().plan, full(), written.append, clock)
    )
    for _ in range(20):
        await asyncio.sleep(0)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    (sample,) = [event for event in written if isinstance(event, Sample)]
    assert Listing.model_validate_json(sample.payload) == Listing(count=0)
    assert Sample.model_validate_json(sample.model_dump_json()) == sample
    assert "payload" not in sample.model_copy(update={"payload": ""}).model_dump()
