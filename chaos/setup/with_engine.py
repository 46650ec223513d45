"""Runs a program in which ``docker`` uses the same engine as gameday:

    python -m chaos.setup.with_engine docker run --rm hello-world

For the Makefile and scripts. Like gameday, it refuses a remote engine, and then does not start the program.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from chaos.engine import local_engine
from chaos.errors import ExitCode, GamedayError
from chaos.visible import visible


def main(argv: Sequence[str], env: Mapping[str, str]) -> int:
    """Replaces this process with the program. Returns an exit code only if that fails."""
    if not argv:
        print("usage: python -m chaos.setup.with_engine PROGRAM [ARGUMENT...]", file=sys.stderr)
        return int(ExitCode.BAD_INPUT)
    try:
        os.execvpe(argv[0], list(argv), local_engine(env).environment(env))
    except GamedayError as error:
        print(visible(f"gameday: {error}"), file=sys.stderr)
        return int(error.exit_code)
    except OSError as error:
        print(visible(f"gameday: {argv[0]} cannot be run: {error.strerror}"), file=sys.stderr)
        return int(ExitCode.HARNESS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
