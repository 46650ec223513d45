"""``new``: writes a scenario from a few answers, given as flags or typed in."""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence

import yaml

from chaos.app.command_context import CommandContext
from chaos.errors import BadInput, ExitCode, Problem
from chaos.files import exists, make_folder, write_new_file
from chaos.model.links import CLIENTS
from chaos.model.project_files import STACK_FILE
from chaos.model.stack import Stack
from chaos.registry import kinds
from chaos.scenario import load_scenario, load_stack
from chaos.scenario.draft import REMEDY, scalar, schema_line
from chaos.scenario.schema import SCENARIO_SCHEMA
from chaos.suggestions import known_words
from chaos.timing import parse_duration
from chaos.visible import visible
from chaos.yaml_text import load_text

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
Ask = Callable[[str, Sequence[str]], str]


def run_new(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Writes scenarios/NAME.yaml; it passes ``gameday validate``. Never overwrites.

    Raises ``BadInput`` for an unknown fault or target, and for a parameter that does not fit.
    """
    loaded = load_stack(context.cwd / arguments.stack / STACK_FILE)
    ask: Ask = _asked if sys.stdin.isatty() and not arguments.fault else _needed
    fault = arguments.fault or ask("fault", sorted(kinds().faults))
    if fault not in kinds().faults:
        problem = f"unknown fault {fault!r}"
        raise BadInput([Problem.about("--fault", problem, known_words(fault, kinds().faults))])
    target = arguments.on or ask("on", [*loaded.stack.services, *map(str, loaded.stack.links)])
    if not _NAME.fullmatch(arguments.name):
        fix = "small letters, digits and hyphens, at most 64"
        raise BadInput([Problem.about("new", f"{arguments.name!r} is not a valid scenario name", fix)])
    text = _text(arguments.name, fault, target, arguments.set, _duration(arguments.hold), loaded.stack)
    path = loaded.root / "scenarios" / f"{arguments.name}.yaml"
    if path.parent.is_symlink():  # it may lead out of the folder that was asked for
        raise BadInput([Problem.existing_file(str(path.parent))])
    new = not exists(path.parent)
    make_folder(path.parent, REMEDY)
    if not write_new_file(path, schema_line(path, SCENARIO_SCHEMA) + text, REMEDY):
        raise BadInput([Problem.existing_file(str(path))])
    try:
        load_scenario(path)
    except BaseException:
        path.unlink()
        if new:
            path.parent.rmdir()
        raise
    context.say(f"wrote {context.shown(path)}")
    return ExitCode.PASS


def _text(name: str, fault: str, target: str, given: Sequence[str], hold: str, stack: Stack) -> str:
    what = "link" if "->" in target else "lever" if target in stack.levers else "service"
    params = "".join(f", {key}: {value}" for key, value in map(_parameter, given))
    entry = next((link.target for link in stack.links if link.client == CLIENTS), "")
    load = next(iter(stack.load), "")
    loaded = f"load: {{profile: {scalar(load)}, rate: 10/s}}\n" if load else ""
    return f"""\
scenario: {name}
title: {scalar(f"{fault} on {target}")}
tags: []
stack: {scalar(stack.stack)}
{loaded}steady_state:
  - http: {{service: {scalar(entry)}, path: {scalar(_path(stack))}, status: 200}}
timeline:                # production time; the pace compresses it
  - {{at: 1m, fault: {fault}, {what}: {scalar(target)}{params}, for: {hold}}}
expect:
  recovery: {{rto: 15m, budget: 30s, healthy_for: 5s}}
# State what you promise users during that time: degradation, detection (alerts), breaker (gameday kinds).
"""


def _duration(text: str) -> str:
    try:
        parse_duration(text)
    except ValueError as error:
        raise BadInput([Problem.about("--for", str(error))]) from None
    return text.strip()


def _parameter(word: str) -> tuple[str, str]:
    """Key and value, which stay one key and one value wherever YAML reads them."""
    key, _, value = word.partition("=")
    try:
        found = load_text(f"{{{key}: {value}}}")
    except yaml.YAMLError:
        found = None
    if not value or not isinstance(found, dict) or list(found) != [key]:
        message = f"expected PARAMETER=VALUE, got {word[:80]!r}"
        raise BadInput([Problem.about("--set", message, "write it as in YAML, such as latency=800ms")])
    return key, value


def _path(stack: Stack) -> str:
    """The first path without a placeholder that the load requests."""
    requests = [request for profile in stack.load.values() for request in profile.requests]
    paths = [request.request.partition(" ")[2] for request in requests if request.request.startswith("GET ")]
    return next((path for path in paths if "$" not in path), "/")


def _asked(what: str, known: Sequence[str]) -> str:
    print(visible(f"{what}? One of: {', '.join(known)}"), file=sys.stderr)
    return sys.stdin.readline().strip()


def _needed(what: str, known: Sequence[str]) -> str:
    message = f"--{what} is required without a terminal"
    raise BadInput([Problem.about("new", message, f"one of {', '.join(known)}")])
