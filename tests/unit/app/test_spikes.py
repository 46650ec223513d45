"""Spikes of traffic: one process each, whose outcomes are counted as they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.app import spikes
from chaos.app.spikes import LoadSpikes
from chaos.errors import BadInput, ToolProblem
from chaos.load.process import TrafficToSend
from chaos.model.stack import Stack, as_link
from chaos.ports import Spike
from chaos.redaction import Hiding
from chaos.timeline.observations import LinkCounts
from tests.unit.adapters.stack.stand_in import plan_for

LINK = as_link("clients->web")
STACK = Stack.model_validate(
    {
        "stack": "s",
        "services": {"web": {"role": "app"}},
        "links": {"clients->web": 80},
        "load": {"visitors": {"entry": "clients->web", "requests": [{"request": "GET /items"}]}},
    }
)
HIDE = Hiding(("a-secret",))
SPIKE = Spike(LINK, None, 50.0, 600.0, {"X-Client": "one"})


class Process:
    """A load process that never starts one."""

    pid = 4711

    def __init__(self) -> None:
        self.running = False
        self.died: str | None = None
        self.traffic: TrafficToSend | None = None
        self.out: Path | None = None
        self.hidden: tuple[str, ...] = ()

    async def start(self, traffic: TrafficToSend, out: Path, hide: Hiding) -> None:
        self.running, self.traffic, self.out, self.hidden = True, traffic, out, hide.secrets

    async def stop(self) -> int:
        self.running = False
        return 0


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Process]:
    made: list[Process] = []

    def make() -> Process:
        made.append(Process())
        return made[-1]

    monkeypatch.setattr(spikes, "LoadProcess", make)
    return made


def traffic(folder: Path, guarded: list[int] | None = None) -> LoadSpikes:
    async def counts() -> tuple[LinkCounts, ...]:
        counted = {"sent": 7, "received": 9, "own_dials": 0, "own_sent": 0, "refused": None}
        return (LinkCounts.model_validate({"link": str(LINK), "open": 1, "open_sent": 3, **counted}),)

    plan, entries = plan_for(STACK, folder), {"web": "http://127.0.0.1:9"}
    return LoadSpikes(plan, folder, entries, ([] if guarded is None else guarded).append, counts, HIDE)


async def test_a_spike_goes_to_the_entry_on_this_machine_once_and_is_guarded(
    tmp_path: Path, started: list[Process]
) -> None:
    guarded: list[int] = []
    of_run = traffic(tmp_path, guarded)
    await of_run.begin("a", SPIKE)
    await of_run.begin("a", SPIKE)
    (process,) = started
    sent = process.traffic
    assert sent is not None
    assert process.hidden == HIDE.secrets
    assert process.out == tmp_path / "spikes" / "1.jsonl"
    assert (sent.base_url, sent.rate, sent.max_seconds) == ("http://127.0.0.1:9", 50.0, 600.0)
    assert sent.profile.requests[0].headers == {"X-Client": "one"}
    assert guarded == [4711]
    assert of_run.flowing("a")
    await of_run.end("a")
    await of_run.end("a")
    assert not of_run.flowing("a")


async def test_outcomes_are_counted_line_by_line(tmp_path: Path, started: list[Process]) -> None:
    of_run = traffic(tmp_path)
    assert await of_run.outcomes("a") == {}
    await of_run.begin("a", SPIKE)
    out = tmp_path / "spikes" / "1.jsonl"
    out.write_text('{"status": 200, "error": ""}\n{"status": 0, "error": "reset"}\n{"status": 4')
    assert await of_run.outcomes("a") == {"200": 1, "reset": 1}
    with out.open("a") as more:
        more.write('29, "error": ""}\n{"waited": 1.0}\n')
    await of_run.end("a")
    assert await of_run.outcomes("a") == {"200": 1, "reset": 1, "429": 1}
    await of_run.begin("a", SPIKE)
    assert await of_run.outcomes("a") == {}


async def test_one_that_ended_by_itself_is_an_error(tmp_path: Path, started: list[Process]) -> None:
    of_run = traffic(tmp_path)
    await of_run.begin("a", SPIKE)
    started[0].died = "the worker crashed"
    with pytest.raises(ToolProblem, match="crashed"):
        of_run.flowing("a")


async def test_what_the_proxy_carries_includes_open_connections(tmp_path: Path) -> None:
    assert await traffic(tmp_path).carried(LINK) == 10
    with pytest.raises(ToolProblem, match="web->db"):
        await traffic(tmp_path).carried(as_link("web->db"))


async def test_a_profile_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no load profile other"):
        await traffic(tmp_path).begin("a", Spike(LINK, "other", 50.0, 600.0))
