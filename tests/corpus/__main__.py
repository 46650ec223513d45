"""``python -m tests.corpus``: judge every kept run and print the table of expected.tsv.

``python -m tests.corpus pack NAME FOLDER``: keep the run of a run folder under NAME.
``python -m tests.corpus keep FOLDER...``: keep runs of the suites that passed, or failed with a defect.
``python -m tests.corpus suites``: write docs/scenario-defects.md, and the table of docs/detection.md.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from chaos.verdict import judge
from tests.corpus import rules_page
from tests.corpus.archive import names, pack, recording
from tests.corpus.suites import PAGE, NotToKeepError, keep, page
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
    more = verbs.add_parser("keep", help="keep runs of the suites")
    more.add_argument("folders", type=Path, nargs="+")
    more.add_argument("--checkout", type=Path, default=Path(), help="as for pack")
    verbs.add_parser("suites", help="write the pages of the suites and the rules")
    given = parser.parse_args()
    if given.verb == "keep":
        _keep(given.folders, given.checkout)
        return
    if given.verb == "suites":
        PAGE.write_text(page(), encoding="utf-8")
        rules = rules_page.PAGE
        rules.write_text(rules_page.page(rules.read_text(encoding="utf-8")), encoding="utf-8")
        return
    if given.verb == "pack":
        path = pack(given.name, given.folder, given.checkout)
        print(f"{path}: {path.stat().st_size} bytes", file=sys.stderr)
        return
    print(table(line_of(name, judge(recording(name))) for name in names()), end="")


def _keep(folders: list[Path], checkout: Path) -> None:
    """Keep those that show what they should, and say of each other one why not."""
    for folder in folders:
        try:
            print(keep(folder, checkout), file=sys.stderr)
        except NotToKeepError as error:
            print(f"not kept: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
