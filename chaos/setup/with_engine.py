"""Run a program so that ``docker`` in it finds the engine that gameday uses, and no other:

    python -m chaos.setup.with_engine docker run --rm hello-world

For the Makefile and scripts. A remote engine is refused before the program starts, as by ``gameday``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from chaos.engine import local_engine
from chaos.errors import ExitCode, GamedayError
from chaos.visible import visible


def main(argv: Sequence[str], env: Mapping[str, str]) -> int:
    """Replaces this process with the program. If that fails, returns an exit code."""
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
