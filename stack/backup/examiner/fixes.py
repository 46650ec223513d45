"""Every finding there is, and what to do about it."""

from __future__ import annotations

FIXES = {
    # the storage and the list
    "unreachable": "Mount the off-site storage, and give this examiner leave to read it.",
    "empty": "Take a backup now, then find out why the job that should have taken one did not.",
    "unfinished": "The job died before its end: look at its log and at the space off-site; take a new one.",
    "unreadable": "The list of backups is damaged: put its off-site copy in place, or make a new stanza.",
    "stale": "The backup job has stopped or fails before its end: look at its log, take a backup now.",
    # the stored bytes
    "truncated": "Take a new backup. A full disk or a killed copy cuts files off: look for either.",
    "zeroed_block": "Storage lost a block: check the off-site disk, take a new full backup, keep older ones.",
    "damaged": "Stored bytes changed: check the off-site disk, take a new full backup, keep older ones.",
    "missing_file": "A file is gone: find out who removes files off-site, take a new full backup.",
    "source_damaged": "Bad pages were copied: find the damage in the database, then take a new backup.",
    # what comes after the base
    "missing_wal": "No recovery gets past the gap: take a full backup at once, look at the archiver's log.",
    "damaged_wal": "No recovery gets past it: take a full backup at once, check the off-site disk.",
    "damaged_note": "Which generation is newest is unknown: take a dump, move the old generations away.",
    "missing_log": "No recovery gets past the gap: take a dump at once, look at the shipping job's log.",
    # the restore
    "wrong_major": "Restore with the server of that major version, or take a backup of the one in use.",
    "restore_failed": "Restore it by hand and read the log. Until it works it is no backup.",
    "target_unreached": "Nothing was archived, or committed, after that instant: choose an earlier one.",
    "target_before_backup": "No backup was complete by then: choose a later instant.",
    "archiving_on": "Never start a restored copy with archiving on: it writes into its own archive.",
    "still_in_recovery": "The copy never came out of recovery: read in its log which WAL it waits for.",
    # what was restored
    "no_rows": "The copy is whole but empty: find out what emptied the source, keep the older backups.",
    "too_few": "Rows are missing: compare with the source before older backups expire.",
    "old_rows": "Nothing recent is in it: check that the job copies the database that is in use.",
    "structure": "The copy lacks what the reference has: find out who dropped it, or renew the reference.",
    "semantics": "The content contradicts itself: find the cause in the source, keep the older backups.",
    "damaged_page": "Pages or indexes are damaged: find the damage in the source, keep the older backups.",
    "collation": "Text sorts differently here: rebuild text indexes after a restore, or use the same base.",
}
