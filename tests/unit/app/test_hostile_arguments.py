"""Careless and hostile files, folders and words, command by command: one clear error, nothing is written."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pytest

from chaos.errors import ExitCode
from chaos.evidence import Reason, Seal, seal, started_as
from chaos.history import FILE_NAME, open_history
from chaos.scenario import find
from tests.command_desk import Desk
from tests.corpus.archive import unpack
from tests.past_runs import a_run
from tests.stored_days import FILE, keep_day, played

COUNTER = Path(__file__).parents[3] / "examples" / "counter"
NOT_UTF8 = os.fsdecode(b"\xff")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("findings", "--add", NOT_UTF8, "--scenario", "x"), "not UTF-8 text"),
        (("findings", "--add", " ", "--scenario", "x"), "--add: expected a title"),
        (("findings", "--add", "a dashboard is gone"), "--add: expected a title, and --scenario too"),
        (("findings", "--due", "0001-01-01"), "expected a day such as 2026-12-31"),
        (("findings", "--due", "9999-12-31"), "expected a day such as 2026-12-31"),
        (("compare", NOT_UTF8, "x"), "not UTF-8 text"),
        (("validate", NOT_UTF8), "not UTF-8 text"),
        (("judge", NOT_UTF8), "not UTF-8 text"),
        (("detect", "--source", NOT_UTF8), "not UTF-8 text"),
        (("detect", "--prometheus", "http://10.0.0.1:9090"), "expected http://127.0.0.1:PORT"),
        (("detect", "--run", "gone"), "not a run folder"),
        (("history", "--rebuild", "--reports", "gone"), "gone: no such folder"),
        (("history", "--reports", "x/" * 1800), "File name too long"),
        (("validate", "loop.yaml"), "no such file or folder"),
        (("validate", "."), "loop.yaml: cannot be read"),
        (("host", "day.yaml", "--port", "65536"), "expected a whole number from 0 to 65535"),
        (("host", "day.yaml", "--port", "-1"), "expected"),
        (("host", "day.yaml", "--seed", "1e5"), "expected a whole number from 0"),
        (("incidents", "--since", "٣d"), "expected a duration"),
        (("validate", "a\nb.yaml"), "a\\nb.yaml: no such file or folder"),
        (("run", "a\nb"), "a\\nb"),
        (("kinds", "a\nb"), "unknown kind a\\nb"),
        (("export", "gone", "--format", "csv", "--out", "no/such/folder"), "in a folder that exists"),
        (("gate", "gone", "--junit", "loop.yaml/x.xml"), "Too many levels of symbolic links"),
    ],
)
def test_words_that_mean_nothing_are_four_and_leave_nothing(
    desk: Desk, words: tuple[str, ...], said: str
) -> None:
    (desk.folder / "loop.yaml").symlink_to("loop.yaml")
    assert desk.type(*words) == ExitCode.BAD_INPUT
    assert said in desk.said
    assert len(desk.said.splitlines()) == 1
    assert desk.names() == ["loop.yaml"]


@pytest.mark.parametrize("verb", ["validate", "plan"])
def test_a_file_that_is_larger_than_any_scenario_is_not_read(desk: Desk, verb: str) -> None:
    (desk.folder / "sparse.yaml").touch()
    os.truncate(desk.folder / "sparse.yaml", 1 << 42)
    assert desk.type(verb, "sparse.yaml") == ExitCode.BAD_INPUT
    assert desk.said == "sparse.yaml: cannot be read: File too large\n"


def test_a_drill_that_is_larger_than_the_memory_is_not_read(desk: Desk) -> None:
    (desk.folder / "q4").mkdir()
    (desk.folder / "q4" / "drill.json").touch()
    os.truncate(desk.folder / "q4" / "drill.json", 1 << 42)
    for option in ("--again", "--resume"):
        assert desk.type("drill", option, "q4") == ExitCode.BAD_INPUT
        assert "drill.json" in desk.said
        assert "File too large" in desk.said


def judged_run(desk: Desk) -> Path:
    """A run folder under its own name, judged and sealed."""
    folder = unpack("guardrail", desk.folder)
    run_id = started_as(folder)
    folder = folder.rename(folder.with_name(f"guardrail-{run_id}"))
    assert desk.type("judge", folder.name) != ExitCode.BAD_INPUT
    seal(folder, Seal("0.1.0", 0.0, None), Reason.RUN)
    return folder


def change(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\n")


@pytest.mark.thorough
@pytest.mark.parametrize(
    "words",
    [
        ("compare", "RUN", "RUN"),
        ("gate", "RUN"),
        ("gate", "RUN", "--fail-on-regression"),
        ("detect", "--run", "RUN"),
        ("export", "RUN", "--format", "csv", "--out", "run.csv"),
        ("judge", "RUN"),
        ("post-mortem", "RUN"),
    ],
)
def test_a_run_that_was_changed_since_it_was_sealed_is_read_only_on_request(
    desk: Desk, words: tuple[str, ...]
) -> None:
    run = judged_run(desk)
    change(run / "journal.jsonl")
    before = desk.names()
    typed = [run.name if word == "RUN" else word for word in words]
    assert desk.type(*typed) == ExitCode.INCONCLUSIVE
    assert "changed: journal.jsonl" in desk.said
    assert "not read (--unsealed reads it as it is now)" in desk.said
    assert desk.out.getvalue() == ""
    assert desk.names() == before
    desk.type(*typed, "--unsealed")
    assert "not read" not in desk.said


def test_a_stored_verdict_that_was_changed_counts_where_it_is_used(desk: Desk) -> None:
    folder = judged_run(desk)
    assert desk.type("compare", folder.name, folder.name) == ExitCode.PASS
    change(folder / "verdict.json")
    for words in (("compare", folder.name, folder.name), ("gate", folder.name)):
        assert desk.type(*words) == ExitCode.INCONCLUSIVE
        assert "changed: verdict.json" in desk.said
    assert desk.type("export", folder.name, "--format", "csv") == ExitCode.PASS


def unsealed_day(desk: Desk) -> Path:
    return keep_day(desk.folder / "reports", played())


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["folder", "fifo"])
@pytest.mark.parametrize(
    ("verb", "name"),
    [("debrief", "07.md"), ("post-mortem", "07.md")],
)
def test_a_runbook_that_is_no_file_is_named(desk: Desk, verb: str, name: str, kind: str) -> None:
    day = unsealed_day(desk)
    stack = desk.folder / "stack"
    stack.mkdir()
    for part in ("docker-compose.yml", "stack.yaml"):
        (stack / part).write_text((COUNTER / part).read_text())
    (stack / "stack.yaml").write_text((stack / "stack.yaml").read_text() + "\nrunbooks: books\n")
    (stack / "books").mkdir()
    (stack / "books" / name).mkdir() if kind == "folder" else os.mkfifo(stack / "books" / name)
    (day / "source.txt").write_text(f"{day / 'gameday.yaml'}\n{stack}\n")
    assert desk.type(verb, str(day)) == ExitCode.BAD_INPUT
    assert f"{name}: cannot be read" in desk.said


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("source.txt", b"\xff.yaml", "no such file"),
        ("gameday.yaml", FILE.replace("pace: 1", "pace: 1\norder: listed").encode() + b"x: 1\n", "x"),
        ("journal.jsonl", b'{"event":"joined"}\n', "not an event of a game day"),
    ],
)
@pytest.mark.parametrize("verb", ["debrief", "post-mortem"])
def test_a_damaged_day_is_four(desk: Desk, verb: str, file: str, content: bytes, said: str) -> None:
    day = unsealed_day(desk)
    (day / file).write_bytes(content)
    assert desk.type(verb, str(day)) == ExitCode.BAD_INPUT
    assert said in desk.said


def rewrite(day: Path, place: int, **changes: object) -> None:
    """Another event in the place of one of the first two: how the day was opened, and what was drawn."""
    events = list(played().events)
    events[place] = events[place].model_copy(update=changes)
    (day / "journal.jsonl").write_text("".join(event.model_dump_json() + "\n" for event in events))


OTHER_DAY = "this file has 1 scenario, and the journal of the day is of"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("place", "changes"), [(0, {"slots": 2}), (1, {"order": (5,)}), (1, {"order": (0, 1)})]
)
def test_a_day_that_does_not_fit_its_file_is_refused_or_left_out(
    desk: Desk, place: int, changes: dict[str, object]
) -> None:
    day = unsealed_day(desk)
    rewrite(day, place, **changes)
    for words in (
        ("debrief", str(day)),
        ("post-mortem", str(day)),
        ("host", "--port", "0", "--resume", str(day)),
    ):
        assert desk.type(*words) == ExitCode.BAD_INPUT
        assert OTHER_DAY in desk.said
    assert desk.type("review", "--month", "2023-11") == ExitCode.PASS
    assert OTHER_DAY in desk.out.getvalue()


@pytest.mark.parametrize("changes", [{"slots": 10**12}, {"pace": 1e-300}, {"at": 1e300}, {"entered": -1e300}])
def test_a_day_with_a_figure_that_no_day_has_is_refused_or_left_out(
    desk: Desk, changes: dict[str, object]
) -> None:
    day = unsealed_day(desk)
    rewrite(day, 0, **changes)
    for verb in ("debrief", "post-mortem"):
        assert desk.type(verb, str(day)) == ExitCode.BAD_INPUT
        assert "journal.jsonl:1: not an event of a game day" in desk.said
    assert desk.type("programme") == ExitCode.PASS
    assert f"game day {day.name} is not counted" in desk.said


def test_a_day_without_its_first_event_is_not_counted(desk: Desk) -> None:
    day = unsealed_day(desk)
    lines = (day / "journal.jsonl").read_text().splitlines(keepends=True)
    (day / "journal.jsonl").write_text("".join(lines[1:]))
    assert desk.type("programme") == ExitCode.PASS
    assert f"game day {day.name} is not counted: the journal does not say how the day began" in desk.said


def test_a_journal_that_is_a_link_is_never_written(desk: Desk) -> None:
    day = unsealed_day(desk)
    kept = (day / "journal.jsonl").rename(desk.folder / "elsewhere")
    (day / "journal.jsonl").symlink_to(kept)
    before = kept.read_bytes()
    assert desk.type("host", "--resume", str(day), "--port", "0") == ExitCode.BAD_INPUT
    assert "expected a file of this folder, and it is a link" in desk.said
    assert kept.read_bytes() == before


@pytest.mark.thorough
@pytest.mark.parametrize("stored", [b"{}", b"[" * 100_000, b'{"tokens": {}, "signing": 5}', b"\xff"])
def test_tokens_of_a_day_that_cannot_be_read_are_four(desk: Desk, stored: bytes) -> None:
    day = unsealed_day(desk)
    (day / "access.json").write_bytes(stored)
    assert desk.type("host", "--resume", str(day), "--port", "0") == ExitCode.BAD_INPUT
    assert "access.json: cannot be read" in desk.said


@pytest.mark.parametrize("kind", ["folder", "fifo"])
def test_a_post_mortem_that_is_no_file_is_left_out_and_named(desk: Desk, kind: str) -> None:
    place = desk.folder / "docs" / "post-mortems"
    place.mkdir(parents=True)
    path = place / "INC-20231114-001-x.md"
    path.mkdir() if kind == "folder" else os.mkfifo(path)
    assert desk.type("review", "--month", "2023-11") == ExitCode.PASS
    assert f"not in these figures: post-mortem {path.name}: cannot be read" in desk.out.getvalue()
    assert desk.type("post-mortem", str(unsealed_day(desk))) == ExitCode.PASS


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
@pytest.mark.parametrize("key", ["starts", "on"])
def test_a_programme_of_another_age_is_bad_input_at_its_place(desk: Desk, key: str, day: str) -> None:
    starts = f"starts: {day}\n" if key == "starts" else ""
    done = f"done: [{{exercise: a, on: {day}}}]\n" if key == "on" else ""
    exercises = "exercises: [{exercise: a, title: A, every: quarter, done_by: [by hand]}]\n"
    (desk.folder / "p.yaml").write_text(f"programme: p\n{starts}{exercises}{done}")
    assert desk.type("programme", "p.yaml") == ExitCode.BAD_INPUT
    assert desk.said.startswith("p.yaml:2:" if key == "starts" else "p.yaml:3:")
    assert "expected a year from 2000 to 2199" in desk.said


def kept_history(desk: Desk) -> Path:
    with open_history(desk.folder / "reports" / FILE_NAME) as history:
        history.keep([a_run(0)])
    return desk.folder / "reports" / FILE_NAME


def test_a_history_behind_a_link_is_never_written(desk: Desk) -> None:
    elsewhere = kept_history(desk).rename(desk.folder / "elsewhere")
    (desk.folder / "reports" / FILE_NAME).symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    for words in (("history",), ("history", "--rebuild")):
        assert desk.type(*words) == ExitCode.BAD_INPUT
        assert "expected the file of the history" in desk.said
    assert elsewhere.read_bytes() == before


def test_findings_beside_a_history_that_cannot_be_read_write_nothing(desk: Desk) -> None:
    (desk.folder / "reports" / FILE_NAME).mkdir(parents=True)
    assert desk.type("findings") == ExitCode.BAD_INPUT
    assert desk.names() == ["reports", f"reports/{FILE_NAME}"]


@pytest.mark.parametrize("kind", ["a fifo", "a link"])
def test_a_lock_that_is_no_file_is_refused_and_not_waited_for(desk: Desk, kind: str) -> None:
    lock = kept_history(desk).with_name(f".{FILE_NAME}.lock")
    lock.unlink()
    os.mkfifo(lock) if kind == "a fifo" else lock.symlink_to(desk.folder / "elsewhere")
    assert desk.type("history") == ExitCode.BAD_INPUT
    assert "expected a lock file" in desk.said
    assert not (desk.folder / "elsewhere").exists()


@pytest.mark.parametrize("name", ["verdict.json", "report.html", "junit.xml"])
@pytest.mark.parametrize("kind", ["folder", "fifo"])
def test_what_stands_in_the_place_of_a_result_and_is_no_file_is_four(
    desk: Desk, name: str, kind: str
) -> None:
    folder = unpack("guardrail", desk.folder)
    (folder / name).mkdir() if kind == "folder" else os.mkfifo(folder / name)
    for verb in ("judge", "report"):
        assert desk.type(verb, folder.name) == ExitCode.BAD_INPUT
        assert f"{name}: expected a file, and this is none" in desk.said
    if name == "verdict.json":
        assert desk.type("gate", folder.name) == ExitCode.BAD_INPUT


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("PRAGMA application_id = 7", ExitCode.BAD_INPUT),
        ("PRAGMA user_version = 99", ExitCode.BAD_INPUT),
        ("UPDATE runs SET outcome = 'GOOD'", ExitCode.INCONCLUSIVE),
    ],
)
def test_a_history_that_is_another_file_or_damaged(desk: Desk, change: str, code: ExitCode) -> None:
    with sqlite3.connect(kept_history(desk)) as raw:
        raw.execute(change)
    raw.close()
    assert desk.type("history") == code
    assert "Traceback" not in desk.said


@pytest.mark.thorough
@pytest.mark.parametrize("what", ["folder", "fifo", "latin-1", "dangling"])
def test_a_runbook_that_cannot_be_written_is_bad_input(desk: Desk, what: str) -> None:
    for part in ("docker-compose.yml", "stack.yaml"):
        (desk.folder / part).write_text((COUNTER / part).read_text())
    stack = desk.folder / "stack.yaml"
    stack.write_text(stack.read_text() + "\nprocedures: procedures\nrunbooks: books\n")
    (desk.folder / "procedures").mkdir()
    (desk.folder / "books").mkdir()
    step = "{step: look, title: Look, planned: 1m, check: {run: docker compose ps --quiet redis}}"
    (desk.folder / "procedures" / "look.yaml").write_text(
        f"procedure: look\ntitle: Look\nsteps:\n  - {step}\n"
    )
    book = desk.folder / "books" / "look.md"
    if what == "folder":
        book.mkdir()
    elif what == "fifo":
        os.mkfifo(book)
    elif what == "latin-1":
        book.write_bytes(b"caf\xe9")
    else:
        book.symlink_to(desk.folder / "gone")
    assert desk.type("runbooks", ".") == ExitCode.BAD_INPUT
    assert "look.md" in desk.said
    assert len(desk.said.splitlines()) == 1
    assert not (desk.folder / "gone").exists()


@pytest.mark.parametrize(("limit", "most"), [("MOST_FILES", 1), ("MOST_YAML_FILES", 1)])
def test_a_folder_with_more_files_than_a_project_has_is_not_searched(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(find, limit, most)
    for name in ("a.yaml", "b.yaml"):
        (desk.folder / name).write_text("x: 1\n")
    for verb in ("validate", "run", "preflight"):
        assert desk.type(verb, ".") == ExitCode.BAD_INPUT
        assert "are below this folder (name the folder of the scenarios)" in desk.said


def test_a_day_whose_source_is_no_text_is_left_out_of_a_review_that_is_written(desk: Desk) -> None:
    day = unsealed_day(desk)
    (day / "source.txt").write_bytes(b"\xff.yaml")
    assert desk.type("review", "--month", "2023-11", "--into", "out") == ExitCode.PASS
    review = json.loads((desk.folder / "out" / "review-2023-11.json").read_text())
    assert "\\udcff.yaml" in " ".join(review["left_out"])


def test_a_post_mortem_whose_name_is_no_text_is_counted(desk: Desk) -> None:
    place = desk.folder / "docs" / "post-mortems"
    place.mkdir(parents=True)
    (place / f"INC-20231114-001-{NOT_UTF8}.md").write_text("# x\n")
    assert desk.type("review", "--month", "2023-11", "--into", "out") == ExitCode.PASS


def test_a_run_folder_with_a_line_break_in_its_name_is_no_part_of_a_drill(desk: Desk) -> None:
    folder = unpack("guardrail", desk.folder).rename(desk.folder / "a\nb")
    assert desk.type("drill", "--again", folder.name) == ExitCode.BAD_INPUT
    assert "the report of a drill cannot hold this name of a run folder" in desk.said
    assert not (desk.folder / "reports").exists()
