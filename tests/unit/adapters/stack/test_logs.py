"""Logs: bounded, the end kept, and none of the secret values in them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chaos.adapters.stack.logs import last_lines, save_logs
from chaos.adapters.stack.start_progress import FoundContainer
from chaos.errors import EnvironmentProblem
from chaos.redaction import HIDDEN, redact

WEB = FoundContainer("web", "id", "running")


def engine(text: bytes) -> Any:
    return SimpleNamespace(api=SimpleNamespace(logs=lambda *_, **__: text))


def test_secrets_are_blacked_out_the_longest_first() -> None:
    assert (
        redact("postgres://u:hunter2@db hunter", ["hunter", "hunter2"])
        == f"postgres://u:{HIDDEN}@db {HIDDEN}"
    )


def test_one_file_a_service(tmp_path: Path) -> None:
    save_logs(engine(b"token hunter2\n\xff"), [WEB], tmp_path / "logs", ["hunter2"])
    assert (tmp_path / "logs" / "web.log").read_text() == f"token {HIDDEN}\n�"


def test_a_long_log_keeps_its_end(tmp_path: Path) -> None:
    save_logs(engine(b"a" * 3_000_000 + b"the end"), [WEB], tmp_path, [])
    text = (tmp_path / "web.log").read_text()
    assert len(text) == 1_000_000
    assert text.endswith("the end")


def test_a_secret_that_the_cut_goes_through_leaves_nothing(tmp_path: Path) -> None:
    secret = "hunter2-and-much-longer"
    raw = secret.encode() + b"x" * (1_000_000 - 10)
    save_logs(engine(raw), [WEB], tmp_path, [secret])
    assert "longer" not in (tmp_path / "web.log").read_text()


def test_the_last_lines_are_redacted_too() -> None:
    assert last_lines(engine(b"one\ntoken hunter2\n"), WEB, ["hunter2"]) == ["one", f"token {HIDDEN}"]


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    with pytest.raises(EnvironmentProblem, match=r"logs cannot be made"):
        save_logs(engine(b""), [WEB], tmp_path / "logs", [])
