"""``traffic.spike``: whose requests, how many, and what shows them."""

from __future__ import annotations

from typing import Any

import pytest

from chaos.errors import ToolProblem
from chaos.faults.traffic_spike import ONE_CLIENT, SPEED, TrafficSpike
from chaos.model.spikes import spike_profile
from chaos.model.stack import Stack, as_link
from chaos.timeline.events import Measurement
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment

GET = {"request": "GET /items", "headers": {"x-client": "$seq", "Accept": "text/html"}}
STACK = Stack.model_validate(
    {
        "stack": "s",
        "services": {"web": {"role": "app"}, "db": {}},
        "links": {"clients->web": 80, "clients->db": 81, "web->db": 5432},
        "load": {
            "visitors": {"entry": "clients->web", "requests": [GET, {"request": "POST /orders"}]},
            "writers": {"entry": "clients->db", "requests": [{"request": "POST /rows"}]},
        },
    }
)
WEB = as_link("clients->web")


def fault(**more: Any) -> TrafficSpike:
    given = {"at": "1m", "fault": "traffic.spike", "link": "clients->web", "rate": "100/s", "for": "1m"}
    return TrafficSpike.model_validate(given | more)


def seen(speed: float) -> Measurement:
    return Measurement(subject="link", values={SPEED: speed})


async def test_one_client_says_who_it_is_in_the_header() -> None:
    w = fake_deployment()
    await fault(clients="one", header="X-Client").inject(fault_context(w))
    (spike,) = w.spikes.values()
    assert spike.headers == {"X-Client": ONE_CLIENT}
    profile = spike_profile(STACK, WEB, None, spike.headers)
    assert [one.headers for one in profile.requests] == [{"X-Client": ONE_CLIENT, "Accept": "text/html"}]


def test_only_requests_that_read_are_sent() -> None:
    assert [one.request for one in spike_profile(STACK, WEB, "visitors").requests] == ["GET /items"]


@pytest.mark.parametrize(
    ("more", "where", "message"),
    [
        ({"link": "web->db"}, "link", "a link of clients"),
        ({"link": "clients->db"}, "profile", "no GET or HEAD"),
        ({"profile": "writers"}, "profile", "no load profile writers uses clients->web"),
        ({"rate": "9/s"}, "rate", "10/s or more"),
        ({"clients": "one"}, "header", "clients: one"),
        ({"header": "X-Client"}, "header", "clients: one"),
    ],
)
def test_what_cannot_be_sent_is_refused(more: dict[str, str], where: str, message: str) -> None:
    ((name, wrong),) = fault(**more).stack_problems(STACK)
    assert name == where
    assert message in wrong


def test_a_spike_that_fits_is_accepted() -> None:
    assert fault().stack_problems(STACK) == ()


def test_the_busiest_second_before_counts() -> None:
    before = fault().baseline([seen(500.0), seen(4000.0), seen(900.0)])
    assert not fault().took_effect(before, seen(9999.0))
    assert fault().took_effect(before, seen(10_000.0))


async def test_a_spike_that_ended_by_itself_is_no_effect_but_an_error() -> None:
    w = fake_deployment()
    w.failed.add("the spike on clients->web")
    with pytest.raises(ToolProblem):
        await fault().measure(fault_context(w))
