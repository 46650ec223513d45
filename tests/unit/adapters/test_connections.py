"""Who talks to whom, from what the kernel lists of each container's network."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from docker import DockerClient

from chaos.adapters.connections import Connection, ConnectionReader

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue\n"


def row(local: str, remote: str, state: str) -> str:
    return f"   0: {local} {remote} {state} 00000000:00000000\n"


def engine(**addresses: str) -> DockerClient:
    """Containers of these services, whose process ids are 1, 2, ..."""
    bodies: dict[str, dict[str, Any]] = {
        name: {
            "Id": name,
            "Config": {"Labels": {"com.docker.compose.service": name}},
            "State": {"Pid": pid},
            "NetworkSettings": {"Networks": {"n": {"IPAddress": address, "GlobalIPv6Address": ""}}},
        }
        for pid, (name, address) in enumerate(addresses.items(), start=1)
    }
    api = SimpleNamespace(
        containers=lambda **_: [{"Id": name} for name in bodies], inspect_container=bodies.__getitem__
    )
    return cast(DockerClient, SimpleNamespace(api=api))


def listing(proc: Path, pid: int, *rows: str, six: str = "", udp: str = "", udp6: str = "") -> None:
    folder = proc / str(pid) / "net"
    folder.mkdir(parents=True)
    (folder / "tcp").write_text(HEAD + "".join(rows))
    (folder / "tcp6").write_text(HEAD + six)
    (folder / "udp").write_text(HEAD + udp)
    (folder / "udp6").write_text(HEAD + udp6)


def test_connections_lead_from_who_dialled_to_who_listens(tmp_path: Path) -> None:
    web, db = "020012AC", "030012AC"  # 172.18.0.2 and .3 as the kernel of a PC prints them
    listing(
        tmp_path,
        1,
        row("00000000:1F40", "00000000:0000", "0A"),
        row(f"{web}:C350", f"{db}:1538", "01"),
        row("0100007F:2328", "00000000:0000", "0A"),
    )
    listing(
        tmp_path,
        2,
        row(f"{db}:1538", f"{web}:C350", "06"),
        six=row(f"{'0' * 32}:1538", f"{'0' * 32}:0000", "0A"),
    )
    reader = ConnectionReader(engine(web="172.18.0.2", db="172.18.0.3"), "abc123", tmp_path)
    reader.open()
    seen = reader.read()
    assert seen is not None
    assert seen.connections == {Connection("web", "db", 5432)}
    assert seen.listening == {"web": {8000}, "db": {5432}}


def test_a_short_connection_that_the_listener_closed_first_is_found(tmp_path: Path) -> None:
    """Only the side that closed first keeps it, in TIME_WAIT; a sidecar shows the rows of its network too."""
    rows = (row("00000000:1FBE", "00000000:0000", "0A"), row("030012AC:1FBE", "020012AC:C350", "06"))
    listing(tmp_path, 1)
    listing(tmp_path, 2, *rows)
    listing(tmp_path, 3, *rows)
    reader = ConnectionReader(
        engine(web="172.18.0.2", collector="172.18.0.3", sidecar=""), "abc123", tmp_path
    )
    reader.open()
    seen = reader.read()
    assert seen is not None
    assert seen.connections == {Connection("web", "collector", 8126)}


def test_udp_ports_that_take_datagrams_from_any_sender(tmp_path: Path) -> None:
    """Neither the resolver of the engine on 127.0.0.11 nor a socket with one peer."""
    anyone = "00000000:0000"
    listing(
        tmp_path,
        1,
        udp=row("00000000:1FBD", anyone, "07")
        + row("0B00007F:0401", anyone, "07")
        + row("020012AC:0402", "030012AC:0035", "01"),
        udp6=row(f"{'0' * 32}:14E9", f"{'0' * 32}:0000", "07"),
    )
    reader = ConnectionReader(engine(statsd="172.18.0.2"), "abc123", tmp_path)
    reader.open()
    seen = reader.read()
    assert seen is not None
    assert seen.udp == {"statsd": {8125, 5353}}


def test_a_machine_that_shows_nothing_is_unknown(tmp_path: Path) -> None:
    reader = ConnectionReader(engine(web="172.18.0.2"), "abc123", tmp_path)
    reader.open()
    assert reader.read() is None
