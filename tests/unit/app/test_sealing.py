"""From the end of a run to ``gameday verify``, and what judging and drawing again do to the seal."""

from __future__ import annotations

import asyncio
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chaos.app import runs
from chaos.app.command_context import CommandContext
from chaos.app.run_all import say_outcome
from chaos.app.stored_runs import debrief, rejudge, seals
from chaos.cli import main
from chaos.errors import EnvironmentProblem, ExitCode, RecordingProblem
from chaos.evidence import SealState, Signer, verify
from tests.runner_harness import RunnerHarness
from tests.service import KILL, ports_of, run_toy, toy_in

pytestmark = pytest.mark.thorough

KEY = Ed25519PrivateKey.from_private_bytes(b"1" * 32)
SIGNER = Signer(KEY)


@dataclass
class Desk:
    folder: Path
    run: Path = Path()
    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)
    env: dict[str, str] = field(default_factory=dict)

    def context(self) -> CommandContext:
        return CommandContext(out=self.out, err=self.err, env=self.env, cwd=self.folder)

    def type(self, *words: object) -> int:
        """The exit code; the streams hold what this command alone said."""
        for stream in (self.out, self.err):
            stream.seek(0)
            stream.truncate()
        return main([str(word) for word in words], self.context())

    def keys(self) -> tuple[Path, Path]:
        private, public = self.folder / "key.pem", self.folder / "public.pem"
        pem = serialization.Encoding.PEM
        none = serialization.NoEncryption()
        private.write_bytes(KEY.private_bytes(pem, serialization.PrivateFormat.PKCS8, none))
        private.chmod(0o600)
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        public.write_bytes(KEY.public_key().public_bytes(pem, form))
        return private, public

    async def finish(self, harness: RunnerHarness, signer: Signer | None = None) -> ExitCode:
        toy = toy_in(self.folder)
        work = run_toy(toy, self.folder / "reports", ports_of(harness), signer)
        outcome = await harness.run(work)
        say_outcome(outcome, self.context())
        (self.run,) = (path.parent for path in self.folder.glob("reports/*/plan.json"))
        return outcome.code


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Somebody with one finished run of the toy."""
    desk = Desk(tmp_path)
    asyncio.run(desk.finish(RunnerHarness(tmp_path, KILL)))
    return desk


def test_a_run_ends_sealed_with_everything_it_wrote(desk: Desk) -> None:
    assert desk.type("verify", desk.run) == ExitCode.PASS
    assert "intact: " in desk.out.getvalue()
    manifest = json.loads((desk.run / "manifest.json").read_text())
    sealed = {entry["path"] for entry in manifest["files"]}
    assert {"scenario.yaml", "plan.json", "journal.jsonl", "verdict.json", "report.html"} <= sealed
    assert {"report.md", "junit.xml"} <= sealed
    assert manifest["reason"] == "run"


def test_a_run_that_cannot_be_judged_is_sealed_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(folder: Path) -> NoReturn:
        raise RecordingProblem("plan.json is damaged")

    monkeypatch.setattr(debrief, "judge_folder", unreadable)
    desk = Desk(tmp_path)
    assert asyncio.run(desk.finish(RunnerHarness(tmp_path, KILL))) is ExitCode.HARNESS
    assert verify(desk.run).intact
    assert not (desk.run / "verdict.json").exists()


def test_a_run_that_cannot_be_sealed_is_a_harness_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> NoReturn:
        raise EnvironmentProblem("it cannot be sealed: No space left on device")

    monkeypatch.setattr(debrief, "seal", full)
    desk = Desk(tmp_path)
    assert asyncio.run(desk.finish(RunnerHarness(tmp_path, KILL))) is ExitCode.HARNESS
    assert "gameday: toy: it cannot be sealed" in desk.err.getvalue()


def test_each_change_is_reported_and_ends_in_one(desk: Desk) -> None:
    (desk.run / "journal.jsonl").write_text("{}\n")
    (desk.run / "report.md").unlink()
    (desk.run / "note.txt").write_text("x")
    assert desk.type("verify", desk.run) == ExitCode.FAIL
    printed = [line.split(":")[:2] for line in desk.out.getvalue().splitlines()[1:]]
    assert printed == [["  changed", " journal.jsonl"], ["  added", " note.txt"], ["  missing", " report.md"]]


def test_that_offsite_data_is_not_sealed_is_said_where_there_is_some(desk: Desk) -> None:
    assert desk.type("verify", desk.run) == ExitCode.PASS
    assert "offsite" not in desk.out.getvalue()
    (desk.run / "offsite" / "vault").mkdir(parents=True)
    assert desk.type("verify", desk.run) == ExitCode.PASS
    (line,) = desk.out.getvalue().splitlines()
    assert line.endswith("unsigned; offsite/ is not sealed")


def test_the_worst_of_several_folders_is_the_exit_code(desk: Desk) -> None:
    nowhere = desk.folder / "nowhere"
    bare = desk.folder / "bare"
    bare.mkdir()
    (bare / "plan.json").write_text("{}")
    assert desk.type("verify", desk.run, bare) == ExitCode.INCONCLUSIVE
    assert "not sealed" in desk.out.getvalue()
    (desk.run / "note.txt").write_text("x")
    assert desk.type("verify", bare, desk.run) == ExitCode.FAIL
    assert desk.type("verify", bare, desk.run, nowhere) == ExitCode.BAD_INPUT
    assert desk.out.getvalue().count("\n") == 4  # all three were looked at


def test_judging_again_leaves_the_seal_whole_and_a_forged_verdict_as_it_is(desk: Desk) -> None:
    code = desk.type("judge", desk.run)
    assert desk.err.getvalue() == ""
    assert desk.type("verify", desk.run) == ExitCode.PASS
    forged = (desk.run / "verdict.json").read_text().replace(desk.run.name[:4], "1999") + " "
    (desk.run / "verdict.json").write_text(forged)
    assert code == ExitCode.PASS
    assert desk.type("judge", desk.run) == ExitCode.INCONCLUSIVE, "two verdicts are none"
    assert "verdict.json holds a different verdict" in desk.err.getvalue()
    assert (desk.run / "verdict.json").read_text() == forged
    assert desk.type("verify", desk.run) == ExitCode.FAIL


def test_a_verdict_that_is_gone_comes_back_as_it_was_sealed_and_only_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict = desk.run / "verdict.json"
    before = verdict.read_bytes()
    verdict.unlink()
    assert desk.type("verify", desk.run) == ExitCode.FAIL
    desk.type("judge", desk.run)
    assert verdict.read_bytes() == before
    assert desk.type("verify", desk.run) == ExitCode.PASS
    verdict.unlink()
    monkeypatch.setattr("chaos.app.stored_runs.verdicts.verdict_json", lambda verdict: "by another gameday")
    desk.type("judge", desk.run)
    assert "holds a different verdict" in desk.err.getvalue()
    assert not verdict.exists()


def test_the_same_reports_again_leave_the_seal_as_it_is(desk: Desk) -> None:
    before = (desk.run / "manifest.json").read_bytes()
    assert desk.type("report", desk.run) == ExitCode.PASS
    assert "sealed again" not in desk.out.getvalue()
    assert (desk.run / "manifest.json").read_bytes() == before
    assert verify(desk.run).intact


def test_other_reports_of_an_intact_run_are_sealed_again_and_it_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "chaos.report.formats.markdown.report_markdown", lambda view: "drawn by a later gameday\n"
    )
    assert desk.type("report", desk.run) == ExitCode.PASS
    assert "sealed again" in desk.out.getvalue()
    assert desk.type("verify", desk.run) == ExitCode.PASS
    assert "sealed 2 times" in desk.out.getvalue()


def test_a_changed_run_is_judged_and_drawn_only_on_request_and_never_sealed_again(desk: Desk) -> None:
    before = (desk.run / "manifest.json").read_bytes()
    with (desk.run / "journal.jsonl").open("a") as journal:
        journal.write("\n")
    drawn = (desk.run / "report.html").stat()
    for command in ("judge", "report"):
        assert desk.type(command, desk.run) == ExitCode.INCONCLUSIVE
        assert "changed: journal.jsonl" in desk.err.getvalue()
        assert "not read (--unsealed reads" in desk.err.getvalue()
    assert (desk.run / "report.html").stat() == drawn
    assert desk.type("report", desk.run, "--unsealed") == ExitCode.INCONCLUSIVE
    assert "not sealed again" in desk.err.getvalue()
    assert (desk.run / "manifest.json").read_bytes() == before
    assert desk.type("verify", desk.run) == ExitCode.FAIL


def test_a_killed_run_is_not_sealed_and_its_report_seals_it_late(desk: Desk) -> None:
    for name in ("manifest.json", "verdict.json", "report.html", "report.md", "junit.xml"):
        (desk.run / name).unlink()
    journal = (desk.run / "journal.jsonl").read_bytes()
    (desk.run / "journal.jsonl").write_bytes(journal[: len(journal) // 2])
    assert desk.type("verify", desk.run) == ExitCode.INCONCLUSIVE
    assert desk.type("judge", desk.run) == ExitCode.INCONCLUSIVE
    assert verify(desk.run).state is SealState.UNSEALED
    assert desk.type("report", desk.run) == ExitCode.PASS
    assert "sealed after the run" in desk.out.getvalue()
    assert desk.type("verify", desk.run) == ExitCode.PASS
    assert "late: after the run, not by it" in desk.out.getvalue()


def test_a_killed_run_under_another_name_is_drawn_and_gets_no_seal_of_a_false_run(desk: Desk) -> None:
    (desk.run / "manifest.json").unlink()
    copied = desk.run.rename(desk.run.parent / "the-run-of-monday")
    assert desk.type("report", copied) == ExitCode.INCONCLUSIVE
    assert "drawn, but not sealed: it holds run " in desk.err.getvalue()
    assert not (copied / "manifest.json").exists()
    copied.rename(desk.run)
    assert desk.type("report", desk.run) == ExitCode.PASS
    assert desk.type("verify", desk.run) == ExitCode.PASS


def test_a_run_is_signed_when_a_key_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path)
    asyncio.run(desk.finish(RunnerHarness(tmp_path, KILL), SIGNER))
    private, public = desk.keys()
    assert desk.type("verify", desk.run, "--key", public) == ExitCode.PASS
    assert f"signed by {SIGNER.public.fingerprint}" in desk.out.getvalue()
    assert desk.type("verify", desk.run) == ExitCode.PASS
    assert "give --key" in desk.out.getvalue()
    assert desk.type("report", desk.run) == ExitCode.BAD_INPUT
    assert "give --sign-key" in desk.err.getvalue()
    assert desk.type("report", desk.run, "--sign-key", private) == ExitCode.PASS
    (desk.run / "manifest.sig").write_bytes(b"0" * 64)
    assert desk.type("verify", desk.run, "--key", public) == ExitCode.FAIL
    assert "signature: " in desk.out.getvalue()


def test_what_someone_else_signed_is_not_signed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path)
    other = Signer(Ed25519PrivateKey.from_private_bytes(b"2" * 32))
    asyncio.run(desk.finish(RunnerHarness(tmp_path, KILL), other))
    private, _ = desk.keys()
    assert desk.type("report", desk.run, "--sign-key", private) == ExitCode.INCONCLUSIVE
    assert "not sealed again" in desk.err.getvalue()
    assert verify(desk.run, other.public).intact


@pytest.mark.parametrize("how", ["option", "environment"])
def test_an_unsigned_run_is_signed_afterwards_by_either_way_to_name_a_key(desk: Desk, how: str) -> None:
    private, public = desk.keys()
    words = ("--sign-key", private) if how == "option" else ()
    if how == "environment":
        desk.env["GAMEDAY_SIGN_KEY_FILE"] = str(private)
    assert desk.type("verify", desk.run, "--key", public) == ExitCode.FAIL
    assert desk.type("report", desk.run, *words) == ExitCode.PASS
    assert desk.type("verify", desk.run, "--key", public) == ExitCode.PASS


def test_a_key_that_others_can_read_is_reported(desk: Desk) -> None:
    private, _ = desk.keys()
    private.chmod(0o644)
    assert desk.type("report", desk.run, "--sign-key", private) == ExitCode.PASS
    assert "other users can read this private key" in desk.err.getvalue()
    assert "BEGIN" not in desk.out.getvalue() + desk.err.getvalue()


@pytest.mark.parametrize("words", [("run", "toy.yaml"), ("report", "{run}")])
def test_a_key_that_cannot_sign_is_bad_input_before_anything_is_started(
    desk: Desk, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "plans_of", lambda *_: ())
    before = (desk.run / "manifest.json").read_bytes()
    typed = [str(desk.run) if word == "{run}" else word for word in words]
    assert desk.type(*typed, "--sign-key", desk.folder / "toy.yaml") == ExitCode.BAD_INPUT
    assert "expected a private key in PEM" in desk.err.getvalue()
    assert (desk.run / "manifest.json").read_bytes() == before


def test_a_summary_of_several_runs_is_sealed_too(desk: Desk) -> None:
    assert desk.type("report", desk.run, desk.run) == ExitCode.PASS
    (summary,) = (desk.folder / "reports").glob("*-summary-*")
    assert desk.type("verify", summary) == ExitCode.PASS
    (summary / "junit.xml").write_text("<testsuites/>")
    assert desk.type("verify", summary) == ExitCode.FAIL


def test_reports_that_are_not_on_the_disk_when_they_are_read_again_are_no_success(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_again = seals.after_redrawing

    def lost(*given: Any) -> ExitCode:
        code = seal_again(*given)
        (desk.run / "report.html").unlink()
        return code

    monkeypatch.setattr(rejudge, "after_redrawing", lost)
    assert desk.type("report", desk.run) == ExitCode.HARNESS
    assert "is not what was just written" in desk.err.getvalue()


@pytest.mark.thorough
@pytest.mark.parametrize("options", [(), ("--unsealed",)])
@pytest.mark.parametrize("name", ["verdict.json", "report.html", "report.md", "junit.xml", "manifest.json"])
def test_what_a_link_in_a_run_folder_leads_to_is_never_written(
    desk: Desk, name: str, options: tuple[str, ...]
) -> None:
    outside = desk.folder / "outside"
    outside.write_bytes((desk.run / name).read_bytes() + b"\n")
    before = outside.read_bytes()
    (desk.run / name).unlink()
    (desk.run / name).symlink_to(outside)
    for command in ("judge", "report", "verify"):
        desk.type(command, desk.run, *(options if command != "verify" else ()))
        assert outside.read_bytes() == before, command
        assert "Traceback" not in desk.err.getvalue()
