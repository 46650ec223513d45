"""The PMS's database, its off-site dump and log: nothing acknowledged is lost, nothing half restored."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pms
import pms_admin
import pytest
from pms_backup import BackupError, dump, restore, ship, stored_files
from pms_ledger import GroupCommit, Ledger

ROOM = {"room": "1"}


def book(ledger: Ledger, *names: str) -> None:
    for name in names:
        ledger.add(name, {"id": name, **ROOM})


def names(path: Path) -> list[object]:
    return [each["id"] for each in Ledger(path).bookings()]


@pytest.fixture
def lost(tmp_path: Path) -> tuple[Path, Path]:
    """Off-site: a dump of a and b, logs of c, d and e. The database itself is gone; f was never shipped."""
    (tmp_path / "old").mkdir()
    ledger = Ledger(tmp_path / "old" / "ledger.jsonl")
    offsite = tmp_path / "offsite"
    book(ledger, "a", "b")
    dump(ledger, offsite)
    book(ledger, "c")
    ship(ledger, offsite)
    book(ledger, "d", "e")
    ship(ledger, offsite)
    book(ledger, "f")
    (tmp_path / "new").mkdir()
    return offsite, tmp_path / "new" / "ledger.jsonl"


def test_a_restore_is_the_dump_and_the_log_in_order(lost: tuple[Path, Path]) -> None:
    offsite, ledger = lost
    done = restore(offsite, ledger)
    assert (done.bookings, done.logs) == (5, 2)
    assert names(ledger) == ["a", "b", "c", "d", "e"]


def test_the_restored_database_goes_on_shipping_where_the_lost_one_ended(lost: tuple[Path, Path]) -> None:
    offsite, path = lost
    restore(offsite, path)
    ledger = Ledger(path)
    book(ledger, "g")
    shipped = ship(ledger, offsite)
    assert shipped is not None
    assert shipped.name == "log-000000005-000000006.jsonl"


def test_nothing_new_makes_no_file_but_says_when_it_looked(lost: tuple[Path, Path]) -> None:
    offsite, path = lost
    restore(offsite, path)
    (folder,) = offsite.iterdir()
    before = (folder / "shipped.json").read_text()
    assert ship(Ledger(path), offsite) is None
    assert (folder / "shipped.json").read_text() != before


def test_a_fresh_empty_database_never_becomes_the_newest_backup(lost: tuple[Path, Path]) -> None:
    offsite, path = lost
    fresh = Ledger(path.parent / "fresh.jsonl")
    book(fresh, "x")
    assert ship(fresh, offsite) is None
    assert restore(offsite, path).bookings == 5


def test_a_database_with_bookings_is_not_overwritten(lost: tuple[Path, Path]) -> None:
    offsite, path = lost
    book(Ledger(path), "precious")
    with pytest.raises(BackupError, match="holds bookings"):
        restore(offsite, path)
    assert names(path) == ["precious"]


def cut(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def turn_a_byte(file: Path) -> None:
    file.write_text(file.read_text().replace('"room": "1"', '"room": "2"', 1))


@pytest.mark.parametrize(
    ("name", "harm", "words"),
    [
        ("dump-000000002.jsonl", cut, "cut off"),
        ("dump-000000002.jsonl", turn_a_byte, "damaged"),
        ("log-000000002-000000003.jsonl", Path.unlink, "from position 2 to 3 is missing"),
        ("log-000000003-000000005.jsonl", Path.unlink, "from position 3 to 5 is missing"),
        ("log-000000003-000000005.jsonl", cut, "cut off"),
    ],
)
def test_a_broken_backup_restores_nothing(
    lost: tuple[Path, Path], name: str, harm: Callable[[Path], None], words: str
) -> None:
    offsite, path = lost
    (file,) = offsite.rglob(name)
    harm(file)
    with pytest.raises(BackupError, match=words):
        restore(offsite, path)
    assert not path.exists()


def test_an_older_database_does_not_stand_in_for_one_whose_note_is_damaged(
    lost: tuple[Path, Path], tmp_path: Path
) -> None:
    offsite, path = lost
    (tmp_path / "next").mkdir()
    later = Ledger(tmp_path / "next" / "ledger.jsonl")
    book(later, "z")
    dump(later, offsite)
    newest = max(offsite.glob("*/shipped.json"), key=lambda note: json.loads(note.read_text())["at"])
    newest.write_text('{"position": 1')
    with pytest.raises(BackupError, match=f"the newest generation is unknown.*{newest.parent.name}"):
        restore(offsite, path)
    assert not path.exists()


def test_no_dump_is_reported(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="no dump"):
        restore(tmp_path / "offsite", tmp_path / "ledger.jsonl")


def test_the_log_goes_on_before_a_dump_so_an_older_dump_still_suffices(lost: tuple[Path, Path]) -> None:
    offsite, path = lost
    restore(offsite, path)
    ledger = Ledger(path)
    book(ledger, "g")
    newest = dump(ledger, offsite)
    newest.unlink()
    assert any(each.last == 6 for each in stored_files(newest.parent))
    again = path.parent / "again.jsonl"
    assert restore(offsite, again).bookings == 6


class SlowDisk(Ledger):
    """Counts what it must make durable, and holds it up until it is let go."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.synced: list[int] = []
        self.begun = asyncio.Event()
        self.go = threading.Event()
        self._loop = asyncio.get_running_loop()

    def sync(self) -> None:
        self.synced.append(self.position)
        self._loop.call_soon_threadsafe(self.begun.set)
        assert self.go.wait(5)


async def test_bookings_share_an_fsync_but_none_is_acknowledged_before_one_that_began_after_it(
    tmp_path: Path,
) -> None:
    ledger = SlowDisk(tmp_path / "ledger.jsonl")
    commit = GroupCommit(ledger)
    book(ledger, "a")
    first = asyncio.create_task(commit.durable())
    await ledger.begun.wait()
    book(ledger, "b", "c")
    later = [asyncio.create_task(commit.durable()) for _ in range(2)]
    await asyncio.sleep(0)
    assert not first.done()
    ledger.go.set()
    await asyncio.gather(first, *later)
    assert ledger.synced == [1, 3]


async def test_a_disk_that_refuses_is_asked_again(tmp_path: Path) -> None:
    class Full(Ledger):
        room = False

        def sync(self) -> None:
            if not self.room:
                raise OSError(28, "No space left on device")

    ledger = Full(tmp_path / "ledger.jsonl")
    commit = GroupCommit(ledger)
    book(ledger, "a")
    with pytest.raises(OSError, match="No space"):
        await commit.durable()
    ledger.room = True
    await commit.durable()


def test_a_line_cut_by_a_crash_was_never_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    book(Ledger(path), "a", "b")
    path.write_bytes(path.read_bytes()[:-5])
    assert names(path) == ["a"]
    ledger = Ledger(path)
    book(ledger, "b")
    assert names(path) == ["a", "b"]


async def test_the_running_pms_dumps_and_ships_on_order(tmp_path: Path) -> None:
    catalogue = Path(__file__).parents[3] / "fixtures" / "rooms.csv"
    app = pms.make_app(catalogue, tmp_path / "ledger.jsonl", "key", tmp_path / "offsite")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://pms") as client:
        key = {"Authorization": "Bearer key"}
        for name in ("a", "b"):
            await client.post("/bookings", json={"id": name}, headers=key)
        assert (await client.post("/admin/dump")).json() == {"dump": "dump-000000002.jsonl", "bookings": 2}
        await client.post("/bookings", json={"id": "c"}, headers=key)
        assert (await client.post("/admin/ship")).json()["log"] == "log-000000002-000000003.jsonl"
    assert restore(tmp_path / "offsite", tmp_path / "new.jsonl").bookings == 3


async def test_off_site_storage_that_refuses_is_reported(tmp_path: Path) -> None:
    catalogue = Path(__file__).parents[3] / "fixtures" / "rooms.csv"
    (tmp_path / "offsite").write_text("a file where a folder should be")
    app = pms.make_app(catalogue, tmp_path / "ledger.jsonl", "key", tmp_path / "offsite")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://pms") as client:
        assert (await client.post("/admin/dump")).status_code == 507


def test_the_operators_restore_says_what_it_did(
    lost: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    offsite, path = lost
    monkeypatch.setenv("PMS_OFFSITE", str(offsite))
    monkeypatch.setenv("PMS_LEDGER", str(path))
    assert pms_admin.main(["restore"]) == 0
    assert json.loads(capsys.readouterr().out)["restored"] == 5
    assert pms_admin.main(["restore"]) == 1
    assert "holds bookings" in capsys.readouterr().err
    assert pms_admin.main(["unknown"]) == 1


async def test_the_log_goes_off_site_by_itself_and_goes_on_after_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rounds = 0
    shipped = asyncio.Event()

    def ship_at_the_second_try(ledger: Ledger, offsite: Path) -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise BackupError("off-site storage is away")
        shipped.set()

    monkeypatch.setattr(pms, "ship", ship_at_the_second_try)
    catalogue = Path(__file__).parents[3] / "fixtures" / "rooms.csv"
    app = pms.make_app(catalogue, tmp_path / "ledger.jsonl", "key", tmp_path / "offsite", ship_every=0)
    async with app.router.lifespan_context(app):
        await asyncio.wait_for(shipped.wait(), 5)
    assert "off-site storage is away" in caplog.text
