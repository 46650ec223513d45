"""The pytest plugin without an engine: its settings, its marker, and what it does not import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

USES = """
def test_plain():
    assert True

def test_breaks(gameday):
    assert gameday
"""


def run_pytest(folder: Path, *words: str, ini: str = "") -> subprocess.CompletedProcess[str]:
    """pytest with the plugin alone, in a folder of its own."""
    (folder / "pytest.ini").write_text(f"[pytest]\naddopts = --strict-markers\n{ini}\n")
    (folder / "test_it.py").write_text(USES)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


@pytest.mark.processes
def test_tests_that_use_a_stack_carry_the_marker(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "-m", "not gameday", "-q")
    assert done.returncode == 0, done.stdout
    assert "1 passed, 1 deselected" in done.stdout


@pytest.mark.processes
@pytest.mark.parametrize(
    ("ini", "said"),
    [
        ("", "no such file stack.yaml or stack/stack.yaml below"),
        ("gameday_stack = there.yaml", "no such file there.yaml below"),
        ("gameday_scope = world", "gameday_scope: expected one of session, module, got 'world'"),
        ("gameday_pace = fast", "gameday_pace: expected a number, got 'fast'"),
    ],
)
def test_a_wrong_setting_is_said(tmp_path: Path, ini: str, said: str) -> None:
    done = run_pytest(tmp_path, ini=ini)
    assert done.returncode != 0
    assert said in done.stdout + done.stderr


@pytest.mark.processes
def test_a_session_that_uses_no_stack_does_not_load_the_harness() -> None:
    code = "import sys, chaos.pytest_plugin; print(sorted(m for m in sys.modules if m.startswith('chaos.')))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "['chaos.pytest_plugin']"


@pytest.mark.thorough
@pytest.mark.processes
@pytest.mark.parametrize(
    ("project", "ini", "said"),
    [
        ("'shop'", "", "gameday_project: expected a DockerCompose, got str"),
        ("Started()", "gameday_pace = 20", "cannot compress the time of a project that it did not start"),
    ],
)
def test_a_project_that_cannot_be_attached_to_is_said(
    tmp_path: Path, project: str, ini: str, said: str
) -> None:
    (tmp_path / "conftest.py").write_text(
        "import pytest\nfrom types import SimpleNamespace\n\n"
        "class Started:\n"
        "    def get_containers(self, include_all):\n"
        "        return [SimpleNamespace(Project='shop')]\n\n"
        f"@pytest.fixture(scope='session')\ndef gameday_project():\n    return {project}\n"
    )
    (tmp_path / "stack.yaml").write_text("stack: shop\n")
    done = run_pytest(tmp_path, ini=ini)
    assert done.returncode != 0
    assert said in done.stdout + done.stderr
