"""``gameday post-mortem`` in-process: one file a record, never replaced, and the check of a finished one."""

from __future__ import annotations

import io
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.cli import main
from chaos.errors import ExitCode
from chaos.incidents import FILE_NAME, Watch, WatchStep, open_incidents
from chaos.post_mortem.markdown import BLANK
from tests.corpus.archive import unpack
from tests.unit.post_mortem.test_post_mortem import FIRED, incident


def typed(folder: Path, *words: str) -> tuple[int, str]:
    out = io.StringIO()
    code = main(("post-mortem", *words), CommandContext(out=out, err=out, env={}, cwd=folder))
    return code, out.getvalue()


def keep_incident(folder: Path) -> str:
    (folder / "reports").mkdir()
    with open_incidents(folder / "reports" / FILE_NAME) as incidents:
        found = incident(resolved=None)
        kept = incidents.apply(
            Watch(source="staging"),
            WatchStep(watch=Watch(source="staging", read_to=FIRED + 5, open=(found,)), opened=(found,)),
        )
    assert kept
    return kept[0].number


def written(folder: Path) -> list[Path]:
    return sorted((folder / "docs" / "post-mortems").iterdir())


def test_an_incident_keeps_its_number_and_a_run_takes_the_next_one(tmp_path: Path) -> None:
    number = keep_incident(tmp_path)
    assert typed(tmp_path, number)[0] == ExitCode.PASS
    assert [path.name for path in written(tmp_path)] == [f"{number}-pmsdown.md"]


def test_a_run_is_written_once_and_never_replaced(tmp_path: Path) -> None:
    folder = unpack("pms-down-no-breaker", tmp_path)
    assert typed(tmp_path, str(folder))[0] == ExitCode.PASS
    (path,) = written(tmp_path)
    assert path.name.endswith("-001-drill-the-pms-goes-down.md")
    path.write_text(path.read_text() + "an edit\n")
    code, said = typed(tmp_path, str(folder), "--title", "Another title")
    assert code == ExitCode.BAD_INPUT
    assert "already has a post-mortem" in said
    assert path.read_text().endswith("an edit\n")
    assert written(tmp_path) == [path]


def test_a_file_of_the_same_name_is_not_replaced(tmp_path: Path) -> None:
    number = keep_incident(tmp_path)
    there = tmp_path / "docs" / "post-mortems" / f"{number}-pmsdown.md"
    there.parent.mkdir(parents=True)
    there.write_text("by hand")
    assert typed(tmp_path, number)[0] == ExitCode.BAD_INPUT
    assert there.read_text() == "by hand"


def test_an_unknown_subject_and_a_title_that_blames_are_refused(tmp_path: Path) -> None:
    for words, said in (
        (["INC-20260101-001"], "neither the folder of a run or a game day, nor the number of an incident"),
        (["INC-20260101-001", "--title", "Human error of the DBA"], "blames somebody"),
        ([], "expected the folder of a run or a game day, the number of an incident, or --check FILE"),
    ):
        code, output = typed(tmp_path, *words)
        assert code == ExitCode.BAD_INPUT
        assert said in output
    assert not (tmp_path / "docs").exists()


def test_check_fails_until_the_file_is_complete_and_without_blame(tmp_path: Path) -> None:
    typed(tmp_path, str(unpack("pms-down-no-breaker", tmp_path)))
    (path,) = written(tmp_path)
    code, said = typed(tmp_path, "--check", str(path))
    assert code == ExitCode.FAIL
    assert "not filled in yet" in said
    complete = path.read_text().replace(BLANK, "done")
    for text, expected in (
        (complete, ExitCode.PASS),
        (complete.replace("done", "the engineer forgot it", 1), ExitCode.FAIL),
        (complete.replace("## Lessons learned", "## Lessons"), ExitCode.FAIL),
    ):
        path.write_text(text)
        assert typed(tmp_path, "--check", str(path))[0] == expected
