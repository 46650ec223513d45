"""``python -m chaos.setup doctor|images``: set-up without the rest of the harness."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from chaos.errors import ExitCode, GamedayError
from chaos.setup.prepare import prepare_images, run_doctor


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m chaos.setup")
    verbs = parser.add_subparsers(dest="verb", required=True)
    doctor = verbs.add_parser("doctor", help="what this machine lacks")
    doctor.add_argument("--mend", action="store_true", help="install and start what is missing")
    doctor.add_argument("--quiet", action="store_true", help="print only what is not ok")
    images = verbs.add_parser("images", help="pull or build what the stacks need")
    images.add_argument("stacks", nargs="*", type=Path, help="folders of stacks")
    images.add_argument("--source", help="auto, registry or build")
    arguments = parser.parse_args(argv)
    try:
        if arguments.verb == "doctor":
            return run_doctor(Path("reports"), mend_first=arguments.mend, quiet=arguments.quiet)
        prepare_images(arguments.stacks, arguments.source)
        return ExitCode.PASS
    except GamedayError as problem:
        print(f"gameday: {problem}", file=sys.stderr)
        return problem.exit_code


if __name__ == "__main__":
    sys.exit(main())
