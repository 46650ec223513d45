"""What a link has carried: Toxiproxy's counters of bytes, the kernel's of refused dials."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from chaos.adapters.link_use import CountedLink, LinkUseReader, OwnUse, Process, read_resets
from chaos.errors import ToolProblem
from chaos.model.stack import as_link
from tests.streamed import StreamedTransport

# As Toxiproxy 2.12.0 answers.
ANSWER = """\
# TYPE promhttp_metric_handler_errors_total counter
promhttp_metric_handler_errors_total{cause="encoding"} 0
toxiproxy_proxy_received_bytes_total{direction="downstream",listener="[::]:5432",proxy="api->db",upstream="db.real:5432"} 380
toxiproxy_proxy_received_bytes_total{direction="upstream",listener="[::]:5432",proxy="api->db",upstream="db.real:5432"} 258
toxiproxy_proxy_sent_bytes_total{direction="downstream",listener="[::]:5432",proxy="api->db",upstream="db.real:5432"} 1.5e+06
toxiproxy_proxy_sent_bytes_total{direction="upstream",listener="[::]:5432",proxy="api->db",upstream="db.real:5432"} 172
"""  # noqa: E501
SNMP = """\
Ip: Forwarding DefaultTTL
Ip: 1 64
Tcp: RtoAlgorithm RtoMin OutRsts InCsumErrors
Tcp: 1 200 17 0
"""
CONTAINER = "cda9f620f0f8"


def counted(name: str, own: OwnUse = OwnUse(), process: Process | None = None) -> CountedLink:  # noqa: B008
    return CountedLink("http://127.0.0.1:1", name, lambda: own, lambda: process)


def reader(answer: httpx.Response, proc: Path, *links: CountedLink) -> LinkUseReader:
    transport = StreamedTransport(lambda request: answer)
    return LinkUseReader({as_link(link.proxy): link for link in links}, transport, proc)


def proc_of(folder: Path, pid: int, container: str = CONTAINER) -> Path:
    process = folder / str(pid)
    (process / "net").mkdir(parents=True)
    (process / "cgroup").write_text(f"8:pids:/docker/{container}\n")
    (process / "net" / "snmp").write_text(SNMP)
    return folder


async def test_bytes_in_both_directions_and_what_gameday_did_itself(tmp_path: Path) -> None:
    links = reader(httpx.Response(200, text=ANSWER), tmp_path, counted("api->db", OwnUse(3, 24)))
    (found,) = await links.read()
    assert (found.link, found.sent, found.received) == ("api->db", 258, 1_500_000)
    assert (found.own_dials, found.own_sent, found.refused) == (3, 24, None)
    await links.close()


async def test_a_link_that_carried_nothing_yet_has_carried_nothing(tmp_path: Path) -> None:
    links = reader(httpx.Response(200, text=ANSWER), tmp_path, counted("api->cache"))
    (found,) = await links.read()
    assert (found.sent, found.received) == (0, 0)
    await links.close()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (httpx.Response(404), "answers /metrics with 404"),
        (httpx.Response(200, text="go_threads 7\n"), "not started with -proxy-metrics"),
    ],
)
async def test_a_toxiproxy_without_counters_is_a_problem_and_never_zero(
    tmp_path: Path, answer: httpx.Response, why: str
) -> None:
    links = reader(answer, tmp_path, counted("api->db"))
    with pytest.raises(ToolProblem, match=why):
        await links.read()
    await links.close()


async def test_dials_at_a_closed_listener_are_counted_by_the_kernel(tmp_path: Path) -> None:
    proc = proc_of(tmp_path, 42)
    links = reader(httpx.Response(200, text=ANSWER), proc, counted("api->db", process=Process(42, CONTAINER)))
    (found,) = await links.read()
    assert found.refused == 17
    await links.close()


def test_a_process_of_another_machine_is_not_taken_for_the_proxys(tmp_path: Path) -> None:
    proc = proc_of(tmp_path, 42, "somebody-elses")
    assert read_resets(Process(42, CONTAINER), proc) is None
    assert read_resets(Process(43, CONTAINER), proc) is None


@pytest.mark.parametrize(
    "snmp",
    [
        "Tcp: RtoMin\nTcp: 200\n",
        "Tcp: RtoMin OutRsts\nTcp: 200\n",
        "Tcp: OutRsts\nTcp: -1\n",
        f"Tcp: OutRsts\nTcp: {'9' * 5000}\n",
    ],
)
def test_a_kernel_that_counts_otherwise_says_nothing(snmp: str, tmp_path: Path) -> None:
    proc = proc_of(tmp_path, 42)
    (proc / "42" / "net" / "snmp").write_text(snmp)
    assert read_resets(Process(42, CONTAINER), proc) is None
