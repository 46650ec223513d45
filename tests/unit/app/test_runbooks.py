"""``gameday runbooks``: written once, then up to date; a change of a procedure is reported."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest

from chaos.app.command_context import CommandContext
from chaos.cli import main

ROOT = Path(__file__).parents[3]


def call(*words: str, cwd: Path) -> tuple[int, str]:
    out = io.StringIO()
    code = main(["runbooks", *words], CommandContext(out=out, err=out, env={}, cwd=cwd))
    return code, out.getvalue()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in ("stack", "docs/runbooks", "fixtures"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def test_the_committed_runbooks_are_up_to_date() -> None:
    code, said = call("--check", cwd=ROOT)
    assert (code, said.count("stale")) == (0, 0), f"run gameday runbooks\n{said}"


def test_a_changed_procedure_makes_its_runbook_stale_until_it_is_written(copy: Path) -> None:
    file = copy / "stack/procedures/database-loss.yaml"
    file.write_text(file.read_text().replace("planned: 20m", "planned: 25m", 1))
    code, said = call("--check", cwd=copy)
    assert (code, said) == (1, "stale: docs/runbooks/01-database-down.md\n")
    assert call(cwd=copy) == (0, "written: docs/runbooks/01-database-down.md\n")
    assert call("--check", cwd=copy)[0] == 0


def test_what_is_up_to_date_is_counted(copy: Path) -> None:
    assert call(cwd=copy) == (0, "10 procedures in 7 runbooks: all up to date\n")
    for file in (copy / "stack/procedures").glob("[!r]*"):
        file.unlink()
    (copy / "stack/procedures/redis-loss.yaml").unlink()
    assert call(cwd=copy) == (0, "2 procedures in 2 runbooks: all up to date\n")


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        (
            ["procedures: procedures"],
            "stack/stack.yaml: the stack has no procedures: (add procedures:, each",
        ),
        (
            ["runbooks: ../docs/runbooks"],
            "stack/stack.yaml: the stack has no runbooks: (add runbooks:, each",
        ),
        (
            ["procedures: procedures", "runbooks: ../docs/runbooks"],
            "has no procedures: and no runbooks: (add ",
        ),
    ],
)
def test_what_a_stack_lacks_is_named(copy: Path, gone: list[str], said: str) -> None:
    stack = copy / "stack/stack.yaml"
    for line in gone:
        assert f"{line}\n" in stack.read_text()
        stack.write_text(stack.read_text().replace(f"{line}\n", ""))
    code, printed = call(cwd=copy)
    assert code == 4
    assert said in printed


def test_a_mistake_in_a_procedure_is_reported_at_its_file_as_the_user_would_type_it(copy: Path) -> None:
    file = copy / "stack/procedures/redis-loss.yaml"
    file.write_text(file.read_text().replace("objective: redis", "objective: rediss"))
    code, printed = call(cwd=copy)
    assert (code, printed.partition(":")[0]) == (4, "stack/procedures/redis-loss.yaml")
