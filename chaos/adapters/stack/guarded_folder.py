"""Temporary folders of gameday, which the watchdog removes if this process is killed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.adapters.stack.watchdog import Watchdog


@contextmanager
def guarded_folder(watchdog: Watchdog, prefix: str) -> Iterator[Path]:
    """A folder that only this user may read. It is removed afterwards, whatever happens."""
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        watchdog.guard_folder(folder)
        yield folder
    watchdog.forget_folder(folder)
