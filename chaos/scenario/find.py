"""Which scenario files a user means: files, folders, suites or tags."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from chaos.errors import BadInput, Problem
from chaos.files import MAY_READ, files_in, is_file, is_folder
from chaos.scenario.places import read_document, read_text
from chaos.suggestions import known_words
from chaos.yaml_text import compose_documents

TAG_PREFIX = "tag:"
MOST_FILES = 200_000  # below a folder in which scenarios are looked for
MOST_YAML_FILES = 5_000
_OF_A_SCENARIO = frozenset({"scenario", "timeline"})
# A run folder holds copies of scenarios.
_NOT_SOURCES = frozenset({"reports", "generated", "node_modules"})


def find_scenarios(selectors: Sequence[str], root: Path) -> tuple[Path, ...]:
    """The files that ``selectors`` name, each once, in the order in which they were named.

    A selector is a file, a folder (every scenario below it), ``tag:NAME``, or a bare
    name: a suite, which is a folder of ``root`` or of ``root/scenarios``, or else a tag. BadInput if a
    selector matches nothing, or names a file that is a stack, a procedure, a compose file or alert rules.
    """
    found: dict[Path, Path] = {}
    problems: list[Problem] = []
    for selector in selectors:
        paths = _select(selector, root)
        if not paths:
            problems.append(_nothing(selector, root))
        for path in paths:
            problems.extend(_no_scenario(path))
            found.setdefault(Path(os.path.realpath(path)), path)  # a link to itself is no error here
    if problems:
        raise BadInput(problems)
    return tuple(found.values())


def _select(selector: str, root: Path) -> list[Path]:
    if selector.startswith(TAG_PREFIX):
        return _tagged(selector.removeprefix(TAG_PREFIX), root)
    for path in _places(selector, root):
        if is_file(path):
            return [path]
        if is_folder(path):
            return list(scenario_files(path))
    return [] if "/" in selector or selector.endswith((".yaml", ".yml")) else _tagged(selector, root)


def _places(selector: str, root: Path) -> tuple[Path, ...]:
    return Path(selector), root / selector, root / "scenarios" / selector


def scenario_files(folder: Path) -> Iterator[Path]:
    """Every scenario file below a folder, including those that may be scenarios but cannot be read."""
    for path in yaml_files(folder):
        try:
            data = read_document(path).data
        except BadInput:
            if not _several_others(path):
                yield path  # broken: the loader says how
            continue
        if _other_kind(data) is None:
            yield path


def yaml_files(folder: Path) -> list[Path]:
    """The YAML files below a folder, without those of runs and of hidden folders.

    Raises ``BadInput`` for a folder that this user may not list, and for a folder such as ``/``, whose
    files would take minutes to list and to read. A folder below it that may not be listed is left out: it
    may be the data of a database.
    """
    files_in(folder)
    found: list[Path] = []
    names = 0
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _NOT_SOURCES and not name.startswith("."))
        found += (Path(here) / name for name in sorted(files) if name.endswith(".yaml"))
        names += len(files)
        if names > MOST_FILES or len(found) > MOST_YAML_FILES:
            message = (
                f"more than {MOST_FILES} files, or {MOST_YAML_FILES} of them YAML, are below this folder"
            )
            raise BadInput([Problem.about(str(folder), message, "name the folder of the scenarios")])
    return found


def _other_kind(data: dict[str, object]) -> str | None:
    """The kind of a file that is not a scenario, else None. A scenario has the key ``stack`` too."""
    if _OF_A_SCENARIO & data.keys():
        return None
    if "gameday" in data:
        return "a game-day file"
    if "procedure" in data:
        return "a procedure"
    if "images" in data:
        return "a list of images"
    if "services" in data:
        return "a stack file" if "stack" in data else "a compose file"
    if "groups" in data:
        return "a file of alert rules"
    if "global" in data:
        return "a Prometheus configuration"
    return "a stack file" if "stack" in data and ("compose" in data or "links" in data) else None


def _several_others(path: Path) -> bool:
    """Is it a file with several documents and no scenario among them? A compose file may be such a file."""
    try:
        documents = compose_documents(read_text(path, str(path)))
    except (BadInput, yaml.YAMLError):
        return False
    keys = {
        key.value
        for document in documents
        if isinstance(document, yaml.MappingNode)
        for key, _ in document.value
        if isinstance(key, yaml.ScalarNode)
    }
    return len(documents) > 1 and not keys & _OF_A_SCENARIO


def _no_scenario(path: Path) -> list[Problem]:
    """One problem for a file of another kind, instead of one for each key that a scenario does not have."""
    try:
        kind = _other_kind(read_document(path).data)
    except BadInput:
        return []  # broken: the loader says how
    fix = {
        "a game-day file": "gameday validate and gameday host read it",
        "a stack file": "name a scenario that refers to it, or a folder of scenarios",
        "a procedure": "gameday reads it with its stack: name a scenario that runs it",
        "a compose file": f"gameday init {path} drafts a stack file and a scenario for it",
    }
    if kind is None:
        return []
    message = f"this is {kind}, not a scenario"
    return [Problem(str(path), 1, 1, message, fix.get(kind, "name a scenario"))]


def _tags(path: Path) -> list[str]:
    try:
        tags = read_document(path).data.get("tags")
    except BadInput:
        return []
    return [str(tag) for tag in tags] if isinstance(tags, list) else []


def _tagged(tag: str, root: Path) -> list[Path]:
    return [path for path in scenario_files(root) if tag in _tags(path)]


def _denied(selector: str, root: Path) -> Problem | None:
    """The problem of a path that this user may not look at: that does not mean that it is missing."""
    for path in _places(selector, root):
        try:
            os.stat(path)
        except PermissionError as error:
            return Problem.about(selector, f"cannot be read: {error.strerror}", MAY_READ)
        except (OSError, ValueError):
            continue
    return None


def _nothing(selector: str, root: Path) -> Problem:
    if not selector.startswith(TAG_PREFIX) and (denied := _denied(selector, root)) is not None:
        return denied
    if not selector.startswith(TAG_PREFIX) and any(is_folder(path) for path in _places(selector, root)):
        return Problem.about(selector, "no scenario below this folder", "check the path")
    name = selector.removeprefix(TAG_PREFIX)
    if "/" in name or name.endswith((".yaml", ".yml")):
        return Problem.about(selector, "no such file or folder", "check the path")
    files = list(scenario_files(root))
    tags = {tag for path in files for tag in _tags(path)}
    suites = {path.parent.name for path in files if path.parent.resolve() != root.resolve()}
    return Problem.about(
        selector, "no scenario file, folder or tag with this name", known_words(name, tags | suites)
    )
