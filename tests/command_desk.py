"""Types commands of gameday in one folder, and keeps what they print."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.cli import main


@dataclass
class Desk:
    folder: Path
    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)

    def type(self, *words: str) -> int:
        """The exit code; the streams hold what this command alone said."""
        for stream in (self.out, self.err):
            stream.seek(0)
            stream.truncate()
        return main(words, CommandContext(out=self.out, err=self.err, env={}, cwd=self.folder))

    @property
    def said(self) -> str:
        return self.err.getvalue()

    def names(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*"))
