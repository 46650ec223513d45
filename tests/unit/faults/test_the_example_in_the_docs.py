"""The code in docs/adding-a-fault.md, used as a reader would use it: a new file in the folder of kinds."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import chaos.faults
from chaos.kinds import Fault
from chaos.registry import kinds

ROOT = Path(__file__).parents[3]
DOC = (ROOT / "docs/adding-a-fault.md").read_text(encoding="utf-8")
KIND, TEST = re.findall(r"^```python\n(.*?)^```$", DOC, re.DOTALL | re.MULTILINE)[:2]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A second place of the package ``chaos.faults``, with the new file in it."""
    (tmp_path / "link_flaky.py").write_text(KIND, encoding="utf-8")
    monkeypatch.setattr(chaos.faults, "__path__", [*chaos.faults.__path__, str(tmp_path)])
    kinds.cache_clear()
    yield tmp_path
    kinds.cache_clear()
    for name in [name for name in sys.modules if name.endswith("link_flaky")]:
        del sys.modules[name]
    vars(chaos.faults).pop("link_flaky", None)


def test_the_new_kind_is_found_by_its_file(installed: Path) -> None:
    found = kinds().faults["link.flaky"]
    assert issubclass(found, Fault)
    line = re.search(r"- (\{at: 1m, fault: link\.flaky.*\})", DOC)
    assert line is not None
    step = found.model_validate(
        {"at": "1m", "fault": "link.flaky", "link": "web->cache", "share": 0.3, "for": "3m"}
    )
    for name, value in step.model_dump(mode="json", exclude_unset=True).items():
        assert f"{name}: {value}" in line[1].replace('"', "")


async def test_the_tests_of_the_example_pass(installed: Path) -> None:
    space: dict[str, object] = {"__name__": "walk"}
    exec(compile(TEST, "adding-a-fault.md", "exec"), space)
    tests = {name: made for name, made in space.items() if name.startswith("test_")}
    assert len(tests) == 2
    for made in tests.values():
        assert callable(made)
        await made()


@pytest.mark.parametrize(
    ("code", "place"),
    [(KIND, "chaos/faults/link_flaky.py"), (TEST, "tests/unit/faults/test_link_flaky.py")],
    ids=["kind", "test"],
)
def test_the_code_is_clean(code: str, place: str) -> None:
    ours = 'lint.isort.known-first-party=["chaos", "tests"]'  # ruff cannot tell without the file
    for command in (["check", "--config", ours], ["format", "--check"]):
        argv = [sys.executable, "-m", "ruff", *command, "--no-cache", "--stdin-filename", place, "-"]
        ended = subprocess.run(argv, cwd=ROOT, input=code, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr
