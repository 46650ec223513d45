"""The command line in-process: exit codes, and one clear error for each mistake; nothing is started."""

from __future__ import annotations

import io
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chaos.app.command_context import CommandContext
from chaos.cli import main, parser
from chaos.errors import EXIT_CODE_MEANING, ExitCode

ROOT = Path(__file__).parents[3]
COUNTER = ROOT / "examples" / "counter"


@dataclass
class Desk:
    """Where a user sits: what was typed ends in a code and two streams."""

    folder: Path
    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)

    def type(self, *words: str) -> int:
        no_engine = {"DOCKER_HOST": f"unix://{self.folder}/no.sock"}  # whatever runs on this machine
        return main(words, CommandContext(out=self.out, err=self.err, env=no_engine, cwd=self.folder))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path)


def scenario(desk: Desk, change: tuple[str, str] = ("", "")) -> Path:
    """A copy of a shipped scenario with one thing changed."""
    text = (COUNTER / "scenarios" / "redis-down.yaml").read_text()
    assert change[0] in text
    path = desk.folder / "toy.yaml"
    path.write_text(text.replace(*change, 1).replace("stack: counter", f"stack: {COUNTER}/stack.yaml"))
    return path


def test_help_prints_the_exit_codes(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        desk.type("--help")
    assert stop.value.code == 0
    text = capsys.readouterr().out
    assert all(meaning in text for meaning in EXIT_CODE_MEANING.values())


def test_a_shipped_scenario_is_valid_and_has_a_plan(desk: Desk) -> None:
    assert desk.type("validate", str(scenario(desk))) == ExitCode.PASS
    assert desk.type("plan", str(scenario(desk)), "--pace", "10") == ExitCode.PASS
    assert "pace 10" in desk.out.getvalue()


def test_what_a_pace_does_to_the_rules_is_said_by_validate_and_plan(desk: Desk) -> None:
    path = str(ROOT / "scenarios" / "pms" / "pms-down.yaml")
    said = "changes(process_start_time_seconds[2m]) is the same at every pace"
    for verb in ("validate", "plan"):
        desk.out.seek(0)
        desk.out.truncate()
        assert desk.type(verb, path, "--pace", "20") == ExitCode.PASS
        assert said in desk.out.getvalue()


@pytest.mark.parametrize(("pace", "code"), [("20", ExitCode.PASS), ("60", ExitCode.BAD_INPUT)])
@pytest.mark.parametrize("verb", ["validate", "plan"])
def test_what_cannot_be_judged_at_a_pace_is_refused_there(
    desk: Desk, verb: str, pace: str, code: ExitCode
) -> None:
    path = scenario(desk)
    assert desk.type(verb, str(path), "--pace", pace) == code
    if verb == "validate" and code is ExitCode.PASS:
        assert desk.out.getvalue() == f"{path}: ok at pace 20\n"
    if code is ExitCode.BAD_INPUT:
        first = desk.err.getvalue().partition("\n")[0]
        assert re.match(r".*toy\.yaml:\d+:\d+: the promise to GET / cannot be judged at pace 60", first)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("service: redis", "service: rediss"), "redis"),
        (("container.kill", "container.kil"), "container.kill"),
        (("timeline:", "timelime:"), "timeline"),
        (("for: ", "for: 5 x"), "duration"),
        (("scenario:", "- scenario:"), "not valid YAML"),
    ],
)
@pytest.mark.parametrize("verb", ["validate", "plan", "run"])
def test_a_bad_scenario_is_always_four_at_its_place(
    desk: Desk, change: tuple[str, str], said: str, verb: str
) -> None:
    path = scenario(desk, change)
    assert desk.type(verb, str(path)) == ExitCode.BAD_INPUT
    text = desk.err.getvalue()
    assert "toy.yaml:" in text
    assert said in text
    assert "Traceback" not in text
    assert sorted(item.name for item in desk.folder.iterdir()) == ["toy.yaml"]


@pytest.mark.parametrize(
    "words",
    [
        ["run"],
        ["walk"],
        ["run", "no-such.yaml"],
        ["run", "{toy}", "--pace", "0"],
        ["run", "{toy}", "--pace", "fast"],
        ["run", "{toy}", "--jobs", "0"],
        ["run", "{toy}", "--env", "NOVALUE"],
        ["run", "{toy}", "--env", "unknown.X=1"],
        ["kinds", "container.kil"],
        ["init", "no-such-compose.yml"],
    ],
)
def test_bad_usage_is_four_and_one_clear_error(desk: Desk, words: list[str]) -> None:
    toy = str(scenario(desk))
    assert desk.type(*[toy if word == "{toy}" else word for word in words]) == ExitCode.BAD_INPUT
    assert desk.err.getvalue().strip()
    assert "Traceback" not in desk.err.getvalue()


@pytest.mark.parametrize("verb", ["run", "plan", "drill"])
def test_a_variable_that_unknown_would_read_is_four_before_anything_starts(desk: Desk, verb: str) -> None:
    toy = scenario(desk)
    assert desk.type(verb, str(toy), "--env", "PATIENCE_SECOND=3") == ExitCode.BAD_INPUT
    assert "did you mean PATIENCE_SECONDS?" in desk.err.getvalue()
    assert [item.name for item in desk.folder.iterdir()] == ["toy.yaml"]
    assert desk.type("plan", str(toy), "--env", "PATIENCE_SECONDS=3") == ExitCode.PASS


def test_an_engine_that_is_gone_is_three_and_nothing_is_written(desk: Desk) -> None:
    toy = scenario(desk)
    assert desk.type("run", str(toy)) == ExitCode.HARNESS
    assert "engine" in desk.err.getvalue().lower()
    assert [item.name for item in desk.folder.iterdir()] == ["toy.yaml"]


@pytest.mark.parametrize("verb", ["judge", "report"])
def test_a_folder_that_is_no_run_is_bad_input(desk: Desk, verb: str) -> None:
    assert desk.type(verb, str(desk.folder)) == ExitCode.BAD_INPUT
    assert "plan.json" in desk.err.getvalue()


def test_a_defect_of_the_harness_never_looks_like_a_weak_system(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("chaos.registry.kinds", broken)
    assert desk.type("kinds") == ExitCode.HARNESS
    assert "defect of gameday" in desk.err.getvalue()


def test_every_command_is_documented_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    (verbs,) = (action.choices for action in parser()._actions if action.choices)
    named = set(re.findall(r"`(?:gameday )?([a-z-]+)[ `]", readme))
    assert set(verbs) - named == set()


DOCS = ("README.md", "docs/scheduled-jobs.md", "stack/README.md")


@pytest.mark.parametrize("page", DOCS)
def test_the_broken_backup_of_the_docs_is_one_that_a_service_reads(page: str, desk: Desk) -> None:
    (line,) = re.findall(
        r"^    make weekly ENV=(\S+)   # must end with exit code 1$", (ROOT / page).read_text(), re.M
    )
    context = CommandContext(out=desk.out, err=desk.err, env={}, cwd=ROOT)
    assert main(["plan", "tag:weekly", "--env", line], context) == ExitCode.PASS
    assert main(["plan", "tag:weekly", "--env", f"{line.replace('=', 'S=')}"], context) == ExitCode.BAD_INPUT


@pytest.mark.parametrize("path", ["x" * 5000, "loop"])
@pytest.mark.parametrize(
    "words",
    [
        ("validate", "PATH"),
        ("judge", "PATH"),
        ("init", "PATH"),
        ("init", str(COUNTER / "docker-compose.yml"), "--into", "PATH"),
        ("coverage", "--reports", "PATH"),
        ("history", "--reports", "PATH"),
        ("post-mortem", "INC-1", "--reports", "PATH"),
    ],
)
def test_a_path_that_can_name_nothing_is_bad_input(desk: Desk, words: tuple[str, ...], path: str) -> None:
    (desk.folder / "loop").symlink_to("loop")
    assert desk.type(*(path if word == "PATH" else word for word in words)) == ExitCode.BAD_INPUT
    assert len(desk.err.getvalue().splitlines()) == 1
    assert "Traceback" not in desk.err.getvalue()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("findings --reports file", "expected a folder"),
        ("review --month 2026-10 --into file", "expected a folder"),
        ("history --rebuild --reports dangling", "expected a folder"),
        ("post-mortem x --into fifo", "expected a folder"),
        ("findings --reports file/below", "Not a directory"),
        ("export x --format csv --out folder", "expected the name of a file"),
        ("export x --format csv --out fifo", "expected the name of a file"),
        ("export x --format csv --out stdout", "expected the name of a file"),
        ("gate --junit fifo", "expected the name of a file"),
        ("verify x --key fifo", "not a regular file"),
        ("report x --sign-key fifo", "not a regular file"),
        ("plan x --pace=--", "expected a value after ="),
        ("new x --set=--", "expected a value after ="),
    ],
)
def test_a_path_of_the_wrong_kind_is_refused_and_nothing_is_written(desk: Desk, words: str, why: str) -> None:
    file, folder = desk.folder / "file", desk.folder / "folder"
    file.write_text("of its owner")
    folder.mkdir()
    os.mkfifo(desk.folder / "fifo")
    (desk.folder / "dangling").symlink_to("nowhere")
    (desk.folder / "stdout").symlink_to("/proc/self/fd/1")  # as /dev/stdout is
    before = sorted(desk.folder.iterdir())
    assert desk.type(*words.split()) == ExitCode.BAD_INPUT
    assert why in desk.err.getvalue()
    assert len(desk.err.getvalue().splitlines()) <= 2
    assert (sorted(desk.folder.iterdir()), file.read_text()) == (before, "of its owner")
