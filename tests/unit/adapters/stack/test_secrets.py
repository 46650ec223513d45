"""A run folder holds no value of a redacted variable: the files of the stack, and all files of a run."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chaos.adapters.stack.logs import save_logs
from chaos.adapters.stack.runtime import StackRuntime
from chaos.adapters.stack.secrets import find_secrets
from chaos.adapters.stack.start_progress import FoundContainer
from chaos.app import run_service
from chaos.engine import EngineAddress
from chaos.journal import create_run_folder
from chaos.model.stack import Lever, Stack
from tests.unit.adapters.overlay.specimens import service, shop, stack
from tests.unit.adapters.stack.stand_in import plan_for, play_compose

OF_COMPOSE, GIVEN = "s3cret", "gi$ven-by-hand"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stack whose compose file, stack.yaml, scenario and Prometheus configuration hold the secret."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    folder = tmp_path / "shop"
    (folder / "prom").mkdir(parents=True)
    (folder / "docker-compose.yml").write_text("{}")
    (folder / "s.yaml").write_text(f"scenario: s\nkey: {OF_COMPOSE}\n")
    (folder / "prom" / "prometheus.yml").write_text(
        "global: {scrape_interval: 10s}\n"
        f"scrape_configs: [{{job_name: a, basic_auth: {{username: a, password: {OF_COMPOSE}}}}}]\n"
    )
    project = shop()
    mount = {"type": "bind", "source": str(folder / "prom"), "target": "/etc/prometheus"}
    project["services"]["watcher"] = service(volumes=[mount])
    play_compose(tmp_path / "bin", project, up=f"env > {tmp_path / 'environment'}; exit 0")
    return folder


def secretive() -> Stack:
    call = {"http": {"service": "web", "headers": {"Authorization": f"Bearer {OF_COMPOSE}"}}}
    lever = Lever.model_validate({"inject": call, "revert": call, "readback": call, "witness": call})
    return stack(
        redact=["TOKEN", "GIVEN", "PIN"],
        levers={"web.errors": lever.model_dump(by_alias=True)},
        prometheus={"service": "watcher", "config": "prom/prometheus.yml"},
    )


def plan_of(root: Path) -> Any:
    env = {"web": {"GIVEN": GIVEN, "PIN": "9876543"[:2], "URL": f"x://a:{GIVEN}@b", "MODE": "fast"}}
    made = plan_for(secretive(), root, env=env)
    return made.model_copy(update={"source": made.source.model_copy(update={"file": str(root / "s.yaml")})})


def secrets_in(folder: Path) -> dict[str, list[str]]:
    """File -> the secrets that stand in it."""
    found = {}
    for path in folder.rglob("*"):
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if here := [secret for secret in (OF_COMPOSE, GIVEN, GIVEN.replace("$", "$$")) if secret in text]:
            found[str(path.relative_to(folder))] = here
    return found


class Engine:
    """Knows every image, runs nothing, and its containers say their secrets."""

    api = SimpleNamespace(
        containers=lambda **_: [],
        networks=lambda **_: [],
        volumes=lambda **_: {"Volumes": []},
        logs=lambda *_, **__: f"token {OF_COMPOSE} {GIVEN}".encode(),
    )
    images = SimpleNamespace(get=lambda name: SimpleNamespace(id="sha256:1", attrs={"Config": {}}))


async def test_no_file_of_a_whole_run_folder_holds_a_secret(root: Path) -> None:
    plan = plan_of(root)
    folder = create_run_folder(root.parent / "reports", "s", needed=0)
    run_service.keep_inputs(plan, folder, await find_secrets(plan, EngineAddress()))
    runtime = StackRuntime(
        plan,
        folder.path,
        folder.run_id,
        EngineAddress(),
        client=cast(Any, Engine()),
        private=root.parent / "private",
    )
    prepared = await runtime.prepare()
    await runtime._compose_up(20)
    save_logs(cast(Any, Engine()), [FoundContainer("web", "1", "running")], folder.logs, prepared.secrets)
    assert secrets_in(folder.path) == {}, "also if gameday is killed now"
    assert set(secrets_in(root.parent / "private")) == {"prometheus/prom-prometheus.yml"}
    (mounted,) = (path for path in prepared.wiring.mounts["watcher"].values() if "prom-prometheus" in path)
    assert Path(mounted).is_relative_to(root.parent / "private"), "its containers read it with its secrets"
    assert Path(mounted).stat().st_mode & 0o777 == 0o644
    assert len(list(folder.path.rglob("*.*"))) > 5, "there was something to look at"


async def test_compose_is_handed_what_the_override_only_refers_to(root: Path) -> None:
    runtime = StackRuntime(
        plan_of(root),
        root.parent / "run",
        "abc123",
        EngineAddress(),
        client=cast(Any, Engine()),
        private=root.parent / "private",
    )
    prepared = await runtime.prepare()
    await runtime._compose_up(20)
    handed = (root.parent / "environment").read_text().splitlines()
    text = prepared.override.read_text()
    for name, value in (("GIVEN", GIVEN), ("PIN", "98"), ("URL", f"x://a:{GIVEN}@b")):
        (reference,) = (key for key, held in prepared.handed.items() if held == value)
        assert f'{name}": "${{{reference}}}"' in text or f'{name}: "${{{reference}}}"' in text
        assert f"{reference}={value}" in handed
    assert "fast" in text, "what is no secret stands there for people"


async def test_the_secrets_of_a_service_that_only_a_command_starts_are_hidden_too(root: Path) -> None:
    project = shop()
    project["services"]["watcher"] = service(
        volumes=[{"type": "bind", "source": str(root / "prom"), "target": "/etc/prometheus"}]
    )
    project["services"]["night-job"] = service(profiles=["night"], environment={"PIN": "of-the-night"})
    (root / "named").write_text("night-job\n")
    project["secrets"] = {"named": {"file": str(root / "named")}}
    play_compose(root.parent / "bin", project)
    plan = plan_of(root)
    prepared = await StackRuntime(
        plan,
        root.parent / "run",
        "abc123",
        EngineAddress(),
        client=cast(Any, Engine()),
        private=root.parent / "private",
    ).prepare()
    assert "night-job" in prepared.compose.dormant
    assert "of-the-night" in prepared.secrets
    assert set(prepared.secrets) == set(await find_secrets(plan, EngineAddress()))


async def test_what_the_project_keeps_in_secrets_is_hidden_too(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a value that is part of a name, a short word, or a long configuration."""
    project = shop()
    for name, text in (
        ("key", "of-a-file\n"),
        ("short", "true\n"),
        ("named", "watcher\n"),
        ("long", "x: y\n" * 2_000),
    ):
        (root / name).write_text(text)
    os.mkfifo(root / "pipe")
    monkeypatch.setenv("HANDED", "of-a-variable")
    files = ("key", "short", "named", "long", "pipe", "missing")
    project["secrets"] = {name: {"file": str(root / name)} for name in files}
    project["secrets"]["handed"] = {"environment": "HANDED"}
    play_compose(root.parent / "bin", project)
    found = await find_secrets(plan_of(root), EngineAddress())
    assert {"of-a-file", "of-a-variable"} <= set(found)
    assert {"true", "watcher"}.isdisjoint(found)
    assert not any("x: y" in one for one in found)


async def test_of_a_compose_file_that_cannot_be_read_every_header_is_a_secret(root: Path) -> None:
    (root / "docker-compose.yml").unlink()
    assert set(await find_secrets(plan_of(root), EngineAddress())) == {GIVEN, f"Bearer {OF_COMPOSE}"}
