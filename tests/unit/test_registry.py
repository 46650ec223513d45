"""Kinds of third parties: what is wrong with one is said in one line that names it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from chaos import extensions
from chaos.errors import BadInput
from chaos.model.stack import Stack
from chaos.registry import kinds

COPY = """
from typing import Literal
from chaos.kinds import Fault
class Again(Fault):
    fault: Literal["container.kill"] = "container.kill"
"""


@pytest.fixture
def third_party(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Call it with a module's text: an entry point of ``gameday.faults`` then leads to that module."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(text: str, value: str = "odd_kind_of_a_test") -> None:
        (tmp_path / "odd_kind_of_a_test.py").write_text(text)
        point = EntryPoint("odd", value, "gameday.faults")
        monkeypatch.setattr(
            extensions, "entry_points", lambda group: [point] if group == "gameday.faults" else []
        )

    kinds.cache_clear()
    yield install
    kinds.cache_clear()
    sys.modules.pop("odd_kind_of_a_test", None)


@pytest.mark.parametrize(
    ("text", "value", "why"),
    [
        ("import no_such_module_at_all", "odd_kind_of_a_test", "ModuleNotFoundError: No module named"),
        ("1 / 0", "odd_kind_of_a_test", "ZeroDivisionError"),
        ("def (", "odd_kind_of_a_test", "SyntaxError"),
        ("", "no_such_module_at_all", "ModuleNotFoundError"),
        ("x = 1", "odd_kind_of_a_test:x", "expected a module, got int"),
    ],
)
def test_an_entry_point_that_cannot_be_used_is_named(
    third_party: Any, text: str, value: str, why: str
) -> None:
    third_party(text, value)
    with pytest.raises(BadInput, match=why) as caught:
        kinds()
    assert f"the entry point odd = {value} of gameday.faults" in str(caught.value)
    assert "uninstall" in str(caught.value)


def test_threads_share_a_table_of_kinds() -> None:
    """Runs are judged in threads: a kind that two threads need at once is registered once."""
    both, inside = threading.Barrier(2), threading.Barrier(2)

    def kinds_of(module: ModuleType) -> list[tuple[str, object]]:
        with suppress(threading.BrokenBarrierError):
            inside.wait(0.2)  # both threads come this far if nothing keeps one of them out
        return [(module.__name__, module)]

    table = extensions.KindTable("chaos.faults", "gameday.none", kinds_of)

    def names(_: int) -> list[str]:
        both.wait()
        return list(table)

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(names, range(2))
    assert one == other != []


def test_two_kinds_of_one_name_are_refused(third_party: Any) -> None:
    third_party(COPY)
    with pytest.raises(BadInput, match=r"two installed kinds are named container\.kill"):
        kinds()


def test_what_a_fault_hits() -> None:
    call = {"http": {"service": "mail"}}
    lever = {"inject": call, "revert": call, "readback": call, "witness": call}
    stack = Stack.model_validate(
        {"stack": "s", "services": {}, "links": {"web->db": 1}, "levers": {"mail.errors": lever}}
    )
    step = {"at": "1s", "for": "1s"}
    found = kinds().faults
    kill = found["container.kill"].model_validate(step | {"fault": "container.kill", "service": "web"})
    down = found["link.down"].model_validate(step | {"fault": "link.down", "link": "web->db"})
    name = next(name for name in found if name.startswith("lever"))
    errors = found[name].model_validate(step | {"fault": name, "lever": "mail.errors"})
    assert [one.affected_services(stack) for one in (kill, down, errors)] == [("web",), ("db",), ("mail",)]


def test_a_kind_is_imported_alone_when_it_is_named() -> None:
    """By its module, which is called as the kind is; else every name would import all kinds."""
    known = kinds()
    for package, table in (
        ("faults", known.faults),
        ("checks", known.checks),
        ("collectors", known.collectors),
    ):
        for name, kind in table.items():
            module = kind.__module__ if isinstance(kind, type) else type(kind).__module__
            assert module == f"chaos.{package}.{name.replace('.', '_')}"
    assert list(known.faults) == sorted(known.faults)
    assert "no.such_kind" not in known.faults
