"""The output of a command in a container arrives whole, or there is an error."""

from __future__ import annotations

import itertools
import random
import threading

import docker.errors
import pytest

from chaos.adapters import container_commands
from chaos.adapters.container_commands import run_in_container, split_frames
from chaos.errors import ToolProblem
from chaos.ports import CommandOutput
from tests.unit.adapters.fake_engine_api import FakeEngineApi, engine_api, frame


def run(fake: FakeEngineApi, limit: float = 5.0) -> CommandOutput:
    with engine_api(fake) as api:
        return run_in_container(api, "box", ["list"], limit)


def test_output_that_arrives_in_one_segment_with_the_head_is_not_lost() -> None:
    """The SDK's own ``exec_start`` returns nothing here."""
    done = run(FakeEngineApi((frame(1, b"one row\n") + frame(2, b"a warning\n"),), exit_code=3))
    assert done == CommandOutput(3, b"one row\n", b"a warning\n", b"one row\na warning\n")


def test_output_that_is_cut_anywhere_arrives_whole() -> None:
    rows = b"".join(b"%d\n" % number for number in range(2000))
    raw = frame(1, rows[:1000]) + frame(2, b"") + frame(1, rows[1000:])
    draw = random.Random(7)
    for _ in range(20):
        cuts = sorted(draw.sample(range(1, len(raw)), 5))
        segments = tuple(raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True))
        assert run(FakeEngineApi(segments)).stdout == rows


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", (b"", b"", b"")),
        (frame(2, b"only errors"), (b"", b"only errors", b"only errors")),
        (frame(0, b"echoed"), (b"echoed", b"", b"echoed")),
        (frame(2, b"b") + frame(1, b"a") + frame(2, b"c"), (b"a", b"bc", b"bac")),
    ],
)
def test_streams_are_distinguished(raw: bytes, expected: tuple[bytes, bytes, bytes]) -> None:
    assert split_frames(raw) == expected
    done = run(FakeEngineApi((raw,)))
    assert (done.stdout, done.stderr, done.printed) == expected


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (frame(1, b"half a frame")[:-1], "1 bytes are missing"),
        (frame(1, b"whole") + b"\x01\x00", "inside a frame header, at byte 13"),
        (b"1\n2\n3\n4\n" + b"5", "bytes are missing"),
        (b"1\x00\x00\x00\x00\x00\x00\x01x", "frame of stream 49"),
        (frame(3, b"system error"), "frame of stream 3"),
        (b"\x01\x00\x01\x00\x00\x00\x00\x01x", "not the output of a command"),
    ],
)
def test_anything_but_whole_frames_is_an_error(raw: bytes, why: str) -> None:
    with pytest.raises(ToolProblem, match=why):
        run(FakeEngineApi((raw,)))


@pytest.mark.parametrize("fake", [FakeEngineApi(exit_code=None), FakeEngineApi(running=True)])
def test_output_that_ends_before_the_command_did_is_an_error(fake: FakeEngineApi) -> None:
    with pytest.raises(ToolProblem, match="the output of list broke off"):
        run(fake)


def test_a_refusal_by_the_engine_keeps_its_words() -> None:
    body = b'{"message": "container box is paused"}'
    head = b"HTTP/1.1 409 Conflict\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(
        body
    )
    with pytest.raises(docker.errors.APIError, match="is paused"):
        run(FakeEngineApi(refusal=head + body))


def test_a_command_that_goes_on_printing_past_its_limit_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    instants = itertools.count(0, 3)
    monkeypatch.setattr(container_commands, "monotonic", lambda: next(instants))
    fake = FakeEngineApi((frame(1, b"x"),), pause=threading.Event())
    with pytest.raises(ToolProblem, match="did not end within 2 s"):
        run(fake, 2)


def test_more_than_can_be_held_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container_commands, "MOST_BYTES", 1000)
    with pytest.raises(ToolProblem, match="more than 1000 bytes"):
        run(FakeEngineApi((frame(1, b"x" * 1001),)))
