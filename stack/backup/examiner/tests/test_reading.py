"""From files and tools' output to facts; the output is that of the real tools, shortened."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from examiner.model import CouldNotTellError
from examiner.pms_backups import read_generations
from examiner.redis_backup import read_sets
from examiner.repository import bad_files, expected_sizes, read_info, read_verify
from examiner.sealing import read_sections, seal, write_sections

INFO = {
    "archive": [{"id": "17-1", "max": "000000010000000000000003", "min": "000000010000000000000001"}],
    "backup": [
        {
            "archive": {"start": "000000010000000000000003", "stop": "000000010000000000000003"},
            "database": {"id": 1, "repo-key": 1},
            "error": False,
            "info": {"repository": {"delta": 6089093, "size": 6089093}, "size": 31335923},
            "label": "20261121-173937F",
            "timestamp": {"start": 1795282777, "stop": 1795282779},
            "type": "full",
        }
    ],
    "db": [{"id": 1, "version": "17"}],
    "repo": [{"key": 1, "status": {"code": 0, "message": "ok"}}],
    "status": {"code": 0, "message": "ok"},
}
VERIFY = """stanza: agente
status: error
  archiveId: 17-1, total WAL checked: 3, total valid WAL: {valid}
    missing: 0, checksum invalid: 0, size invalid: 0, other: {wal}
  backup: 20261121-173937F, status: invalid, total files checked: 1276, total valid files: 1264
    missing: 0, checksum invalid: {files}, size invalid: 0, other: 0
"""
MANIFEST = """[backup]
backup-label="20261121-173937F"

[target:file]
pg_data/PG_VERSION={"bni":1,"bno":100,"repo-size":22,"size":3}
pg_data/base/1={"bni":1,"bno":122,"repo-size":50,"size":8192}
pg_data/empty={"size":0}
pg_data/kept={"reference":"20261120-000000F","repo-size":9,"size":9}
pg_data/big={"repo-size":9000,"size":16384}
"""


def test_the_list_of_backups_is_read() -> None:
    repository = read_info(json.dumps([INFO]))
    (backup,) = repository.backups
    assert (backup.label, backup.major, backup.stopped, str(backup.wal and backup.wal.stop)) == (
        "20261121-173937F",
        "17",
        1795282779,
        "000000010000000000000003",
    )
    assert repository.status is None


def test_a_missing_stanza_keeps_the_tools_own_words() -> None:
    nothing = {"backup": [], "db": [], "status": {"code": 1}, "repo": [{"status": {"message": "missing"}}]}
    assert read_info(json.dumps([nothing])).status == "missing"


@pytest.mark.parametrize("text", ["", "[]", "{}", '[{"backup": [{}]}]'])
def test_another_answer_is_not_taken_for_health(text: str) -> None:
    with pytest.raises(CouldNotTellError):
        read_info(text)


def test_verification_is_read_from_its_text_because_its_exit_code_says_nothing() -> None:
    assert read_verify(VERIFY.format(valid=3, wal=0, files=12)) == ({"20261121-173937F": 12}, 0)
    assert read_verify(VERIFY.format(valid=2, wal=1, files=0)) == ({}, 1)


@pytest.mark.parametrize("text", ["", "stanza: agente\n", "all is well\n"])
def test_a_verification_that_says_something_else_is_not_taken_for_health(text: str) -> None:
    with pytest.raises(CouldNotTellError):
        read_verify(text)


def test_a_bundle_must_reach_to_the_end_of_its_last_file() -> None:
    assert expected_sizes(MANIFEST) == {"bundle/1": 172, "pg_data/big": 9000}


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    folder = tmp_path / "20261121-173937F"
    (folder / "bundle").mkdir(parents=True)
    (folder / "pg_data").mkdir()
    (folder / "backup.manifest").write_text(MANIFEST)
    (folder / "bundle" / "1").write_bytes(b"x" * 172)
    (folder / "pg_data" / "big.lz4").write_bytes(b"x" * 9000)
    return folder


def test_files_are_held_against_the_manifest(stored: Path) -> None:
    assert bad_files(stored, invalid=True) == []
    (stored / "bundle" / "1").write_bytes(b"x" * 171)
    assert [bad.harm for bad in bad_files(stored, invalid=False)] == ["truncated"]
    (stored / "bundle" / "1").unlink()
    assert [bad.harm for bad in bad_files(stored, invalid=False)] == ["missing_file"]
    (stored / "backup.manifest").unlink()
    assert [bad.harm for bad in bad_files(stored, invalid=False)] == ["missing_file"]


def test_a_file_is_not_taken_for_its_neighbour(stored: Path) -> None:
    for neighbour in ("big.1.lz4", "big_fsm.lz4", "bigger.lz4"):
        (stored / "pg_data" / neighbour).write_bytes(b"x")
    assert bad_files(stored, invalid=True) == []
    (stored / "pg_data" / "big.lz4").unlink()
    assert [bad.harm for bad in bad_files(stored, invalid=True)] == ["missing_file"]


def test_a_lost_block_is_looked_for_only_where_checksums_are_wrong(stored: Path) -> None:
    (stored / "pg_data" / "big.lz4").write_bytes(b"x" * 904 + bytes(4096) + b"x" * 4000)
    assert bad_files(stored, invalid=False) == []
    assert [bad.harm for bad in bad_files(stored, invalid=True)] == ["zeroed_block"]


def test_an_info_file_is_sealed_as_pgbackrest_does() -> None:
    text = """[backrest]
backrest-format=5
backrest-version="2.55.1"

[db]
db-id=1

[backrest]
backrest-checksum="?"
"""
    sections = read_sections(text)
    content = '{"backrest":{"backrest-format":5,"backrest-version":"2.55.1"},"db":{"db-id":1}}'
    assert seal(sections) == hashlib.sha1(content.encode()).hexdigest()
    assert read_sections(write_sections(sections)) == sections


def redis_set(folder: Path) -> Path:
    made = folder / "redis" / "20310101T230000Z"
    made.mkdir(parents=True)
    (made / "dump.rdb").write_bytes(b"REDIS" * 20)
    (made / "keys").write_text("3\n")
    (made / "sizes").write_text("100 ./dump.rdb\n2 ./keys\n")
    names = ("dump.rdb", "keys", "sizes")
    sums = [f"{hashlib.sha256((made / name).read_bytes()).hexdigest()}  ./{name}\n" for name in names]
    (made / "SHA256SUMS").write_text("".join(sums))
    return made


def harm_of(offsite: Path) -> tuple[tuple[str, str], ...]:
    sets = read_sets(offsite / "redis", verify=True)
    assert sets is not None
    return sets[0].harm


def test_redis_files_are_held_against_their_sums(tmp_path: Path) -> None:
    made = redis_set(tmp_path)
    assert harm_of(tmp_path) == ()
    (made / "dump.rdb").write_bytes(b"REDIS" * 10)
    assert harm_of(tmp_path) == (("./dump.rdb", "truncated"),)
    (made / "dump.rdb").write_bytes(b"redis" * 20)
    assert harm_of(tmp_path) == (("./dump.rdb", "damaged"),)
    (made / "dump.rdb").unlink()
    assert harm_of(tmp_path) == (("./dump.rdb", "missing_file"),)


def test_sums_that_were_cut_off_vouch_for_nothing(tmp_path: Path) -> None:
    made = redis_set(tmp_path)
    (made / "SHA256SUMS").write_text("")
    assert harm_of(tmp_path) == (("SHA256SUMS", "damaged"),)


def test_an_unfinished_redis_backup_is_seen_and_strange_names_are_left_alone(tmp_path: Path) -> None:
    (redis_set(tmp_path) / "SHA256SUMS").unlink()
    (tmp_path / "redis" / "notes").mkdir()
    sets = read_sets(tmp_path / "redis", verify=True)
    assert sets is not None
    assert [(each.label, each.finished) for each in sets] == [("20310101T230000Z", False)]


def test_storage_that_is_not_there_is_distinguished_from_storage_that_is_empty(tmp_path: Path) -> None:
    assert read_sets(tmp_path / "redis", verify=True) == ()
    assert read_sets(tmp_path / "gone" / "redis", verify=True) is None
    assert read_generations(tmp_path / "pms") == ()
    assert read_generations(tmp_path / "gone" / "pms") is None
