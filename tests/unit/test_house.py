"""Rules that hold for every file of the repository; each finder is shown to find what it looks for."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 400  # lines
LONGEST_FUNCTION = 60  # lines: what fits a screen
FROM_ELSEWHERE = ("chaos/report/vendor/", "tests/browser/vendor/")  # kept as they came
GENERATED = (
    "reports/sample/report.html",
    "reports/sample/verdict.json",
    ".lock",
    ".schema.json",
    ".csv",
    "go.sum",
)

# gameday serves any stack: words of the reference stack's trade must not appear in it.
TRADE = re.compile(
    r"hotel|guest|booking|reservation|agente|whatsapp|/availability|check_in|check_out"
    r"|(?<![a-z])pms(?![a-z])|(?<!make )(?<![a-z])rooms?(?![a-z])",  # "make room" is plain English
    re.IGNORECASE,
)
BARE_STATE = re.compile(r"""\.(?:state|health)\s*(?:[!=]=|(?:not )?in)\s*\(?["'](?!["'])""")
# Path.exists and the like raise PermissionError; Path.glob finds nothing where this user may not look.
UNSAFE_LOOK = re.compile(r"\.(?:exists|is_file|is_dir)\(\)|\.glob\(\"[^\"/]*\"\)")
LEFT_OUT = re.compile(r"\bxfai[l]|\bskip(?:if)?\(|\bmark\.ski[p]|\bimportorski[p]", re.IGNORECASE)


@cache
def tracked() -> dict[str, str]:
    """Path -> text of every text file that git knows and that stands in the working tree."""
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    found: dict[str, str] = {}
    for name in names.split("\0"):
        path = ROOT / name
        if name and path.is_file() and not name.startswith(FROM_ELSEWHERE):
            body = path.read_bytes()
            if b"\0" not in body:
                found[name] = body.decode("utf-8")
    assert len(found) > 100
    return found


def places(pattern: re.Pattern[str], below: str = "") -> list[str]:
    """``file:line: words`` of every match."""
    return [
        f"{name}:{number}: {match.group()}"
        for name, text in tracked().items()
        if name.startswith(below)
        for number, line in enumerate(text.splitlines(), 1)
        for match in pattern.finditer(line)
    ]


def too_long(files: dict[str, str]) -> list[str]:
    lines = {name: text.count("\n") for name, text in files.items() if not name.endswith(GENERATED)}
    return [f"{name}: {count} lines" for name, count in lines.items() if count > LONGEST_FILE]


def long_functions(files: dict[str, str]) -> list[str]:
    return [
        f"{name}:{node.lineno}: {node.name} has {lines} lines"
        for name, text in files.items()
        if name.endswith(".py")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]


def test_the_harness_knows_no_word_of_the_trade_of_the_reference_stack() -> None:
    assert places(TRADE, "chaos/") == []
    assert [name for name in tracked() if name.startswith("chaos/") and TRADE.search(name)] == []


@pytest.mark.parametrize(
    "line",
    ["GET /availability", "the Guests", "pms.errors", "api->pms", "room_type", "two rooms", "check_in"],
)
def test_a_word_of_the_trade_is_found(line: str) -> None:
    assert TRADE.search(line)


@pytest.mark.parametrize("line", ["make room there", "available memory", "mushroom", "a suggestion"])
def test_plain_english_is_no_word_of_the_trade(line: str) -> None:
    assert not TRADE.search(line)


def test_no_state_is_compared_with_a_bare_string() -> None:
    found = places(BARE_STATE, "chaos/")
    assert [place for place in found if ".j2:" not in place] == []  # templates have text only
    assert BARE_STATE.search('if reading.state != "running":')
    assert BARE_STATE.search("up = seen.health in ('starting', \"\")")


def test_files_that_users_name_are_looked_at_through_chaos_files() -> None:
    of_users = [
        "app",
        "console",
        "evidence",
        "gameday",
        "model",
        "on_call",
        "post_mortem",
        "programme",
        "scenario",
    ]
    assert [place for part in of_users for place in places(UNSAFE_LOOK, f"chaos/{part}/")] == []
    assert UNSAFE_LOOK.search("if path.exists():")
    assert UNSAFE_LOOK.search('sorted(folder.glob("*.md"))')


def test_no_file_is_too_long_to_be_read() -> None:
    assert too_long({"a.py": "\n" * 401, "b.py": "\n" * 400, "c.lock": "\n" * 900}) == ["a.py: 401 lines"]
    assert too_long(tracked()) == []


def test_no_function_is_longer_than_a_screen() -> None:
    body = "    x = 1\n" * 60
    assert long_functions({"a.py": f"def short():\n    x = 1\n\n\ndef long():\n{body}"}) == [
        "a.py:5: long has 61 lines"
    ]
    assert long_functions(tracked()) == []


def test_no_test_is_left_out() -> None:
    assert LEFT_OUT.search("@pytest.mark." + "skip")
    assert LEFT_OUT.search("pytest.sk" + "ip('no engine')")
    assert places(LEFT_OUT, "tests/") == []


def units() -> Iterator[str]:
    """Top-level modules and packages of the harness that hold something."""
    for name in sorted({name.split("/")[1] for name in tracked() if name.startswith("chaos/")}):
        if name not in ("__init__.py", "py.typed"):
            yield f"chaos/{name}" + ("" if "." in name else "/")


def test_the_map_names_every_unit_and_nothing_that_is_gone() -> None:
    paths = re.compile(r"`((?:chaos|docs|bootstrap|stack|tests|bench)/[\w/.-]*)`")
    named = set(paths.findall(tracked()["docs/whats-here.md"]))
    assert set(units()) - named == set()
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_map_links_every_page() -> None:
    linked = set(re.findall(r"\]\(([\w/.-]+)\)", tracked()["docs/whats-here.md"]))
    pages = {name.removeprefix("docs/") for name in tracked() if re.fullmatch(r"docs/[\w-]+\.md", name)}
    assert pages - linked == {"whats-here.md"}


def test_every_decision_has_a_number_of_its_own() -> None:
    records = sorted(name for name in tracked() if name.startswith("docs/adr/"))
    numbers = [int(Path(name).name[:4]) for name in records]
    assert numbers == list(range(1, len(numbers) + 1))
    for name, number in zip(records, numbers, strict=True):
        assert tracked()[name].startswith(f"# {number}. "), name


def test_every_link_of_the_documentation_leads_somewhere() -> None:
    broken = [
        f"{name}: {target}"
        for name, text in tracked().items()
        if name.endswith(".md")
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
        if "://" not in target and not (ROOT / name).parent.joinpath(target).exists()
    ]
    assert broken == []


def test_every_make_target_that_is_named_exists_and_says_what_it_does() -> None:
    targets = dict(re.findall(r"^([a-z][\w-]*):[^=\n]*?(?:## (.*))?$", tracked()["Makefile"], re.MULTILINE))
    assert [name for name, words in targets.items() if not words] == []
    named = {
        (name, target)
        for name, text in tracked().items()
        if name.endswith((".md", ".ci/run"))
        for target in re.findall(r"(?:`|^ {4})make ([a-z][a-z-]*)", text, re.MULTILINE)
    }
    assert named
    assert [each for each in named if each[1] not in targets] == []
