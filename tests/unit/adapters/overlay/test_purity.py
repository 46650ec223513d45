"""The overlay touches nothing: its modules import no library that could, and open no file."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import chaos.adapters.overlay

MODULES = sorted(Path(chaos.adapters.overlay.__file__).parent.glob("*.py"))
PURE = {
    *("__future__", "collections", "dataclasses", "functools", "json", "pathlib", "re", "typing", "yaml"),
    *(
        "chaos.adapters.overlay",
        "chaos.digits",
        "chaos.errors",
        "chaos.local_target",
        "chaos.model",
        "chaos.promql",
    ),
    "chaos.json_text",
    "chaos.yaml_text",
}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_only_what_is_pure(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    others = {name for name in imported if not any(f"{name}.".startswith(f"{pure}.") for pure in PURE)}
    assert others == set()


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_a_module_reads_and_writes_no_file(module: Path) -> None:
    calls = [node.func for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call)]
    names = {func.id for func in calls if isinstance(func, ast.Name)}
    names |= {func.attr for func in calls if isinstance(func, ast.Attribute)}
    assert not names & {"open", "read_text", "write_text", "read_bytes", "write_bytes", "mkdir", "exists"}
