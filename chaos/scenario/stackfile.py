"""Finds and reads stack.yaml, and checks it against the compose file and the files that it names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from chaos.errors import BadInput, Problem
from chaos.files import is_file, is_folder
from chaos.model.project_files import override_beside
from chaos.model.stack import CLIENTS, Lever, LeverPhase, LoadProfile, Stack, as_link
from chaos.scenario.compose import ComposeProject, ComposeService, project_of
from chaos.scenario.copied import too_much_to_copy
from chaos.scenario.ledgers import check_ledger
from chaos.scenario.load_data import data_columns
from chaos.scenario.placeholders import placeholders, stray
from chaos.scenario.places import Document, Loc, read_document
from chaos.scenario.plain_words import problems_of
from chaos.scenario.profiles import misnamed_profiles
from chaos.scenario.secret_variables import secret_names
from chaos.scenario.spliceable import one_container_needed, too_many_networks, without_containers
from chaos.scenario.stack_parts import with_parts
from chaos.scenario.stand_ins import check_stand_ins
from chaos.suggestions import known_words

_BUILT_IN = frozenset({"uuid", "seq"})  # placeholders of a load profile besides the columns of its data


@dataclass(frozen=True)
class LoadedStack:
    """A stack that was read without problems, with its compose project. ``root`` is the folder of its
    stack.yaml.
    """

    stack: Stack
    root: Path
    file: str
    project: ComposeProject


def load_stack(path: Path, shown: str | None = None) -> LoadedStack:
    """Read and check one stack.yaml. BadInput with every problem."""
    file = shown or str(path)
    document = with_parts(read_document(path, file), path.resolve().parent)
    problems = list(document.problems)
    try:
        stack = Stack.model_validate(document.data)
    except ValidationError as error:
        raise BadInput([*problems, *problems_of(error, Stack, document)]) from None
    root = path.resolve().parent
    beside = override_beside(root / stack.compose)
    if beside is not None and "overrides" not in stack.model_fields_set:
        override = str(Path(stack.compose).parent / beside.name)
        stack = stack.model_copy(update={"overrides": [override]})
    project: ComposeProject | None = None
    try:
        project = project_of(stack, root, str(Path(file).parent / stack.compose))
    except BadInput as bad:
        problems.extend(bad.problems)
    else:
        problems.extend(_check_compose(stack, root, project, document))
    problems.extend(_check(stack, root, document))
    if problems or project is None:
        raise BadInput(problems)
    return LoadedStack(stack.hiding(secret_names(project.services, stack.stack)), root, file, project)


def _check(stack: Stack, root: Path, document: Document) -> Iterator[Problem]:
    yield from _check_names(stack, document)
    yield from _check_files(stack, root, document)
    yield from check_stand_ins(stack, root, document)
    for name, lever in stack.levers.items():
        yield from _check_lever(stack, name, lever, document)
    for name, profile in stack.load.items():
        yield from _check_profile(stack, root, name, profile, document)
    for name, facts in stack.ledgers.items():
        yield from check_ledger(stack, name, facts, document)


def _check_compose(
    stack: Stack, root: Path, project: ComposeProject, document: Document
) -> Iterator[Problem]:
    composed = project.services
    yield from _unknown_as_is(stack, root, project, document)
    for service in stack.services:
        if service == CLIENTS:
            message = f"{CLIENTS!r} stands for callers from outside and cannot be a service"
            yield document.problem(("services", service), message, key=True)
        elif service not in composed:
            message = f"service {service!r} is not in {stack.compose}"
            yield document.problem(("services", service), message, known_words(service, composed), key=True)
    yield from misnamed_profiles(stack, composed, document)
    yield from _without_network(stack, composed, document)
    yield from without_containers(stack, project, document)
    yield from too_many_networks(stack, project, document)
    yield from one_container_needed(stack, project, document)
    yield from too_much_to_copy(stack, root, project, document)


def _unknown_as_is(
    stack: Stack, root: Path, project: ComposeProject, document: Document
) -> Iterator[Problem]:
    """Entries of ``use_as_is`` that name nothing in the project: a typo would leave out data unnoticed."""
    folder = (root / stack.compose).parent
    for index, entry in enumerate(stack.use_as_is):
        kind, _, name = entry.partition(" ")
        known = {"volume": project.volumes, "network": project.networks}.get(kind, ())
        path = Path(os.path.abspath(folder / name))
        if not (path in project.binds if kind == "bind" else name in known):
            message = f"use_as_is: the compose file has no {kind} {name}"
            yield document.problem(("use_as_is", index), message, known_words(name, known) if known else "")


def _without_network(
    stack: Stack, composed: Mapping[str, ComposeService], document: Document
) -> Iterator[Problem]:
    """Links that cannot have a proxy, because one end is not on a network of the project."""
    for link in stack.link_names():
        for name in (link.client, link.target):
            mode = composed[name].network_mode if name in composed else ""
            if mode:
                message = (
                    f"no proxy can carry {link}: service {name} has network_mode {mode} in {stack.compose}"
                )
                fix = "give it a network of the project, or remove the link"
                yield document.problem(("links", str(link)), message, fix, key=True)


def _check_names(stack: Stack, document: Document) -> Iterator[Problem]:
    links = document.data.get("links")
    for link in links if isinstance(links, dict) else ():
        client, target = as_link(link).client, as_link(link).target
        for name in (client, target):
            if name not in stack.services and not (name == CLIENTS and name == client):
                message = f"link {link}: unknown service {name!r}"
                yield document.problem(("links", link), message, known_words(name, stack.services), key=True)
    named: list[tuple[Loc, str, bool]] = [(("paced", name), name, True) for name in stack.paced]
    named += [(("expose", name), name, True) for name in stack.expose]
    if stack.prometheus is not None:
        named.append((("prometheus", "service"), stack.prometheus.service, False))
    if (manager := stack.alertmanager) is not None:
        named.append((("alertmanager", "service"), manager.service, False))
        if manager.notifications is not None:
            place: Loc = ("alertmanager", "notifications", "service")
            named.append((place, manager.notifications.service, False))
    for loc, name, key in named:
        if name not in stack.services:
            yield document.problem(
                loc, f"unknown service {name!r}", known_words(name, stack.services), key=key
            )
    for name, backup in stack.backups.items():
        if backup.service not in stack.services:
            message = f"backup {name}: unknown service {backup.service!r}"
            fix = known_words(backup.service, stack.services)
            yield document.problem(("backups", name, "service"), message, fix)
    for name, breaker in stack.breakers.items():
        paced = [
            f"{service}.{variable}" for service, variables in stack.paced.items() for variable in variables
        ]
        if breaker.reset is not None and breaker.reset not in paced:
            message = f"breaker {name}: {breaker.reset!r} is not a paced variable"
            yield document.problem(("breakers", name, "reset"), message, known_words(breaker.reset, paced))


def _check_files(stack: Stack, root: Path, document: Document) -> Iterator[Problem]:
    files: list[tuple[Loc, str]] = []
    if stack.prometheus is not None:
        files.append((("prometheus", "config"), stack.prometheus.config))
        files += [(("prometheus", "rules", i), file) for i, file in enumerate(stack.prometheus.rules)]
    if stack.alertmanager is not None:
        files.append((("alertmanager", "config"), stack.alertmanager.config))
    for loc, file in files:
        if not is_file(root / file):
            yield document.problem(loc, f"no such file {file!r}", "paths are relative to stack.yaml")
    for key, folder in (("runbooks", stack.runbooks), ("procedures", stack.procedures)):
        if folder is not None and not is_folder(root / folder):
            yield document.problem((key,), f"no such folder {folder!r}", "paths are relative to stack.yaml")


def _check_lever(stack: Stack, name: str, lever: Lever, document: Document) -> Iterator[Problem]:
    for phase, action in lever.actions.items():
        loc = ("levers", name, phase.value)
        # Fault.stack_problems checks this case.
        undone_by_procedure = phase is LeverPhase.REVERT and action.empty
        if (action.http is None) == (action.command is None) and not undone_by_procedure:
            yield document.problem(loc, f"lever {name}, {phase}: expected exactly one of http, command")
        for kind, call in (("http", action.http), ("command", action.command)):
            if call is not None and call.service not in stack.services:
                message = f"lever {name}, {phase}: unknown service {call.service!r}"
                yield document.problem(
                    (*loc, kind, "service"), message, known_words(call.service, stack.services)
                )
        targets = {link.target for link in stack.link_names()}
        http = action.http
        if http is not None and http.port is None and http.service in set(stack.services) - targets:
            message = f"lever {name}, {phase}: no link leads to {http.service!r}, so its port is unknown"
            yield document.problem((*loc, "http"), message, "add port:")
        for text in stray(document.at(loc)):
            message = f"lever {name}, {phase}: a $ in {text!r} is not a placeholder"
            yield document.problem(loc, message, "write $$ for a dollar sign")
        for word in sorted(placeholders(document.at(loc)) - set(lever.params)):
            message = f"lever {name}, {phase}: ${word} is not a parameter of the lever"
            yield document.problem(loc, message, known_words(word, lever.params))


def _in_headers(profile: LoadProfile, loc: Loc, document: Document) -> set[str]:
    """The placeholders in the headers of its requests."""
    found: set[str] = set()
    for index in range(len(profile.requests)):
        found |= placeholders(document.at((*loc, "requests", index, "headers")))
    return found


def _check_profile(
    stack: Stack, root: Path, name: str, profile: LoadProfile, document: Document
) -> Iterator[Problem]:
    loc: Loc = ("load", name)
    if profile.entry not in stack.links:
        message = f"load profile {name}: unknown link {profile.entry}"
        yield document.problem(
            (*loc, "entry"), message, known_words(str(profile.entry), map(str, stack.links))
        )
    columns: set[str] = set()
    if profile.data is not None:
        path = root / profile.data
        if not is_file(path):
            message = f"load profile {name}: no such file {profile.data!r}"
            yield document.problem((*loc, "data"), message, "paths are relative to stack.yaml")
            return
        try:
            shown = str(Path(document.file).parent / profile.data)
            columns = set(data_columns(path, shown, _in_headers(profile, loc, document)))
        except BadInput as bad:
            yield from bad.problems
            return
    used: set[str] = set()
    for index in range(len(profile.requests)):
        here = (*loc, "requests", index)
        words = placeholders(document.at(here))
        used |= words
        for text in stray(document.at(here)):
            message = f"load profile {name}: a $ in {text!r} is not a placeholder"
            yield document.problem(here, message, "write $$ for a dollar sign")
        for word in sorted(words - columns - _BUILT_IN):
            message = f"load profile {name}: ${word} is neither built in nor a column of its data"
            yield document.problem(here, message, known_words(word, columns | _BUILT_IN))
    if profile.data is not None and not used & columns:
        message = f"load profile {name}: no request uses a column of {profile.data}"
        yield document.problem((*loc, "data"), message, f"columns: {', '.join(sorted(columns))}")
