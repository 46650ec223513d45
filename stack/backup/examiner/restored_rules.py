"""Findings that only a restored PostgreSQL backup can show: structure, volume, semantics, integrity. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from examiner.model import Finding
from examiner.restored import Restored

NAME = "postgres"


def judge_restored(
    restored: Restored,
    reference: Collection[str],
    least_rows: Mapping[str, int],
    taken: float,
    newest_row_within: float,
) -> tuple[Finding, ...]:
    """``reference``: lines the structure must have; ``taken``: epoch seconds of the backup.

    ``newest_row_within``: seconds that the newest row may be older than it.
    """
    if restored.trouble is not None:
        return (Finding(NAME, *restored.trouble),)
    if restored.major != restored.server_major:
        detail = f"the data are of PostgreSQL {restored.major}, the server is {restored.server_major}"
        return (Finding(NAME, "wrong_major", detail),)
    found: list[Finding] = []
    if restored.archive_mode != "off":
        found.append(
            Finding(NAME, "archiving_on", f"archive_mode={restored.archive_mode or '?'} in the copy")
        )
    if restored.in_recovery:
        return (*found, Finding(NAME, "still_in_recovery", "pg_is_in_recovery() is still true"))
    found += _structure(restored, reference)
    found += _rows(restored, least_rows, taken, newest_row_within)
    found += _semantics(restored)
    if restored.pages:
        found.append(Finding(NAME, "damaged_page", restored.pages))
    if restored.collation_changed:
        found.append(Finding(NAME, "collation", "the version of the default collation has changed"))
    return tuple(found)


def _structure(restored: Restored, reference: Collection[str]) -> list[Finding]:
    lost = sorted(set(reference) - restored.structure)
    if not lost:
        return []
    more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
    return [Finding(NAME, "structure", "; ".join(lost[:3]) + more)]


def _rows(
    restored: Restored, least: Mapping[str, int], taken: float, newest_row_within: float
) -> list[Finding]:
    """Empty tables in one finding; when there are rows, whether they are enough and recent."""
    unreadable = [name for name in least if restored.counts.get(name) is None]
    counts = {name: restored.counts.get(name) or 0 for name in least if name not in unreadable}
    found = []
    if empty := [name for name, rows in counts.items() if rows == 0]:
        found.append(Finding(NAME, "no_rows", f"no row in {', '.join(empty)}"))
    if few := [f"{name}: {rows} of {least[name]}" for name, rows in counts.items() if 0 < rows < least[name]]:
        found.append(Finding(NAME, "too_few", "; ".join(few)))
    if unreadable and not restored.pages:
        found.append(Finding(NAME, "structure", f"can't be read: {', '.join(unreadable)}"))
    if restored.newest_row is not None and taken - restored.newest_row > newest_row_within:
        hours = (taken - restored.newest_row) / 3600
        found.append(Finding(NAME, "old_rows", f"the newest row is {hours:.0f} h older than the backup"))
    return found


def _semantics(restored: Restored) -> list[Finding]:
    """A rule that can't be asked is a finding too: nothing passes by not running. Bad pages explain it."""
    wrong = [
        f"{name}: {'cannot be asked' if rows is None else f'{rows} rows against it'}"
        for name, rows in restored.broken.items()
        if rows != 0 and not (rows is None and restored.pages)
    ]
    return [Finding(NAME, "semantics", "; ".join(wrong))] if wrong else []
