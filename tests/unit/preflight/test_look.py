"""What the look makes of counters and bodies."""

from __future__ import annotations

import pytest

from chaos.preflight.look import _shape, _used
from chaos.timeline.observations import LinkCounts


def counts(sent: int, waiting: int | None = 0, open_sent: int = 0) -> LinkCounts:
    return LinkCounts(
        link="web->db", sent=sent, received=0, own_dials=0, own_sent=0, open=waiting, open_sent=open_sent
    )


@pytest.mark.parametrize(
    ("before", "after", "used"),
    [
        (counts(0), counts(10), True),
        (counts(5), counts(5), False),
        (counts(5), counts(5, waiting=1, open_sent=3), True),
        (counts(5), counts(5, waiting=None), None),
        (None, counts(5), None),
    ],
)
def test_a_link_is_used_if_anything_was_sent_or_is_kept_open(
    before: LinkCounts | None, after: LinkCounts, used: bool | None
) -> None:
    assert _used(before, after) is used


@pytest.mark.parametrize(
    ("kind", "body", "shape"),
    [
        ("application/json", b'{"b": 1, "a": 2}', "JSON with a, b"),
        ("application/json", b"[1]", "JSON"),
        ("text/html; charset=utf-8", b"<p>", "text/html"),
    ],
)
def test_bodies_are_compared_by_their_shape(kind: str, body: bytes, shape: str) -> None:
    assert _shape(kind, body) == shape
