"""The programs the examiner uses, each called with a list of words and a deadline."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from examiner.model import CouldNotTellError


@dataclass(frozen=True)
class Output:
    code: int
    out: str
    err: str

    @property
    def ok(self) -> bool:
        return self.code == 0

    def last_line(self) -> str:
        """What the program said last, which is where its reason stands."""
        lines = [line.strip() for line in (self.err or self.out).splitlines() if line.strip()]
        return lines[-1] if lines else f"exit code {self.code}"


def run(
    argv: Sequence[str | Path], *, timeout: float = 120.0, env: Mapping[str, str] | None = None
) -> Output:
    """Raises CouldNotTellError when the program is missing or takes longer than ``timeout`` seconds."""
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            env={**os.environ, **(env or {})},
        )
    except subprocess.TimeoutExpired as problem:
        raise CouldNotTellError(f"{words[0]}: no end within {timeout:g} s") from problem
    except OSError as problem:
        raise CouldNotTellError(f"{words[0]}: {problem.strerror}") from problem
    return Output(done.returncode, done.stdout, done.stderr)


def must(argv: Sequence[str | Path], *, timeout: float = 120.0, env: Mapping[str, str] | None = None) -> str:
    """Its output; CouldNotTellError when it fails."""
    done = run(argv, timeout=timeout, env=env)
    if not done.ok:
        raise CouldNotTellError(f"{' '.join(str(word) for word in argv[:3])}: {done.last_line()}")
    return done.out
