"""What the docstrings promise under "What a client sees", measured by a client inside the network."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from chaos.adapters.containers import DockerContainers
from tests.contract.baselines import baseline
from tests.contract.places import LINK, Engine, engine
from tests.contract.undoing import undo
from tests.unit.faults.examples import name_of, read

pytestmark = pytest.mark.containers

SCRIPT = (Path(__file__).parent / "client_of_redis.py").read_text(encoding="utf-8")
DEADLINE = 30.0
# Seconds for which the client waits for an answer: where it may run out of time, and where it must not.
IMPATIENT, PATIENT = 1.5, 15.0
DELAY: dict[str, object] = {
    "fault": "link.latency",
    "link": str(LINK),
    "latency": "200ms",
    "direction": "both",
}

# fault -> on a connection that was open, on one dialled meanwhile, on the open one after the undo
SEEN: list[tuple[dict[str, object], str, str, str]] = [
    ({"fault": "container.kill", "service": "cache"}, "closed", "refused", "broken pipe"),
    ({"fault": "container.kill", "service": "cache", "close_links": False}, "closed", "reset", "broken pipe"),
    ({"fault": "container.stop", "service": "cache"}, "closed", "refused", "broken pipe"),
    ({"fault": "container.pause", "service": "cache"}, "timeout", "timeout", "answered"),
    ({"fault": "container.oom", "service": "cache"}, "closed", "refused", "broken pipe"),
    ({"fault": "container.disconnect", "service": "cache"}, "timeout", "reset", "sent again"),
    ({"fault": "link.down", "link": str(LINK)}, "closed", "refused", "broken pipe"),
    (DELAY, "answered", "answered", "answered"),
    ({"fault": "link.timeout", "link": str(LINK)}, "timeout", "timeout", "closed"),
    ({"fault": "link.timeout", "link": str(LINK), "timeout": "100ms"}, "closed", "closed", "broken pipe"),
    ({"fault": "link.reset_peer", "link": str(LINK)}, "closed", "reset", "gone"),
    ({"fault": "link.reset_peer", "link": str(LINK), "direction": "upstream"}, "closed", "reset", "gone"),
]
# The kernel sends lost data again after pauses that grow, so the answer may come after the client's time-out.
SENT_AGAIN = ("answered", "timeout")
GONE = ("closed", "broken pipe", "reset")  # which of them is a matter of timing once the connection has ended
ALLOWED = {**dict.fromkeys((*GONE, "gone"), GONE), "sent again": SENT_AGAIN}


@pytest.fixture(scope="module")
def containers() -> Iterator[Engine]:
    with engine() as opened:
        yield opened


@pytest.mark.parametrize(("example", "on_open", "on_new", "afterwards"), SEEN, ids=lambda value: _id(value))
async def test_sees_what_the_docs_say(
    containers: Engine, example: dict[str, object], on_open: str, on_new: str, afterwards: str
) -> None:
    seen = await _watch(containers, example, on_open, on_new, afterwards)
    assert seen["open"][0] == on_open
    # A proxy that accepts and then meets a dead target may end the connection before or after the first data.
    assert seen["dialled"][0] in (GONE if on_new == "reset" else (on_new,))
    assert seen["open, afterwards"][0] in ALLOWED.get(afterwards, (afterwards,))
    assert seen["anew, afterwards"][0] == "answered"


async def test_latency_both_ways_is_paid_twice_and_connections_stay(containers: Engine) -> None:
    seen = await _watch(containers, DELAY, "answered", "answered", "answered")
    assert {outcome for outcome, _ in seen.values()} == {"answered"}
    assert seen["open"][1] >= 0.4
    assert seen["dialled"][1] >= 0.4
    assert seen["open, afterwards"][1] < 0.2


async def _watch(
    containers: Engine, example: dict[str, object], *expected: str
) -> dict[str, tuple[str, float]]:
    place = containers.place()
    inside = DockerContainers(containers.run_id, containers.client)
    fault = read(**example)
    made = (await inside.execute("web", ["mktemp", "-d"], DEADLINE)).stdout_text
    folder = made.strip()
    patience = [str(IMPATIENT if one in ("timeout", "sent again") else PATIENT) for one in expected]
    argv = ["python", "-c", SCRIPT, f"{containers.run_id}-toxiproxy-web", folder, *patience]
    client = asyncio.create_task(inside.execute("web", argv, 4 * DEADLINE))

    async def came_to(stage: str) -> bool:
        assert not client.done(), f"the client ended before {stage}: {client.result()}"
        return (await inside.execute("web", ["test", "-e", f"{folder}/{stage}"], DEADLINE)).exit_code == 0

    async def took_effect() -> bool:
        return fault.took_effect(before, await fault.measure(place.fault_context))

    async def serves() -> bool:
        return not await took_effect() and (await place.links.round_trip(LINK)).outcome == "answered"

    before = await baseline(fault, place.fault_context)
    try:
        await _until(lambda: came_to("ready"), "the client to begin")
        await fault.inject(place.fault_context)
        await _until(took_effect, "the fault to take effect")
        await inside.execute("web", ["touch", f"{folder}/broken"], DEADLINE)
        await _until(lambda: came_to("during"), "the client to see the fault")
    finally:
        await undo(fault, place.fault_context)
    await _until(serves, "the link to serve again")
    await inside.execute("web", ["touch", f"{folder}/undone"], DEADLINE)
    done = await client
    assert done.exit_code == 0, done.printed_text
    seen: dict[str, tuple[str, float]] = json.loads(done.printed)
    return seen


async def _until(condition: Callable[[], Awaitable[bool]], awaited: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while True:
        if await condition():
            return
        assert time.monotonic() < deadline, f"waited {DEADLINE:g} s for {awaited}"
        await asyncio.sleep(0.05)


def _id(value: object) -> str:
    return name_of(value) if isinstance(value, dict) else str(value)
