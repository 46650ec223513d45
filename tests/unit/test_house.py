"""Rules that hold for every file of the repository; each finder is shown to find what it looks for."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 400  # lines of one file; beyond it nobody reads it in one go
FROM_ELSEWHERE = ("chaos/report/vendor/",)  # kept as they came
GENERATED = (
    "reports/sample/report.html",
    "reports/sample/verdict.json",
    ".lock",
    ".schema.json",
    ".csv",
    "go.sum",
)

# The harness serves any stack: what the reference stack is about must not leak into it.
TRADE = re.compile(
    r"hotel|guest|booking|reservation|agente|whatsapp|/availability|check_in|check_out"
    r"|(?<![a-z])pms(?![a-z])|(?<!make )(?<![a-z])rooms?(?![a-z])",  # "make room" is plain English
    re.IGNORECASE,
)
# Which mirror is asked for packages is the machine's business. In pieces, or this file would name them.
PACKAGE_HOSTS = tuple(
    ".".join(pieces)
    for pieces in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("deb", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("registry", "npmjs", "org"),
        ("proxy", "golang", "org"),
        ("static", "crates", "io"),
    )
)
HOME = re.compile(r"(?<![\w.$}])/(?:root|work|Users/\w+|home/(?!me/)\w+)(?:/|\b(?=[\s\"'`]|$))", re.MULTILINE)
ELSEWHERE = re.compile(
    r"\.\./share[d]\b|\bshare[d]/\w+|(?<!Toxiproxy's )(?<!Toxiproxy )\bissue #?\d", re.IGNORECASE
)
# Words of somebody's desk, hashed so that they are not named here: first 16 digits of SHA-256.
DESK = frozenset({"fbb8037df8cc9050", "882ce330c6a80e9b", "40622135302ec6b0", "0db0a08c5e0fe022"})
TOKEN = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)+")
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


def desk_words(text: str, hashes: frozenset[str] = DESK) -> set[str]:
    tokens = set(TOKEN.findall(text.lower()))
    return {word for word in tokens if hashlib.sha256(word.encode()).hexdigest()[:16] in hashes}


def too_long(files: dict[str, str]) -> list[str]:
    lines = {name: text.count("\n") for name, text in files.items() if not name.endswith(GENERATED)}
    return [f"{name}: {count} lines" for name, count in lines.items() if count > LONGEST]


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


def test_no_package_registry_is_named() -> None:
    hosts = re.compile("|".join(map(re.escape, PACKAGE_HOSTS)), re.IGNORECASE)
    assert hosts.search("https://files." + PACKAGE_HOSTS[1] + "/packages")
    assert places(hosts) == []


def test_no_path_of_somebodys_machine_is_named() -> None:
    assert HOME.search('open("' + "/".join(("", "root", "x.txt")) + '")')
    assert HOME.search("/".join(("", "home", "anna", "stack")))
    assert not HOME.search("reports/root.yaml and docs/work")
    assert places(HOME) == []
    if len(ROOT.parts) > 2:  # a checkout at /app would be found in every Dockerfile
        assert places(re.compile(re.escape(str(ROOT)) + r"\b")) == []


def test_nothing_refers_to_what_a_reader_of_the_repository_cannot_see() -> None:
    assert ELSEWHERE.search("see ../" + "share" + "d/notes.md")
    assert places(ELSEWHERE) == []
    assert desk_words("use Some-Tool here", frozenset({hashlib.sha256(b"some-tool").hexdigest()[:16]}))
    assert [name for name, text in tracked().items() if desk_words(text)] == []


def test_no_file_is_too_long_to_be_read() -> None:
    assert too_long({"a.py": "\n" * 401, "b.py": "\n" * 400, "c.lock": "\n" * 900}) == ["a.py: 401 lines"]
    assert too_long(tracked()) == []


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
