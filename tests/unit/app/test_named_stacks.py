"""How commands take a stack, and what ``init`` proposes."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from chaos.app.command_context import CommandContext
from chaos.cli import main
from chaos.errors import ExitCode

pytestmark = pytest.mark.thorough

COMPOSE = """\
services:
  web: {image: acme/web, ports: ["80:80"], depends_on: [db, kv]}
  db: {image: "postgres:16"}
  kv: {image: "redis:7"}
"""


def call(folder: Path, *words: str) -> tuple[int, str]:
    out = io.StringIO()
    code = main([*words], CommandContext(out=out, err=out, env={}, cwd=folder))
    return code, out.getvalue()


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "compose.yml").write_text(COMPOSE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("more", "proposed"), [((), "shop/scenarios/db-down.yaml"), (("--all",), "shop/scenarios")]
)
def test_init_proposes_one_preflight_of_all_that_it_wrote(
    shop: Path, more: tuple[str, ...], proposed: str
) -> None:
    code, said = call(shop, "init", "shop/compose.yml", *more)
    assert code == ExitCode.PASS
    assert said.splitlines()[-1] == f"next: read the files, then run gameday preflight {proposed}"


@pytest.mark.parametrize("verb", ["images", "fire-alarm", "runbooks"])
def test_a_folder_without_a_stack_is_refused_with_what_to_do(shop: Path, verb: str) -> None:
    code, said = call(shop, verb, "shop")
    assert code == ExitCode.BAD_INPUT
    assert said == "shop: no stack.yaml in this folder (gameday init shop/compose.yml writes one)\n"
    assert call(shop, verb, ".")[1] == ".: no stack.yaml in this folder (name the folder of a stack)\n"


@pytest.mark.parametrize("verb", ["fire-alarm", "runbooks"])
@pytest.mark.parametrize("stack", ["shop/stack.yaml", "shop", "shelf"])
def test_a_stack_is_named_by_its_path_its_folder_or_its_name(shop: Path, verb: str, stack: str) -> None:
    (shop / "shop" / ".env").write_text("COMPOSE_PROJECT_NAME=shelf\n")
    call(shop, "init", "shop/compose.yml")
    code, said = call(shop, verb, stack)
    assert code == ExitCode.BAD_INPUT
    assert said.startswith("shop/stack.yaml: ")


def test_an_unknown_stack_is_refused_with_the_known_ones(shop: Path) -> None:
    call(shop, "init", "shop/compose.yml")
    code, said = call(shop, "fire-alarm", "shopp")
    assert code == ExitCode.BAD_INPUT
    assert "shopp: no stack with this path or name" in said
    assert "did you mean 'shop'?" in said
