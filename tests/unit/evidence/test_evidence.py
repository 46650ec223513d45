"""The seal of a folder: an intact folder has no finding, and every kind of change has its own finding."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from chaos.errors import EnvironmentProblem
from chaos.evidence import (
    MANIFEST,
    SIGNATURE,
    Reason,
    Seal,
    SealState,
    Signer,
    Verification,
    reseal,
    seal,
    verify,
)
from chaos.evidence.manifest import SCHEMA_VERSION

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(b"1" * 32))
OTHER = Signer(Ed25519PrivateKey.from_private_bytes(b"2" * 32))
PLAIN = Seal("0.1.0", 1_700_000_000.0)
SIGNED = Seal("0.1.0", 1_700_000_000.0, SIGNER)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "20261121T170156Z-toy-76a594"
    (path / "logs").mkdir(parents=True)
    (path / "offsite" / "backups").mkdir(parents=True)
    (path / "plan.json").write_text("{}")
    (path / "journal.jsonl").write_text("a line\n")
    (path / "logs" / "web.log").write_text("hello\n")
    (path / "report.html").write_text("<p>")
    (path / "offsite" / "backups" / "base").write_text("a database's own")
    return path


def kinds(found: Verification) -> set[str]:
    return {finding.kind for finding in found.findings}


@pytest.mark.parametrize("by", [PLAIN, SIGNED], ids=["plain", "signed"])
def test_an_untouched_folder_is_intact_and_raises_no_finding(folder: Path, by: Seal) -> None:
    manifest = seal(folder, by, Reason.RUN)
    found = verify(folder, by.signer.public if by.signer else None)
    assert (found.state, found.findings) == (SealState.INTACT, ())
    assert [entry.path for entry in manifest.files] == [
        "journal.jsonl",
        "logs/web.log",
        "plan.json",
        "report.html",
    ]
    assert (manifest.run, manifest.run_id, manifest.gameday) == (folder.name, "76a594", "0.1.0")
    assert manifest.sealed_at == "2023-11-14T22:13:20Z"
    assert "offsite/" in manifest.left_out


def test_off_site_storage_may_be_used_after_the_run(folder: Path) -> None:
    seal(folder, PLAIN, Reason.RUN)
    (folder / "offsite" / "backups" / "base").unlink()
    assert verify(folder).intact


def _link(folder: Path) -> None:
    """Replace a file by a link to the same bytes outside the folder, where they could change unnoticed."""
    (folder.parent / "copy").write_text("a line\n")
    (folder / "journal.jsonl").unlink()
    (folder / "journal.jsonl").symlink_to(folder.parent / "copy")


def _deeper(folder: Path) -> None:
    """Add an offsite/ deeper in the folder. Only the one at the top is left out."""
    (folder / "logs" / "offsite").mkdir()
    (folder / "logs" / "offsite" / "x").write_text("")


def _fifo(folder: Path) -> None:
    os.mkfifo(folder / "pipe")


def _offsite_link(folder: Path) -> None:
    (folder / "offsite").rename(folder.parent / "elsewhere")
    (folder / "offsite").symlink_to(folder.parent / "elsewhere")


CHANGES: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "one byte": (lambda f: (f / "journal.jsonl").write_text("b line\n"), "changed", "journal.jsonl"),
    "a line more": (
        lambda f: (f / "journal.jsonl").write_text("a line\nb\n"),
        "changed",
        "7 bytes",
    ),
    "emptied": (lambda f: (f / "logs" / "web.log").write_text(""), "changed", "logs/web.log"),
    "a link in its place": (_link, "changed", "journal.jsonl"),
    "gone": (lambda f: (f / "logs" / "web.log").unlink(), "missing", "logs/web.log"),
    "a new one": (lambda f: (f / "logs" / "more.log").write_text(""), "added", "logs/more.log"),
    "a hidden one": (lambda f: (f / ".note").write_text("x"), "added", ".note"),
    "a pipe": (_fifo, "added", "pipe"),
    "an empty folder": (lambda f: (f / "more").mkdir(), "added", "more/"),
    "a seal that was cut off": (lambda f: (f / "manifest.part").write_text("x"), "added", "manifest.part"),
    "a link for offsite": (_offsite_link, "added", "offsite"),
    "an offsite deeper down": (_deeper, "added", "logs/offsite/x"),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("by", [PLAIN, SIGNED], ids=["plain", "signed"])
def test_every_later_change_is_reported_by_its_kind(folder: Path, by: Seal, name: str) -> None:
    change, kind, words = CHANGES[name]
    seal(folder, by, Reason.RUN)
    change(folder)
    found = verify(folder)
    assert found.state is SealState.CHANGED
    assert [finding.kind for finding in found.findings] == [kind]
    assert words in found.findings[0].detail


def _edit(folder: Path, **values: object) -> None:
    path = folder / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "no JSON": lambda f: (f / MANIFEST).write_text("{"),
    "empty": lambda f: (f / MANIFEST).write_text(""),
    "cut off": lambda f: (f / MANIFEST).write_bytes((f / MANIFEST).read_bytes()[:-9]),
    "no files": lambda f: (f / MANIFEST).write_text('{"schema_version": 1}'),
    "an unknown key": lambda f: _edit(f, surprise=1),
    "a file twice": lambda f: _edit(f, files=json.loads((f / MANIFEST).read_text())["files"] * 2),
    "a sum that is none": lambda f: _edit(f, files=[{"path": "a", "size": 1, "sha256": "A" * 64}]),
    "binary": lambda f: (f / MANIFEST).write_bytes(b"\xff\x00"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_manifest_is_a_change(folder: Path, name: str) -> None:
    seal(folder, PLAIN, Reason.RUN)
    DAMAGES[name](folder)
    found = verify(folder)
    assert found.state is SealState.CHANGED
    assert kinds(found) == {"manifest"}


def test_a_manifest_of_a_later_gameday_is_unknown(folder: Path) -> None:
    seal(folder, PLAIN, Reason.RUN)
    _edit(folder, schema_version=SCHEMA_VERSION + 1, surprise=True)
    found = verify(folder)
    assert found.state is SealState.UNKNOWN
    assert f"schema version {SCHEMA_VERSION + 1}" in found.findings[0].detail


def test_a_manifest_that_was_rewritten_to_hide_a_change_fails_its_signature(folder: Path) -> None:
    seal(folder, SIGNED, Reason.RUN)
    (folder / "report.html").write_text("<p>all was well")
    forged = (folder / SIGNATURE).read_bytes()
    honest = json.loads((folder / MANIFEST).read_text())["key"]
    seal(folder, PLAIN, Reason.RUN)  # which is possible without the key
    assert kinds(verify(folder, SIGNER.public)) == {"signature"}  # there is no signature
    _edit(folder, key=honest)
    (folder / SIGNATURE).write_bytes(forged)
    assert kinds(verify(folder)) == {"signature"}
    seal(folder, Seal("0.1.0", 0.0, OTHER), Reason.RUN)
    assert verify(folder).intact  # consistent in itself, so only the known key detects the forgery
    found = verify(folder, SIGNER.public)
    assert found.state is SealState.CHANGED
    assert SIGNER.public.fingerprint in found.findings[0].detail


@pytest.mark.parametrize(
    "change",
    [
        lambda f: (f / SIGNATURE).unlink(),
        lambda f: (f / SIGNATURE).write_bytes(b""),
        lambda f: (f / SIGNATURE).write_bytes(b"0" * 64),
        lambda f: _edit(f, key=None),
        lambda f: _edit(f, key=OTHER.public.used().model_dump()),
        lambda f: _edit(f, key={**SIGNER.public.used().model_dump(), "public_key": "AAAA"}),
        lambda f: _edit(f, key={**SIGNER.public.used().model_dump(), "fingerprint": "0" * 64}),
        lambda f: _edit(f, sealed_at="2020-01-01T00:00:00Z"),
        lambda f: (f / MANIFEST).write_bytes((f / MANIFEST).read_bytes() + b" "),
    ],
    ids=[
        "gone",
        "empty",
        "zeros",
        "no key named",
        "another key",
        "no key",
        "no fit",
        "other date",
        "a blank",
    ],
)
@pytest.mark.parametrize("key", [None, SIGNER.public], ids=["without the key", "with the key"])
def test_a_bad_signature_is_reported_with_and_without_the_key(
    folder: Path, change: Callable[[Path], object], key: None
) -> None:
    seal(folder, SIGNED, Reason.RUN)
    change(folder)
    found = verify(folder, key)
    assert found.state is SealState.CHANGED
    assert kinds(found) == {"signature"}


def test_a_signature_without_its_manifest_is_a_change(folder: Path) -> None:
    seal(folder, SIGNED, Reason.RUN)
    (folder / MANIFEST).unlink()
    assert (verify(folder).state, kinds(verify(folder))) == (SealState.CHANGED, {"manifest"})


def test_no_manifest_no_run_and_what_cannot_be_read_are_three_things(folder: Path, tmp_path: Path) -> None:
    assert verify(folder).state is SealState.UNSEALED
    assert verify(tmp_path / "nowhere").state is SealState.NO_RUN
    assert verify(folder / "logs").state is SealState.NO_RUN
    assert verify(folder / "plan.json").state is SealState.NO_RUN
    (folder / MANIFEST).mkdir()
    assert verify(folder).state is SealState.UNKNOWN


def test_a_file_that_cannot_be_read_is_not_distinguished(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal(folder, PLAIN, Reason.RUN)

    def broken(place: Path, path: str) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("chaos.evidence.verification.entry_of", broken)
    assert verify(folder).state is SealState.UNKNOWN
    (folder / "report.html").unlink()
    assert verify(folder).state is SealState.CHANGED


def test_a_folder_that_cannot_be_listed_is_not_half_a_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal(folder, PLAIN, Reason.RUN)
    scandir = os.scandir

    def closed(path: str) -> object:
        if str(path).endswith("logs"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    assert verify(folder).state is SealState.UNKNOWN
    with pytest.raises(EnvironmentProblem, match=r"cannot seal .*: Permission denied"):
        seal(folder, PLAIN, Reason.RUN)


def test_sealing_again_reads_only_what_was_drawn_and_keeps_the_seal_before(folder: Path) -> None:
    first = seal(folder, PLAIN, Reason.RUN)
    (folder / "report.html").write_text("<p>anew")
    (folder / "journal.jsonl").write_text("slipped in\n")
    now = reseal(folder, SIGNED, [folder / "report.html"])
    assert now.reason is Reason.REDRAWN
    assert [(one.sealed_at, one.reason) for one in now.earlier] == [(first.sealed_at, Reason.RUN)]
    found = verify(folder, SIGNER.public)
    assert [finding.detail.partition(":")[0] for finding in found.findings] == ["journal.jsonl"]


def test_what_was_drawn_byte_for_byte_leaves_the_seal_alone(folder: Path) -> None:
    seal(folder, SIGNED, Reason.RUN)
    before = (folder / MANIFEST).read_bytes(), (folder / SIGNATURE).read_bytes()
    reseal(folder, Seal("9.9.9", 9.0, SIGNER), [folder / "report.html"])
    assert ((folder / MANIFEST).read_bytes(), (folder / SIGNATURE).read_bytes()) == before


def test_a_full_disk_leaves_no_half_manifest(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentProblem, match="No space left"):
        seal(folder, PLAIN, Reason.RUN)
    assert verify(folder).state is SealState.UNSEALED
    monkeypatch.undo()
    seal(folder, PLAIN, Reason.LATE)
    assert verify(folder).intact
    assert not (folder / "manifest.part").exists()


@settings(max_examples=60, deadline=None)
@given(
    files=st.dictionaries(st.from_regex(rb"[^/\0]{1,12}", fullmatch=True), st.binary(max_size=9), max_size=6)
)
def test_any_names_and_any_bytes_are_sealed_and_one_flipped_bit_is_reported(
    files: dict[bytes, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("run")
    (place / "plan.json").write_text("{}")
    for name, content in files.items():
        if name not in (b".", b"..", b"plan.json") and not name.startswith((b"manifest", b"offsite")):
            (place / os.fsdecode(name)).write_bytes(content)
    seal(place, PLAIN, Reason.RUN)
    assert verify(place).intact
    text = (place / MANIFEST).read_text(encoding="utf-8")
    assert not any(ord(letter) < 32 and letter != "\n" for letter in text)
    target = sorted(path for path in place.iterdir() if path.name != MANIFEST)[0]
    content = target.read_bytes() or b"\0"
    target.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    assert kinds(verify(place)) == {"changed"}


def public_pem() -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return SIGNER.public.key.public_bytes(serialization.Encoding.PEM, form)


def test_an_auditor_needs_only_openssl(folder: Path, tmp_path: Path) -> None:
    seal(folder, SIGNED, Reason.RUN)
    public = tmp_path / "public.pem"
    public.write_bytes(public_pem())
    words = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(public), "-rawin"]
    files = ["-in", str(folder / MANIFEST), "-sigfile", str(folder / SIGNATURE)]
    assert subprocess.run([*words, *files], capture_output=True, check=False).returncode == 0
    (folder / MANIFEST).write_bytes((folder / MANIFEST).read_bytes() + b" ")
    assert subprocess.run([*words, *files], capture_output=True, check=False).returncode != 0
