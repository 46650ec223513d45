"""``merge_junit.py OUT CODE MEANING FILE...``: one JUnit file of a scheduled job, whatever became of it.

A job that broke must not leave a file in which everything passed, nor none at all: where the exit code is
that of a broken harness and no case says so, one is added. Standard library only: set-up may be what failed.
What cannot be read or written is one line and exit code 3.
"""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree as Xml

TOLD_BY_CHECKS = ("0", "1", "2")


def merged(files: list[Path], code: str, meaning: str) -> Xml.Element:
    """All suites of all files that are there, and what their totals are."""
    root = Xml.Element("testsuites", name="gameday")
    for file in files:
        if file.is_file():
            document = Xml.parse(file).getroot()
            root.extend(document if document.tag == "testsuites" else [document])
    if code not in TOLD_BY_CHECKS and not any(
        error.get("type") == "harness" for error in root.iterfind("testsuite/testcase/error")
    ):
        suite = Xml.SubElement(root, "testsuite", name="the job", tests="1", failures="0", errors="1")
        case = Xml.SubElement(suite, "testcase", classname="job.harness", name="the job ran to its end")
        Xml.SubElement(case, "error", type="harness", message=f"exit code {code}: {meaning}")
    for total in ("tests", "failures", "errors", "skipped"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in root)))
    return root


def main(words: list[str]) -> int:
    out, code, meaning, *files = words
    try:
        root = merged([Path(file) for file in files], code, meaning)
        Xml.indent(root)
        Path(out).write_text(
            Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n", encoding="utf-8"
        )
    except (OSError, Xml.ParseError) as error:
        print(f"merge_junit: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
