"""``confirm.py STARTED JUNIT... -- SELECTOR...``: does what a job left behind say that every scenario passed?

Exit code 0 of a job needs more than commands that end with 0: for every scenario that was asked for a run
folder, begun since ``STARTED`` (UTC, as the names of run folders begin), whose sealed verdict says PASS, with
its report; and JUnit files that hold cases and no failure. An INCONCLUSIVE run does not count if a later run
names it as the one that it replaces. What is missing is printed; the exit code is 3.
Standard library only, so that it does not rest on what it checks. Run it in the root of the repository.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as Xml

REPORTS = Path("reports")
SCENARIOS = Path("scenarios")
DRILL = SCENARIOS / "drill"
DRAWN = ("report.html", "report.md", "junit.xml")
NAME = re.compile(r"^scenario:\s*[\"']?(.+?)[\"']?\s*(?:#.*)?$", re.MULTILINE)
TAGS = re.compile(r"^tags:\s*\[([^\]]*)\]", re.MULTILINE)


def scenario_files(selector: str) -> list[Path]:
    """Files that a folder, a file, ``tag:NAME`` or the name of a scenario of the drill stands for."""
    if selector.startswith("tag:"):
        tag = selector.removeprefix("tag:")
        return [file for file in sorted(SCENARIOS.rglob("*.yaml")) if tag in tags_of(file)]
    named = DRILL / f"{selector}.yaml"
    path = named if named.is_file() else Path(selector)
    return sorted(path.rglob("*.yaml")) if path.is_dir() else [path] if path.is_file() else []


def tags_of(file: Path) -> set[str]:
    found = TAGS.search(file.read_text(encoding="utf-8"))
    return {tag.strip(" \"'") for tag in found.group(1).split(",")} if found else set()


def asked_for(selectors: list[str]) -> Iterator[str]:
    """Yields the scenario names. A selector that matches no file is yielded itself, and is then missing."""
    for selector in selectors:
        files = scenario_files(selector)
        if not files:
            yield selector
        for file in files:
            found = NAME.search(file.read_text(encoding="utf-8"))
            yield found.group(1) if found else str(file)


def run_problem(folder: Path) -> str:
    """Why a run folder proves no PASS, "" if it does."""
    try:
        content = (folder / "verdict.json").read_bytes()
        outcome = json.loads(content)["outcome"]
        sealed = {
            entry["path"]: entry for entry in json.loads((folder / "manifest.json").read_bytes())["files"]
        }
        sizes = {name: (folder / name).stat().st_size for name in DRAWN}
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"it cannot be read: {type(error).__name__}: {error}"
    if outcome != "PASS":
        return f"its verdict says {outcome}"
    if sealed.get("verdict.json", {}).get("sha256") != hashlib.sha256(content).hexdigest():
        return "its verdict is not the one that was sealed"
    missing = [name for name in DRAWN if not sizes[name] or sealed.get(name, {}).get("size") != sizes[name]]
    return f"its {', '.join(missing)} is not what was sealed" if missing else ""


def plan_of(folder: Path) -> tuple[str, str]:
    """The scenario of a run, and the folder of the run that it replaces; "" for what is not there."""
    try:
        plan = json.loads((folder / "plan.json").read_bytes())
        return str(plan["scenario"]["scenario"]), str(plan.get("rerun_of", ""))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "", ""


def unjudged(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / "verdict.json").read_bytes())["outcome"] == "INCONCLUSIVE")
    except (OSError, ValueError, KeyError, TypeError):
        return False


def problems_of_runs(started: str, selectors: list[str]) -> Iterator[str]:
    asked = list(asked_for(selectors))
    if not asked:
        yield "no scenario was asked for"
    runs: dict[str, list[Path]] = {}
    for folder in sorted(plan.parent for plan in REPORTS.glob("*/plan.json")):
        if folder.name >= started:
            name, replaces = plan_of(folder)
            earlier = runs.setdefault(name, [])
            runs[name] = [one for one in earlier if one.name != replaces or not unjudged(one)] + [folder]
    for name in asked:
        if name not in runs:
            yield f"scenario {name}: this job left no run of it"
    for name, folders in runs.items():
        for folder in folders:
            if problem := run_problem(folder):
                yield f"scenario {name or 'unknown'}: {folder}: {problem}"


def problems_of_junit(files: list[str]) -> Iterator[str]:
    if not files:
        yield "no JUnit file was written"
    for name in files:
        try:
            root = Xml.parse(name).getroot()
        except (OSError, Xml.ParseError) as error:
            yield f"{name}: {error}"
            continue
        if next(root.iter("testcase"), None) is None:
            yield f"{name}: it holds no test case"
        for kind in ("failure", "error"):
            if next(root.iter(kind), None) is not None:
                yield f"{name}: it holds a {kind}"


def visible(text: str) -> str:
    """Names come from files: on one line, and nothing in it that a CI server takes for a command."""
    plain = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
    return plain.replace("##", "#\\u0023")


def main(words: list[str]) -> int:
    started, *rest = words
    cut = rest.index("--")
    problems = [*problems_of_runs(started, rest[cut + 1 :]), *problems_of_junit(rest[:cut])]
    for problem in problems:
        print(f"not confirmed: {visible(problem)}")
    return 3 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
