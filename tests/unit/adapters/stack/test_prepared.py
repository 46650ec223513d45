"""From a plan to the files of a run."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from chaos.adapters.stack.generated_files import write
from chaos.adapters.stack.owner import current_owner
from chaos.adapters.stack.prepared import Prepared, RunFiles, prepare, run_environment
from chaos.engine import EngineAddress
from chaos.errors import BadInput, EnvironmentProblem
from chaos.model.stack import Stack
from tests.unit.adapters.overlay.specimens import Body, service, shop, stack
from tests.unit.adapters.stack.stand_in import plan_for, play_compose


class _Loader(yaml.SafeLoader):
    """Reads an override back; its tags mean nothing here."""


_Loader.add_multi_constructor("!", lambda loader, tag, node: _plain(loader, node))


def _plain(loader: Any, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return loader.construct_sequence(node) if isinstance(node, yaml.SequenceNode) else None


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a compose file and a Prometheus configuration; `docker` is a stand-in."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    folder = tmp_path / "shop"
    (folder / "prom").mkdir(parents=True)
    (folder / "docker-compose.yml").write_text("{}")
    (folder / "prom" / "prometheus.yml").write_text("global: {scrape_interval: 10s}\n")
    (folder / "prom" / "rules.yml").write_text(
        "groups: [{name: g, rules: [{alert: a, expr: 'x[5m]', for: 1m}]}]\n"
    )
    play_compose(tmp_path / "bin", watched(folder))
    return folder


def watched(folder: Path, source: str = "prom", target: str = "/etc/prometheus") -> Body:
    project = shop()
    mount = {"type": "bind", "source": str(folder / source), "target": target}
    project["services"]["watcher"] = service(volumes=[mount])
    return project


def watching(**more: Any) -> Stack:
    facts = {"service": "watcher", "config": "prom/prometheus.yml", "rules": ["prom/rules.yml"]}
    return stack(prometheus=facts, **more)


async def prepared(root: Path, of: Stack | None = None, **more: Any) -> Prepared:
    return await prepare(
        plan_for(of or watching(), root, **more),
        RunFiles(root.parent / "run", root.parent / "private"),
        "abc123",
        current_owner(),
        EngineAddress(),
    )


def override(made: Prepared) -> Body:
    read: Body = yaml.load(made.override.read_text(), _Loader)
    return read


def files_of(folder: Path) -> dict[str, Path]:
    return {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}


def contents(folder: Path) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in files_of(folder).items()}


async def test_everything_is_written_and_readable_for_the_users_inside_containers(root: Path) -> None:
    before = os.umask(0o077)
    try:
        made = await prepared(root)
    finally:
        os.umask(before)
    files = {
        str(p.relative_to(made.override.parent)): p for p in made.override.parent.rglob("*") if p.is_file()
    }
    assert set(files) == {
        "compose.override.yaml",
        "ports.json",
        "toxiproxy/clients.json",
        "toxiproxy/web.json",
        "prometheus/prom-prometheus.yml",
        "prometheus/prom-rules.yml",
    }
    assert {path.stat().st_mode & 0o777 for path in files.values()} == {0o644}
    assert set(json.loads(files["ports.json"].read_text())) == {
        "toxiproxy-clients:8474",
        "toxiproxy-clients:80",
        "toxiproxy-web:8474",
        "toxiproxy-web:6379",
        "toxiproxy-web:6380",
        "watcher:9090",
    }


async def test_the_compressed_copies_take_the_place_of_the_stacks_own(root: Path) -> None:
    made = await prepared(root)
    mounts = {m["target"]: m["source"] for m in override(made)["services"]["watcher"]["volumes"]}
    assert set(mounts) == {"/etc/prometheus", "/etc/prometheus/prometheus.yml", "/etc/prometheus/rules.yml"}
    copies = contents(made.override.parent / "prometheus")
    assert b"500ms" in copies[os.path.basename(mounts["/etc/prometheus/prometheus.yml"])]
    assert b"x[15s]" in copies[os.path.basename(mounts["/etc/prometheus/rules.yml"])]


async def test_a_file_that_is_mounted_by_itself_is_replaced_where_it_is(root: Path) -> None:
    play_compose(root.parent / "bin", watched(root, "prom/prometheus.yml", "/etc/p.yml"))
    facts = {"service": "watcher", "config": "prom/prometheus.yml"}
    made = await prepared(root, stack(prometheus=facts))
    assert [m["target"] for m in override(made)["services"]["watcher"]["volumes"]] == ["/etc/p.yml"]


async def test_a_mount_through_a_symbolic_link_is_found(root: Path) -> None:
    (root.parent / "other").symlink_to(root)
    play_compose(root.parent / "bin", watched(root.parent / "other"))
    assert override(await prepared(root))["services"]["watcher"]["volumes"]


async def test_a_configuration_that_no_mount_shows_is_refused(root: Path) -> None:
    play_compose(root.parent / "bin", shop())
    with pytest.raises(BadInput) as caught:
        await prepared(root)
    assert len(caught.value.problems) == 2
    assert "not mounted in service watcher" in str(caught.value)


async def test_the_plain_file_is_not_touched(root: Path) -> None:
    before = contents(root)
    await prepared(root)
    assert contents(root) == before


async def test_a_compose_file_that_is_not_there(root: Path) -> None:
    (root / "docker-compose.yml").unlink()
    with pytest.raises(BadInput, match="no such compose file"):
        await prepared(root)


async def test_a_compose_file_that_compose_refuses_is_refused_in_its_own_words(root: Path) -> None:
    (root.parent / "bin" / "docker").write_text(
        "#!/bin/sh\necho 'services.web Additional property x' >&2\nexit 15\n"
    )
    with pytest.raises(BadInput, match="Additional property x"):
        await prepared(root)


async def test_a_docker_without_compose_is_no_fault_of_the_file(root: Path) -> None:
    (root.parent / "bin" / "docker").write_text(
        "#!/bin/sh\necho 'unknown shorthand flag: compose' >&2\nexit 125\n"
    )
    with pytest.raises(EnvironmentProblem, match="the compose plugin of docker is missing"):
        await prepared(root)


async def test_the_values_that_no_log_may_show(root: Path) -> None:
    of = watching(redact=["TOKEN", "A", "GIVEN", "UNSET"])
    made = await prepared(root, of, env={"web": {"GIVEN": "by-hand"}})
    assert made.secrets == ("by-hand", "s3cret"), "one letter would black out half of every log"


def test_paced_variables_are_divided_and_the_command_line_has_the_last_word() -> None:
    of = stack(paced={"web": {"RESET": 30, "TTL": 86400, "POLL": 1}})
    given = run_environment(plan_for(of, Path("/"), env={"web": {"TTL": "7"}, "db": {"X": "y"}}))
    assert given == {"web": {"RESET": "1.5", "TTL": "7", "POLL": "0.05"}, "db": {"X": "y"}}
    assert run_environment(plan_for(of, Path("/"), pace=1))["web"] == {
        "RESET": "30",
        "TTL": "86400",
        "POLL": "1",
    }


@pytest.fixture
def in_the_way(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_text("")
    return path


def test_a_folder_that_cannot_be_made_is_one_clear_error(in_the_way: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="cannot be made: Not a directory"):
        write(in_the_way / "below" / "x", "text")


def test_a_device_is_never_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(EnvironmentProblem, match="it is not a regular file"):
        write(tmp_path / "pipe", "text")
    assert [path.name for path in tmp_path.iterdir() if path.is_fifo()] == ["pipe"]
