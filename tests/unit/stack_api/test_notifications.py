"""The stand-in for pager, chat, e-mail and digest."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import notifications
import pytest
from received import ABSENT, FIRST_BEAT, Received

ALERT = {"status": "firing", "labels": {"alertname": "A"}, "annotations": {"summary": "s"}}
BODY = {"status": "firing", "alerts": [ALERT]}


class Hand:
    """A clock that only moves by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def received(hand: Hand) -> Received:
    return Received(15.0, hand)


@pytest.fixture
def client(received: Received) -> Iterator[httpx.Client]:
    server = notifications.make_server(received, ("127.0.0.1", 0))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}", trust_env=False) as http:
        yield http
    server.shutdown()
    thread.join()
    server.server_close()


def channels_of(listing: Any) -> list[tuple[int, str, str]]:
    return [(one["number"], one["channel"], one["status"]) for one in listing["notifications"]]


def test_what_arrives_is_listed_with_its_age(client: httpx.Client, hand: Hand) -> None:
    assert client.post("/channels/chat", json=BODY).status_code == 200
    hand.now += 4
    assert client.post("/channels/email", json=BODY).status_code == 200
    hand.now += 2
    listing = client.get("/notifications").json()
    assert listing["count"] == 2
    assert channels_of(listing) == [(1, "chat", "firing"), (2, "email", "firing")]
    assert [one["age"] for one in listing["notifications"]] == [6, 2]
    assert listing["notifications"][0]["alerts"] == [ALERT]
    recent = client.get("/notifications?within=3").json()
    assert (recent["count"], channels_of(recent)) == (2, [(2, "email", "firing")])


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("/channels/chat", b"not JSON", 422),
        ("/channels/chat", b"[]", 422),
        ("/channels/chat", b'{"status": "firing"}', 422),
        ("/channels/chat", b"", 422),
        ("/channels/fax", b'{"alerts": []}', 404),
        ("/chat", b'{"alerts": []}', 404),
    ],
)
def test_what_is_no_webhook_is_refused(client: httpx.Client, path: str, content: bytes, status: int) -> None:
    answer = client.post(path, content=content)
    assert (answer.status_code, answer.headers.get("Connection")) == (status, None if content else "close")
    assert client.get("/notifications").json()["count"] == 0


def test_a_wrong_question_is_refused(client: httpx.Client) -> None:
    assert client.get("/notifications?within=soon").status_code == 422
    assert client.get("/nowhere").status_code == 404
    assert client.get("/health").status_code == 200


def test_a_silent_switch_is_reported_once_and_its_return_too(received: Received, hand: Hand) -> None:
    received.beat()
    hand.now += 15
    received.look()
    assert channels_of(received.listing(None)) == []
    hand.now += 1
    received.look()
    received.look()
    assert channels_of(received.listing(None)) == [(1, "pager", "firing")]
    assert received.heartbeat() == {"beats": 1, "age": 16.0, "limit": 15.0, "silent": True}
    received.beat()
    assert channels_of(received.listing(None)) == [(1, "pager", "firing"), (2, "pager", "resolved")]
    assert received.heartbeat()["silent"] is False


def test_a_switch_that_never_beats_is_reported_as_well(received: Received, hand: Hand) -> None:
    hand.now += FIRST_BEAT
    received.look()
    assert received.listing(None)["count"] == 0
    hand.now += 1
    received.look()
    listing: Any = received.listing(None)
    assert listing["notifications"][0]["alerts"][0]["labels"]["alertname"] == ABSENT
