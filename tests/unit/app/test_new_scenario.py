"""A scenario from a few words: accepted by validate, or refused with nothing written."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest

from chaos.app.command_context import CommandContext
from chaos.cli import main
from chaos.scenario import load_scenario

COUNTER = Path(__file__).parents[3] / "examples" / "counter"


@pytest.fixture
def counter(tmp_path: Path) -> Path:
    for name in ("docker-compose.yml", "stack.yaml"):
        shutil.copy(COUNTER / name, tmp_path / name)
    return tmp_path


def new(folder: Path, *words: str) -> tuple[int, str]:
    err = io.StringIO()
    code = main(["new", *words], CommandContext(out=io.StringIO(), err=err, cwd=folder))
    return code, err.getvalue()


@pytest.mark.parametrize(
    "words",
    [
        ("--fault", "container.kill", "--on", "redis"),
        ("--fault", "link.latency", "--on", "web->redis", "--set", "latency=800ms", "--for", "2m"),
    ],
)
def test_what_it_writes_is_valid(counter: Path, words: tuple[str, ...]) -> None:
    assert new(counter, "mine", *words) == (0, "")
    loaded = load_scenario(counter / "scenarios" / "mine.yaml")
    assert loaded.scenario.timeline[0].fault == words[1]


LATENCY = ("mine", "--fault", "link.latency", "--on", "web->redis", "--set", "latency")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("mine", "--fault", "container.kil", "--on", "redis"), "did you mean 'container.kill'"),
        (("mine", "--fault", "container.kill", "--on", "rediss"), "did you mean 'redis'"),
        (("mine", "--fault", "link.latency", "--on", "web->redis"), "latency"),
        (("mine", "--fault", "container.kill"), "--on is required"),
        (LATENCY, "--set: expected PARAMETER=VALUE, got 'latency'"),
        ((*LATENCY[:-1], "latency=1s, jitter: 1s"), "--set: expected PARAMETER=VALUE"),
        ((*LATENCY[:-1], "latency=1s}]\nexpect: {}\n#"), "--set: expected PARAMETER=VALUE"),
        ((*LATENCY[:-1], "latency: 1s, x=1"), "--set: expected PARAMETER=VALUE"),
        ((*LATENCY, "--set", "latency=&a [*a]"), "--set: expected PARAMETER=VALUE"),
        (
            ("mine", "--fault", "container.kill", "--on", "redis", "--for", "4m, x: 1"),
            "--for: expected a dur",
        ),
        (("../mine", "--fault", "container.kill", "--on", "redis"), "is not a valid scenario name"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_left(
    counter: Path, words: tuple[str, ...], said: str
) -> None:
    code, err = new(counter, *words)
    assert code == 4
    assert said in err
    assert sorted(path.name for path in counter.rglob("*")) == ["docker-compose.yml", "stack.yaml"]


def test_a_folder_of_scenarios_that_leads_elsewhere_is_not_written_to(counter: Path) -> None:
    (counter / "elsewhere").mkdir()
    (counter / "scenarios").symlink_to(counter / "elsewhere")
    assert new(counter, "mine", "--fault", "container.kill", "--on", "redis")[0] == 4
    assert not list((counter / "elsewhere").iterdir())


def test_nothing_is_overwritten(counter: Path) -> None:
    assert new(counter, "mine", "--fault", "container.kill", "--on", "redis")[0] == 0
    code, err = new(counter, "mine", "--fault", "container.pause", "--on", "redis")
    assert code == 4
    assert "already exists" in err


def test_a_link_that_leads_nowhere_is_not_replaced(counter: Path) -> None:
    (counter / "scenarios").mkdir()
    link = counter / "scenarios" / "mine.yaml"
    link.symlink_to(counter / "later.yaml")
    code, err = new(counter, "mine", "--fault", "container.kill", "--on", "redis")
    assert code == 4
    assert "already exists" in err
    assert link.is_symlink()
