"""Where a voice message is kept while it is transcribed: a small disk of its own, which can be full."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def spooled(folder: Path | None, content: str) -> Iterator[None]:
    """`content` is on the disk meanwhile. Raises OSError when it does not fit. None: no spool is set."""
    if folder is None:
        yield
        return
    file = folder / f"{uuid.uuid4().hex}.audio"
    try:
        file.write_text(content, encoding="utf-8")
        yield
    finally:
        file.unlink(missing_ok=True)
