"""``python -m tests.corpus``: judge every kept run and print the table of expected.tsv.

``python -m tests.corpus pack NAME FOLDER``: keep the run of a run folder under NAME.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from chaos.verdict import judge
from tests.corpus.archive import names, pack, recording
from tests.corpus.table import line_of, table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    verbs = parser.add_subparsers(dest="verb")
    keep = verbs.add_parser("pack", help="keep the run of a run folder")
    keep.add_argument("name")
    keep.add_argument("folder", type=Path)
    keep.add_argument(
        "--checkout", type=Path, default=Path(), help="where gameday ran; its paths become relative"
    )
    given = parser.parse_args()
    if given.verb == "pack":
        path = pack(given.name, given.folder, given.checkout)
        print(f"{path}: {path.stat().st_size} bytes", file=sys.stderr)
        return
    print(table(line_of(name, judge(recording(name))) for name in names()), end="")


if __name__ == "__main__":
    main()
