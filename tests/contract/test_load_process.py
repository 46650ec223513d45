"""The load worker as the harness meets it: a real process that sends to a small server in this one."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psutil
import pytest
from pydantic import TypeAdapter
from tenacity import AsyncRetrying, stop_after_delay, wait_fixed

from chaos.errors import BadInput, ToolProblem
from chaos.load.orders import Orders
from chaos.load.process import LoadProcess, TrafficToSend
from chaos.model.stack import LoadProfile
from chaos.redaction import Hiding
from chaos.timeline.lines import line_problems, read_lines
from chaos.timeline.recording import Unanswered
from chaos.timeline.requests import Request

pytestmark = pytest.mark.processes

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SLAM = b"reset the connection"
WORKER = [sys.executable, "-m", "chaos.load.worker"]


class Target:
    """An HTTP server on a free port that notes every request it is sent."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self.answer: Callable[[], Awaitable[bytes]] = self.at_once
        self.port = 0

    async def at_once(self) -> bytes:
        return OK

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.heads.append(head)
            answer = await self.answer()
            if answer == SLAM:
                writer.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
            else:
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    target = Target()
    server = await asyncio.start_server(target.handle, "127.0.0.1", 0)
    target.port = server.sockets[0].getsockname()[1]
    yield target
    server.close()


@pytest.fixture
async def load() -> AsyncIterator[LoadProcess]:
    load = LoadProcess()
    yield load
    await load.stop()


def profile(*requests: str, timeout: str = "10s") -> LoadProfile:
    kinds = [{"request": request} for request in requests or ["GET /a"]]
    return LoadProfile.model_validate({"entry": "clients->web", "requests": kinds, "timeout": timeout})


_LINE: TypeAdapter[Request | Unanswered] = TypeAdapter(Request | Unanswered)


def lines(out: Path) -> list[Request]:
    """The requests that ended, of a file that may still be written."""
    whole = out.read_bytes().rpartition(b"\n")[0]
    read = (_LINE.validate_json(line.body) for line in read_lines(whole).lines)
    return [line for line in read if isinstance(line, Request)]


async def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    patience = AsyncRetrying(stop=stop_after_delay(seconds), wait=wait_fixed(0.02), reraise=True)
    async for attempt in patience:
        with attempt:
            assert condition()


async def test_a_target_that_stands_still_does_not_slow_the_arrivals(
    load: LoadProcess, target: Target, tmp_path: Path
) -> None:
    """Open loop: forty requests arrive while not one has been answered; their waiting counts as latency."""
    gate = asyncio.Event()

    async def after_the_gate() -> bytes:
        await gate.wait()
        return OK

    target.answer = after_the_gate
    out = tmp_path / "load.jsonl"
    await load.start(TrafficToSend(profile(), target.url, 40, 60), out)
    await until(lambda: len(target.heads) >= 40)
    assert out.read_text() == ""
    opened = time.time()
    gate.set()
    await until(lambda: sum(line.intended < opened for line in lines(out)) >= 40)
    await load.stop()
    held = sorted((line for line in lines(out) if line.intended < opened), key=lambda line: line.intended)
    for line in held:
        assert line.finished >= opened - 0.01  # counted from the intended instant, not from a late send
        places = (line.intended - held[0].intended) * 40
        assert places == pytest.approx(round(places), abs=0.01)  # on the schedule's own grid
    assert held[-1].intended - held[0].intended >= 39 / 40 - 0.001


async def test_every_request_is_recorded_as_it_happens(
    load: LoadProcess, target: Target, tmp_path: Path
) -> None:
    async def degraded() -> bytes:
        return b"HTTP/1.1 200 OK\r\nX-Degraded: st%2Fale\r\nContent-Length: 0\r\n\r\n"

    target.answer = degraded
    data = tmp_path / "data.csv"
    data.write_text("colour\nred\nblue\n")
    out = tmp_path / "load.jsonl"
    wanted = profile("GET /x/$colour/a-key?n=$seq")
    traffic = TrafficToSend(wanted, target.url, 50, 60, degraded_header="X-Degraded", data=data)
    await load.start(traffic, out, Hiding(("st/ale", "a-key")))
    await until(lambda: len(lines(out)) >= 5)  # while it runs: nothing is kept back to the end
    assert load.pid is not None
    assert load.died is None
    assert load.running
    sent = await load.stop()
    assert (load.died, load.detail, load.running) == (None, "", False)
    assert len(lines(out)) == sent == len(target.heads)
    assert {(line.name, line.status, line.served, line.degraded, line.error) for line in lines(out)} == {
        ("GET /x/$colour/[redacted]", 200, True, "[redacted]", "")
    }, "freed of secrets as the plan is"
    asked = sorted((head.split(" ")[1] for head in target.heads), key=lambda path: int(path.split("=")[1]))
    assert asked[:3] == [
        "/x/red/a-key?n=0",
        "/x/blue/a-key?n=1",
        "/x/red/a-key?n=2",
    ]  # a busy machine may let one overtake


ANSWERS = {
    "/503": b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
    "/302": b"HTTP/1.1 302 Over there\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
    "/silence": b"",
    "/half": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
    "/noise": b"no HTTP at all\r\n\r\n",
    "/slam": SLAM,
}


async def test_what_the_target_does_is_what_is_recorded(
    load: LoadProcess, target: Target, tmp_path: Path
) -> None:
    async def say() -> bytes:
        return ANSWERS[target.heads[-1].split(" ")[1]]

    target.answer = say
    out = tmp_path / "load.jsonl"
    await load.start(TrafficToSend(profile(*(f"GET {path}" for path in ANSWERS)), target.url, 50, 60), out)
    await until(lambda: len(lines(out)) >= 3 * len(ANSWERS))
    sent = await load.stop()
    assert {(line.name, line.status, line.served, line.error) for line in lines(out)} == {
        ("GET /503", 503, False, ""),
        ("GET /302", 302, True, ""),
        ("GET /silence", 0, False, "closed"),
        ("GET /half", 0, False, "closed"),
        ("GET /noise", 0, False, "closed"),
        ("GET /slam", 0, False, "reset"),
    }
    assert len(target.heads) == sent  # nothing was sent twice, and no redirect was followed


async def test_a_request_without_an_answer_times_out(
    load: LoadProcess, target: Target, tmp_path: Path
) -> None:
    target.answer = asyncio.Event().wait  # type: ignore[assignment]  # never
    out = tmp_path / "load.jsonl"
    await load.start(TrafficToSend(profile(timeout="200ms"), target.url, 20, 60), out)
    await until(lambda: len(lines(out)) >= 3)
    await load.stop()
    assert {(line.status, line.error) for line in lines(out)} == {(0, "timeout")}
    assert min(line.latency for line in lines(out)) >= 0.2


async def test_a_closed_port_is_refused(load: LoadProcess, target: Target, tmp_path: Path) -> None:
    out = tmp_path / "load.jsonl"
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    await load.start(TrafficToSend(profile(), f"http://127.0.0.1:{port}", 50, 60), out)
    await until(lambda: len(lines(out)) >= 3)
    await load.stop()
    assert {(line.status, line.error) for line in lines(out)} == {(0, "refused")}


async def test_what_cannot_be_sent_is_recorded_as_overload(target: Target, tmp_path: Path) -> None:
    target.answer = asyncio.Event().wait  # type: ignore[assignment]  # never
    out = tmp_path / "load.jsonl"
    worker = orders_to(target.url, out, in_flight=2)
    await until(lambda: out.exists() and len(lines(out)) >= 3)
    assert {line.error for line in lines(out)} == {"overload"}
    await until(lambda: len(target.heads) == 2)
    await ended_after_stdin_closes(worker)
    assert len(target.heads) == 2


async def test_it_ends_by_itself_when_its_time_is_up(
    load: LoadProcess, target: Target, tmp_path: Path
) -> None:
    await load.start(TrafficToSend(profile(), target.url, 50, 0.2), tmp_path / "load.jsonl")
    await until(lambda: load.died is not None)
    assert "maximum planned time" in load.detail
    assert await load.stop() == 10


async def test_a_worker_that_is_killed_is_noticed(load: LoadProcess, target: Target, tmp_path: Path) -> None:
    out = tmp_path / "load.jsonl"
    await load.start(TrafficToSend(profile(), target.url, 50, 60), out)
    assert load.pid is not None
    await until(lambda: len(lines(out)) >= 2)
    os.kill(load.pid, signal.SIGKILL)
    await until(lambda: load.died is not None)
    assert "exit -9" in load.detail
    assert await load.stop() == len(lines(out))


async def test_a_worker_that_does_not_listen_is_killed(
    load: LoadProcess, target: Target, tmp_path: Path
) -> None:
    await load.start(TrafficToSend(profile(), target.url, 50, 60), tmp_path / "load.jsonl")
    assert load.pid is not None
    os.kill(load.pid, signal.SIGSTOP)
    await load.stop()
    assert not psutil.pid_exists(load.pid)
    assert "killed it" in load.detail


async def test_requests_that_the_stop_cut_off_are_owned_up_to(
    load: LoadProcess, target: Target, tmp_path: Path
) -> None:
    target.answer = asyncio.Event().wait  # type: ignore[assignment]  # never
    out = tmp_path / "load.jsonl"
    await load.start(TrafficToSend(profile(), target.url, 50, 60), out)
    sent = await load.stop()
    assert load.detail == f"{sent} requests were unanswered when the load was stopped"
    assert (load.recorded, load.waiting) == (sent, sent)
    file = read_lines(out.read_bytes())
    waiting = [Unanswered.model_validate_json(line.body) for line in file.lines]
    assert len(waiting) == sent
    assert all(one.waited > 0 and one.patience == 10.0 for one in waiting)
    assert line_problems(file, version=3, closed=True) == ()


async def test_the_file_is_numbered_and_ends_with_its_count(
    load: LoadProcess, target: Target, tmp_path: Path
) -> None:
    out = tmp_path / "load.jsonl"
    before = time.monotonic()
    await load.start(TrafficToSend(profile(), target.url, 50, 60), out)
    await until(lambda: len(lines(out)) >= 5)
    sent = await load.stop()
    file = read_lines(out.read_bytes())
    assert line_problems(file, version=3, closed=True) == ()
    assert (file.end, load.recorded, load.waiting) == (sent, sent, 0)
    assert load.first is not None
    assert before < load.first.mono < time.monotonic()
    for number, line in enumerate(sorted(lines(out), key=lambda line: line.intended)):
        assert line.intended_mono == pytest.approx(load.first.mono + number / 50, abs=0.001)
        assert line.intended == pytest.approx(load.first.wall + number / 50, abs=0.001)
        assert line.patience == 10.0


async def test_a_recording_that_cannot_be_written_ends_the_load(load: LoadProcess, target: Target) -> None:
    seen = ""
    try:
        await load.start(TrafficToSend(profile(), target.url, 50, 60), Path("/dev/full"))
        await until(lambda: load.died is not None)
        seen = load.detail
    except ToolProblem as problem:  # the first answer was faster than the first notice
        seen = str(problem)
    assert "No space left" in seen


async def test_a_folder_that_is_not_there_is_reported(
    load: LoadProcess, target: Target, tmp_path: Path
) -> None:
    with pytest.raises(ToolProblem, match="No such file"):
        await load.start(TrafficToSend(profile(), target.url, 50, 60), tmp_path / "gone" / "load.jsonl")


@pytest.mark.parametrize(
    ("url", "rate"), [("http://192.0.2.1:80", 10.0), ("{local}", 201.0), ("{local}", 0.0)]
)
async def test_nothing_is_started_for_a_target_or_rate_that_may_not_be(
    load: LoadProcess, target: Target, tmp_path: Path, url: str, rate: float
) -> None:
    traffic = TrafficToSend(profile(), url.format(local=target.url), rate, 60)
    with pytest.raises(BadInput):
        await load.start(traffic, tmp_path / "load.jsonl")
    assert load.pid is None


def test_the_worker_itself_refuses_a_target_elsewhere(tmp_path: Path) -> None:
    out = tmp_path / "load.jsonl"
    orders = make_orders("http://192.0.2.1:80", out)
    ended = subprocess.run(WORKER, input=orders, capture_output=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert b"may only go to" in ended.stderr
    assert not out.exists()


@pytest.mark.parametrize("orders", [b"", b"no json\n"])
def test_without_orders_the_worker_ends_with_one_clear_line(orders: bytes) -> None:
    ended = subprocess.run(WORKER, input=orders, capture_output=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert b"orders" in ended.stderr
    assert b"Traceback" not in ended.stderr


async def test_sigterm_ends_it(target: Target, tmp_path: Path) -> None:
    out = tmp_path / "load.jsonl"
    worker = orders_to(target.url, out)
    await until(lambda: out.exists() and len(lines(out)) >= 2)
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, 10) == 0


async def test_it_dies_with_a_harness_that_is_killed(target: Target, tmp_path: Path) -> None:
    """The only sign it gets is the end of its stdin."""
    out = tmp_path / "load.jsonl"
    harness = (
        "import asyncio, sys; from pathlib import Path\n"
        "from chaos.load.process import LoadProcess, TrafficToSend\n"
        "from chaos.model.stack import LoadProfile\n"
        "async def main():\n"
        "    load = LoadProcess()\n"
        "    profile = LoadProfile.model_validate_json(sys.argv[1])\n"
        "    await load.start(TrafficToSend(profile, sys.argv[2], 50, 600), Path(sys.argv[3]))\n"
        "    print(load.pid, flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    argv = [sys.executable, "-c", harness, profile().model_dump_json(), target.url, str(out)]
    parent = await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    worker = int(await parent.stdout.readline())
    assert psutil.pid_exists(worker)
    parent.kill()
    await parent.wait()
    await until(
        lambda: not psutil.pid_exists(worker) or psutil.Process(worker).status() == psutil.STATUS_ZOMBIE
    )


def make_orders(url: str, out: Path, in_flight: int = 100) -> bytes:
    orders = Orders(
        profile=profile(), base_url=url, rate=50, max_seconds=60, out=str(out), in_flight=in_flight
    )
    return orders.model_dump_json().encode() + b"\n"


def orders_to(url: str, out: Path, in_flight: int = 100) -> subprocess.Popen[bytes]:
    worker = subprocess.Popen(WORKER, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert worker.stdin is not None
    worker.stdin.write(make_orders(url, out, in_flight))
    worker.stdin.flush()
    return worker


async def ended_after_stdin_closes(worker: subprocess.Popen[bytes]) -> None:
    assert worker.stdin is not None
    worker.stdin.close()
    assert await asyncio.to_thread(worker.wait, 10) == 0
