"""Reads a whole project: merges its files and what they include and extend, and adds the env files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

from chaos.errors import BadInput, Problem
from chaos.files import is_file
from chaos.scenario.composed.interpolation import UNKNOWN, interpolate
from chaos.scenario.composed.located import problem_in
from chaos.scenario.composed.merge import as_mapping, merged
from chaos.scenario.composed.text import OverrideTag, read_documents

_MOST_NAME = 200  # characters of a service's name; it goes into the names of files
_SHOWN = 40  # characters of such a name in a message
_MAX_EXTENDED = 20  # services that extend each other in a chain


@dataclass
class Project:
    """``services``, ``volumes`` and ``networks`` as Compose has them; lists of pairs and names are mappings.

    ``name``: COMPOSE_PROJECT_NAME, else ``name:`` of the files, else the name of the first file's folder.
    ``notes``: what could not be followed, as sentences. ``more_variables``: services with an env file that
    cannot be read here. ``from_files``: service -> its variables that only an env file gives.
    """

    services: dict[str, dict[str, object]]
    volumes: dict[str, Mapping[str, object]]
    networks: dict[str, Mapping[str, object]]
    configs: dict[str, Mapping[str, object]] = field(default_factory=dict)
    secrets: dict[str, Mapping[str, object]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    more_variables: set[str] = field(default_factory=set)
    from_files: dict[str, frozenset[str]] = field(default_factory=dict)
    name: str = ""


def read_project(files: Sequence[Path], shown: str) -> Project:
    """The project of these files, the later merged onto the earlier. BadInput names the file at fault.

    ``shown``: the first file as the user named it. Variables come from this process and from the ``.env``
    beside the first file, as for Compose.
    """
    reader = _ProjectReader()
    variables = _variables(files[0].parent / ".env", os.environ) | dict(os.environ)
    names = [shown, *(str(file) for file in files[1:])]
    whole: dict[str, object] = {}
    named = list(zip(files, names, strict=True))
    for file, name in named:
        whole = merged(whole, reader.file(file, name, variables, (), Path(os.path.abspath(files[0].parent))))
    services = whole.get("services")
    if not isinstance(services, dict) or not services:
        message = "expected a compose file with a mapping of services"
        raise BadInput([problem_in(named, ("services",), message, key=False)])
    project = Project(
        {},
        volumes=_mappings(whole.get("volumes")),
        networks=_mappings(whole.get("networks")),
        configs=_mappings(whole.get("configs")),
        secrets=_mappings(whole.get("secrets")),
        notes=reader.notes,
        name=_name(whole, variables, files[0]),
    )
    for name, body in services.items():
        if not isinstance(body, dict):
            message = f"service {name}: expected a mapping"
            raise BadInput([problem_in(named, ("services", name), message, key=False)])
        if "->" in name or len(name) > _MOST_NAME:
            message = f"no service can be called {name[:_SHOWN]!r}"
            fix = "use letters, digits, dots, dashes and underscores"
            raise BadInput([problem_in(named, ("services", name), message, fix)])
        project.services[name] = _with_env_files(name, body, variables, project)
    return project


class _ProjectReader:
    """Reads files and follows what they refer to."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def file(
        self,
        path: Path,
        shown: str,
        variables: Mapping[str, str],
        reading: tuple[Path, ...],
        folder: Path,
    ) -> dict[str, object]:
        """One file with everything that it includes and extends, and with its tags, which count for the files
        before it. ``folder``: at which its relative paths start.
        """
        here = path.resolve()
        if here in reading:
            message = "this file includes or extends itself"
            raise BadInput([problem_in([(path, shown)], ("include",), message, "remove that reference")])
        whole: dict[str, object] = {}
        for document in read_documents(path, shown, variables):
            document.pop("version", None)
            for name, given in _mapping(document.get("services")).items():
                body = given.value if isinstance(given, OverrideTag) else given
                if isinstance(body, dict):
                    _root_paths(body, folder)
                    self._root_extended(name, body, here, folder)
            for key in ("configs", "secrets"):
                for declared in _mapping(document.get(key)).values():
                    if isinstance(declared, dict) and declared.get("file"):
                        declared["file"] = str(folder / str(declared["file"]))
            included: dict[str, object] = {}
            for entry in _list(document.pop("include", None)):
                part = self._included(entry, here, variables, (*reading, here), folder)
                included = merged(included, part, keep=True)
            whole = merged(whole, merged(included, document, keep=True), keep=True)
        services = _mapping(whole.get("services"))
        extended = {
            name: self._extended(name, body, services, variables, (*reading, here), 0)
            if isinstance(body, dict)
            else body
            for name, body in services.items()
        }
        return {**whole, "services": extended}

    def _included(
        self,
        entry: object,
        by: Path,
        variables: Mapping[str, str],
        reading: tuple[Path, ...],
        beside: Path,
    ) -> dict[str, object]:
        body = entry if isinstance(entry, dict) else {"path": entry}
        whole: dict[str, object] = {}
        first: Path | None = None
        for number, written in enumerate(_list(body.get("path"))):
            if _remote(str(written)):
                self.notes.append(f"{by.name} includes {written} on another machine; gameday did not read it")
                continue
            path = beside / str(written)
            first = first or path
            folder = beside / str(body["project_directory"]) if "project_directory" in body else first.parent
            env_files = _list(body.get("env_file")) or [folder / ".env"]
            given: dict[str, str] = {}
            for file in env_files:
                given |= _variables(beside / str(file), given | dict(variables))
            if number == 0 and not is_file(path):
                message = f"no such file {written}, named by `include` of {by.name}"
                raise BadInput([problem_in([(by, str(by))], ("include",), message)])
            part = self.file(path, str(path), given | dict(variables), reading, folder)
            part.pop("name", None)  # that of the project which includes it counts
            whole = merged(whole, part)
        return whole

    def _root_extended(self, name: str, body: dict[str, object], by: Path, folder: Path) -> None:
        """Note in ``extends`` the path of the other file, so that it survives merging."""
        extends = body.get("extends")
        if isinstance(extends, str):
            body["extends"] = {"service": extends}
        elif isinstance(extends, dict) and extends.get("file"):
            if _remote(str(extends["file"])):
                far = extends["file"]
                self.notes.append(f"{name} extends {far} on another machine; gameday did not read it")
                del body["extends"]
            else:
                other = folder / str(extends["file"])
                extends["file"] = None if other.resolve() == by else str(other)

    def _extended(
        self,
        name: str,
        body: dict[str, object],
        services: Mapping[str, object],
        variables: Mapping[str, str],
        reading: tuple[Path, ...],
        depth: int,
    ) -> dict[str, object]:
        extends = body.get("extends")
        if not isinstance(extends, dict):
            return body
        other, file = str(extends.get("service", name)), extends.get("file")
        if depth > _MAX_EXTENDED:
            raise BadInput([_extending(reading[-1], name, f"service {name} extends itself")])
        known = services
        if file:
            path = Path(str(file))
            known = _mapping(self.file(path, str(path), variables, reading, path.parent).get("services"))
        base = known.get(other)
        if not isinstance(base, dict):
            message = f"service {name} extends {other}, but {file or 'this file'} has no such service"
            raise BadInput([_extending(reading[-1], name, message)])
        base = self._extended(other, base, known, variables, reading, depth + 1)
        rest = {key: value for key, value in body.items() if key != "extends"}
        return merged({key: value for key, value in base.items() if key != "extends"}, rest, depth=2)


def _name(whole: Mapping[str, object], variables: Mapping[str, str], first: Path) -> str:
    """In the order in which Compose looks for it; a name with a variable that has no value is none."""
    given = str(whole.get("name") or "")
    own = "" if UNKNOWN in given else given
    return variables.get("COMPOSE_PROJECT_NAME") or own or first.resolve().parent.name


def _extending(file: Path, service: str, message: str) -> Problem:
    return problem_in([(file, str(file))], ("services", service, "extends"), message)


def _with_env_files(
    name: str, body: Mapping[str, object], variables: Mapping[str, str], project: Project
) -> dict[str, object]:
    """A service in long form, with the variables of its env files beneath its own."""
    found = {key: as_mapping(key, value) for key, value in body.items() if value is not None}
    environment: dict[str, object] = {}
    for entry in _list(found.get("env_file")):
        path = Path(str(entry.get("path") if isinstance(entry, dict) else entry))
        if is_file(path) and os.access(path, os.R_OK):
            environment |= _variables(path, variables)
        else:
            project.more_variables.add(name)
            project.notes.append(
                f"{name}: its env file {path.name} {_missing(path)}, so the variables in it are unknown"
            )
    own = found.get("environment")
    project.from_files[name] = frozenset(environment) - frozenset(own if isinstance(own, dict) else ())
    if isinstance(own, dict):  # a variable without a value has that of the project
        environment |= {key: variables.get(key) if value is None else value for key, value in own.items()}
    if environment:
        found["environment"] = environment
    return found


def _root_paths(body: dict[str, object], folder: Path) -> None:
    """Make the host paths of a service absolute, as Compose does file by file."""
    _root_env_files(body, folder)
    volumes = body.get("volumes")
    if isinstance(volumes, list):
        body["volumes"] = [_rooted(entry, folder) for entry in volumes]
    elif isinstance(volumes, OverrideTag) and isinstance(volumes.value, list):
        body["volumes"] = OverrideTag([_rooted(entry, folder) for entry in volumes.value])


def _rooted(volume: object, folder: Path) -> object:
    """An entry of ``volumes``; names of volumes stay as they are."""
    if isinstance(volume, dict):
        source = str(volume.get("source", ""))
        return {**volume, "source": _absolute(source, folder)} if source else volume
    source, colon, rest = str(volume).partition(":")
    return f"{_absolute(source, folder)}:{rest}" if colon else volume


def _absolute(source: str, folder: Path) -> str:
    relative = source.startswith((".", "~"))
    return os.path.abspath(folder / os.path.expanduser(source)) if relative else source


def _root_env_files(body: dict[str, object], folder: Path) -> None:
    entries = _list(body.get("env_file"))
    if entries:
        body["env_file"] = [
            {**entry, "path": str(folder / str(entry.get("path", "")))}
            if isinstance(entry, dict)
            else str(folder / str(entry))
            for entry in entries
        ]


def _missing(path: Path) -> str:
    return "cannot be read" if is_file(path) else "does not exist"


def _variables(path: Path, given: Mapping[str, str]) -> dict[str, str]:
    """The variables of an env file; none if it cannot be read. They may refer to those ``given`` and to those
    above them in the file.
    """
    try:
        read = dotenv_values(path, interpolate=False, encoding="utf-8-sig") if is_file(path) else {}
    except (OSError, UnicodeDecodeError):
        return {}
    found: dict[str, str] = {}
    for key, value in read.items():
        found[key] = interpolate(value or "", found | dict(given))
    return found


def _remote(written: str) -> bool:
    return "://" in written or written.startswith("git@")


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _mappings(value: object) -> dict[str, Mapping[str, object]]:
    return {name: _mapping(body) for name, body in _mapping(value).items()}
