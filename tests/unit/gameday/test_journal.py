"""The journal of a game day neither loses nor doubles an event."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.errors import DamagedRecording
from chaos.gameday import people_events as people
from chaos.gameday.events import Event
from chaos.gameday.journal import DayJournal, read_journal
from tests.gamedays import entry


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with DayJournal(path) as journal:
        written = [
            journal.append(entry("rob", people.Noticed, 5, words="slow")),
            journal.append(entry("cleo", people.Declared, 9, severity="SEV2")),
        ]
    assert list(read_journal(path)) == written
    with DayJournal(path) as again:
        assert list(again.events) == written


def test_the_same_key_of_the_same_author_is_one_event_also_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with DayJournal(path) as journal:
        first = journal.append(entry("rob", people.Acknowledged, 5, key="k"))
        assert journal.append(entry("rob", people.Acknowledged, 6, key="k")) is first
        journal.append(entry("cleo", people.Acknowledged, 6, key="k"))
    with DayJournal(path) as again:
        assert again.append(entry("rob", people.Acknowledged, 7, key="k")) == first
        assert len(again) == 2
    assert path.read_bytes().count(b"\n") == 2


def test_a_line_that_a_crash_cut_off_is_dropped_and_writing_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with DayJournal(path) as journal:
        first = journal.append(entry("rob", people.Noticed, 5))
    with path.open("ab") as stream:
        stream.write(b'{"event":"noticed","id":"half')
    with DayJournal(path) as again:
        second = again.append(entry("rob", people.Mitigated, 8))
    assert read_journal(path) == (first, second)


@pytest.mark.parametrize("line", [b"{}\n", b"no json\n", b'{"event":"unheard_of"}\n'])
def test_a_line_that_is_no_event_is_damage(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(line)
    with pytest.raises(DamagedRecording, match=r"journal\.jsonl:1"):
        read_journal(path)


def test_listeners_hear_of_each_event_once(tmp_path: Path) -> None:
    heard: list[Event] = []
    with DayJournal(tmp_path / "journal.jsonl") as journal:
        journal.listen(heard.append)
        event = journal.append(entry("rob", people.Noticed, 5, key="k"))
        journal.append(entry("rob", people.Noticed, 5, key="k"))
    assert heard == [event]
