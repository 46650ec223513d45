"""``data: copy``: folders that are larger than their bound are refused before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.errors import BadInput, Problem
from chaos.scenario import load_stack
from chaos.scenario.copied import too_much_to_copy
from chaos.scenario.places import read_document

COMPOSE = """
services:
  web: {image: web, volumes: ["./public:/srv/www:ro"]}
  db:
    image: db
    volumes: ["./pgdata:/var/lib/db", {type: bind, source: ./conf, target: /etc/db}]
  report: {image: db, profiles: [night], volumes: ["./reports:/var/lib/reports"]}
"""
STACK = """stack: shop
services: {web: {role: http}, db: {role: other}}
links: {"clients->web": 80, "web->db": 5432}
data: copy
copy_most_mib: 1
compose: compose.yaml
"""
HALF = b"x" * (600 * 1024)


def problems(here: Path, more: str = "") -> list[Problem]:
    (here / "compose.yaml").write_text(COMPOSE)
    (here / "stack.yaml").write_text(f"{STACK}{more}")
    try:
        load_stack(here / "stack.yaml", "stack.yaml")
    except BadInput as bad:
        return list(bad.problems)
    return []


def write(folder: Path, *names: str) -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(HALF)


def test_folders_beyond_the_bound_are_refused_at_their_line(tmp_path: Path) -> None:
    write(tmp_path / "pgdata", "1", "2")
    (said,) = problems(tmp_path)
    assert str(said).startswith("stack.yaml:5:16: data: copy would copy more than 1 MiB; bind ")
    assert f"bind {tmp_path}/pgdata is too large" in str(said)
    assert "raise copy_most_mib" in said.fix


def test_the_default_bound_is_named_at_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chaos.scenario.copied.MIB", 1024)
    write(tmp_path / "pgdata", "1", "2")
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (tmp_path / "stack.yaml").write_text(STACK.replace("copy_most_mib: 1\n", ""))
    with pytest.raises(BadInput, match=r"stack\.yaml:4:7: data: copy would copy more than 1024 MiB"):
        load_stack(tmp_path / "stack.yaml", "stack.yaml")


def test_what_is_not_copied_does_not_count(tmp_path: Path) -> None:
    """Read-only folders, configuration, a profile that is not active, and what is used as it is."""
    for folder in ("public", "conf", "reports"):
        write(tmp_path / folder, "1", "2")
    write(tmp_path / "pgdata", "1")
    (tmp_path / "pgdata" / "same").hardlink_to(tmp_path / "pgdata" / "1")
    (tmp_path / "pgdata" / "link").symlink_to(tmp_path / "public")
    assert problems(tmp_path) == []
    write(tmp_path / "pgdata", "2")
    assert problems(tmp_path)
    assert problems(tmp_path, "use_as_is: [bind ./pgdata]\n") == []


def test_the_look_is_bounded(tmp_path: Path) -> None:
    """What lies beyond is unknown, and left to the run."""
    assert problems(tmp_path) == []
    loaded = load_stack(tmp_path / "stack.yaml")
    document = read_document(tmp_path / "stack.yaml", "stack.yaml")
    write(tmp_path / "pgdata", "1", "2")
    assert list(too_much_to_copy(loaded.stack, tmp_path, loaded.project, document, most_files=2))
    assert list(too_much_to_copy(loaded.stack, tmp_path, loaded.project, document, most_files=1)) == []
