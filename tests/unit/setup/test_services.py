from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from chaos.adapters.overlay.compose_file import read_compose_json
from chaos.errors import BadInput, ToolProblem
from chaos.model.project_files import compose_file_in, override_beside
from chaos.setup.build import Surroundings
from chaos.setup.commands import ProgramResult
from chaos.setup.images import ImageOutcome
from chaos.setup.services import (
    built_services,
    ensure_services,
    project_files,
    service_image,
)
from tests.unit.setup.fakes import FakePrograms, Said

AROUND = Surroundings({"APT_MIRROR": "http://mirror.example/"}, Path("/etc/ssl/ca.pem"))


class Composer:
    """A stack of one built service ``web`` and one pulled ``cache``; remembers the override of each build."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "compose.yaml"
        self.file.write_text("services: {}\n")
        self.context = folder / "web"
        self.context.mkdir()
        (self.context / "Dockerfile").write_text(
            "FROM --platform=linux python:3.13-slim AS build\nFROM build\n"
        )
        self.base = "id-1"
        self.label: str | None = None
        self.overrides: list[dict[str, dict[str, dict[str, object]]]] = []
        self.image = service_image("shop", "web")
        self.more: tuple[str, ...] = ()  # services that build the same image
        self.odd: dict[str, str] = {}  # what their recipe has otherwise
        self.run = FakePrograms({"docker compose": self.compose, "docker image inspect": self.inspect})

    def compose(self, argv: list[str]) -> ProgramResult:
        if "config" in argv:
            recipe = {"context": str(self.context), "dockerfile": "Dockerfile"}
            services: dict[str, dict[str, object]] = {"web": {"build": recipe}, "cache": {}}
            services |= {name: {"image": "shop-web:latest", "build": recipe | self.odd} for name in self.more}
            return ProgramResult(0, json.dumps({"name": "shop", "services": services}).replace("$", "$$"))
        override = yaml.safe_load(Path(next(w for w in argv if w.endswith("override.yaml"))).read_text())
        self.overrides.append(override)
        self.label = override["services"]["web"]["build"]["labels"]["gameday.content"]
        assert argv[-1] == "web"
        return ProgramResult(0)

    def inspect(self, argv: list[str]) -> ProgramResult:
        held = [{"Id": self.base, "RepoTags": ["python:3.13-slim"], "Config": {}}]
        if self.label:
            labels = {"Labels": {"gameday.content": self.label}}
            held.append({"Id": "web", "RepoTags": [self.image], "Config": labels})
        return ProgramResult(0, json.dumps(held))


@pytest.fixture
def composer(tmp_path: Path) -> Composer:
    return Composer(tmp_path)


def outcome(composer: Composer) -> ImageOutcome:
    (ready,) = ensure_services(composer.file, AROUND, composer.run, Said())
    assert ready.name == composer.image
    return ready.outcome


def test_an_image_that_services_share_is_built_once(composer: Composer) -> None:
    composer.more = ("worker",)
    assert outcome(composer) is ImageOutcome.BUILT
    assert [list(override["services"]) for override in composer.overrides] == [["web"]]


def test_one_image_that_is_built_in_two_ways_is_refused(composer: Composer) -> None:
    composer.more, composer.odd = ("worker",), {"target": "worker"}
    with pytest.raises(BadInput, match="web and worker build shop-web:latest in different ways"):
        outcome(composer)


def test_the_files_of_a_project_are_those_of_its_stack_yaml(tmp_path: Path) -> None:
    assert project_files(tmp_path) == ()
    for name in ("compose.yaml", "compose.override.yaml", "main.yml", "more.yml"):
        (tmp_path / name).write_text("")
    usual = (tmp_path / "compose.yaml", tmp_path / "compose.override.yaml")
    assert project_files(tmp_path) == usual
    (tmp_path / "stack.yaml").write_text("compose: main.yml\noverrides: [more.yml]\n")
    assert project_files(tmp_path) == (tmp_path / "main.yml", tmp_path / "more.yml")
    (tmp_path / "stack.yaml").write_text("compose: [")
    assert project_files(tmp_path) == usual


def test_an_image_is_built_from_the_override_that_a_run_reads(tmp_path: Path) -> None:
    for name in ("compose.yaml", "docker-compose.override.yml"):
        (tmp_path / name).write_text("")
    read = override_beside(tmp_path / "compose.yaml")
    assert read == tmp_path / "docker-compose.override.yml"
    assert project_files(tmp_path) == (tmp_path / "compose.yaml", read)


def test_only_services_with_a_build_section_count(composer: Composer) -> None:
    (service,) = built_services(composer.file, composer.run)
    assert (service.service, service.image) == ("web", composer.image)
    assert "python:3.13-slim" in service.bases


def test_a_folder_with_a_dollar_sign_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "a$b"
    folder.mkdir()
    composer = Composer(folder)
    (service,) = built_services(composer.file, composer.run)
    assert service.context == composer.context


def test_it_is_built_under_the_name_that_a_run_looks_for(composer: Composer) -> None:
    said = composer.compose(["docker", "compose", "config"]).out
    assert read_compose_json(said).services["web"].image == composer.image.removesuffix(":latest")


def test_it_is_built_once(composer: Composer) -> None:
    assert outcome(composer) is ImageOutcome.BUILT
    assert outcome(composer) is ImageOutcome.PRESENT
    assert len(composer.overrides) == 1


def test_changed_sources_or_a_replaced_base_are_built_again(composer: Composer) -> None:
    outcome(composer)
    (composer.context / "app.py").write_text("print()\n")
    assert outcome(composer) is ImageOutcome.BUILT
    assert outcome(composer) is ImageOutcome.PRESENT
    composer.base = "id-2"
    assert outcome(composer) is ImageOutcome.BUILT


def test_the_override_adds_what_this_machines_builds_need(composer: Composer) -> None:
    outcome(composer)
    (override,) = composer.overrides
    web = override["services"]["web"]
    assert web["image"] == composer.image
    build = web["build"]
    assert isinstance(build, dict)
    assert build["args"] == {"APT_MIRROR": "http://mirror.example/"}
    assert build["secrets"] == [{"source": "ca", "target": "ca"}]
    assert override["secrets"] == {"ca": {"file": "/etc/ssl/ca.pem"}}


def test_a_build_that_fails_is_a_tool_problem(composer: Composer) -> None:
    good = composer.compose
    composer.run.replies["docker compose"] = lambda argv: (
        good(argv) if "config" in argv else ProgramResult(1, err="no matching distribution")
    )
    with pytest.raises(ToolProblem, match="no matching distribution"):
        outcome(composer)


def test_a_compose_file_that_cannot_be_read_is_bad_input(composer: Composer) -> None:
    composer.run.replies["docker compose"] = ProgramResult(15, err="services.web must be a mapping")
    with pytest.raises(BadInput, match="must be a mapping"):
        built_services(composer.file, composer.run)


def test_the_usual_names_are_found(tmp_path: Path) -> None:
    assert compose_file_in(tmp_path) is None
    (tmp_path / "docker-compose.yml").touch()
    assert compose_file_in(tmp_path) == tmp_path / "docker-compose.yml"
    (tmp_path / "compose.yaml").touch()
    assert compose_file_in(tmp_path) == tmp_path / "compose.yaml"
