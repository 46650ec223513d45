"""Writes first drafts for an unknown compose project: a stack.yaml and scenarios."""

from __future__ import annotations

import json
import os
import re
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml

from chaos.errors import BadInput, Problem
from chaos.files import is_file, write_new_files
from chaos.model.project_files import STACK_FILE
from chaos.model.stack import CLIENTS, ServiceRole, Stack
from chaos.registry import kinds
from chaos.scenario.edges import DraftRemark
from chaos.scenario.guess import Guess, guess
from chaos.scenario.schema import FOLDER, SCENARIO_SCHEMA, STACK_SCHEMA
from chaos.visible import one_line

REMEDY = "free some space there, or make the folder writable"
_PLAIN = re.compile(r"[A-Za-z_./][\w./ >-]*(?<! )$", re.ASCII)
_NOT_TEXT = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n"))  # in some YAML
_WIDTH = 106


def scalar(text: str) -> str:
    """``text`` as a YAML value that every parser reads as this text, in quotes where it needs them."""
    plain = _PLAIN.match(text) and text.lower() not in _NOT_TEXT and " #" not in text
    return text if plain and yaml.safe_load(text) == text else json.dumps(text, ensure_ascii=False)


def draft_stack(facts: Guess) -> str:
    """Text of a first stack.yaml; it passes ``gameday validate`` as it is."""
    services = "\n".join(_draft_service(facts, name) for name in facts.roles)
    links = "\n".join(f"  {scalar(name)}: {port}" for name, port in facts.links.items())
    overrides = f"overrides: [{', '.join(map(scalar, facts.overrides))}]\n" if facts.overrides else ""
    others = "runbooks" if facts.secrets else "runbooks,\n# redact"
    return f"""\
# What gameday needs to know about this stack: a first draft, guessed from {one_line(facts.compose)}.
# Read it, then edit it.
stack: {scalar(facts.name)}
compose: {scalar(facts.compose)}
{overrides}
# role decides how a service is pinged: app, http, postgres, redis, prometheus or other.
# Add tier: 1 (most critical) to 4 where you have tiers.
services:
{services}

# client->target: port of the target inside the network. A run can break each link on its own.
# Guessed from depends_on, from addresses in the environment and in commands, and from the default ports of
# known images.
links:
{links}
{_draft_remarks(facts.remarks)}
# What clients send while a scenario runs. Write what your clients really request; gameday fills in $uuid
# and $seq.
load:
  {CLIENTS}:
    entry: {scalar(f"{CLIENTS}->{facts.entry}")}
    requests:
      - {{request: {scalar(f"GET {facts.probe_path}")}}}

{facts.monitoring}# What you promise for each service: longest outage (rto) and data loss (rpo), as times.
# objectives:
{_draft_objectives(facts)}
# Also known here, each optional: prometheus (alerts and their deadlines), paced (variables that shrink
# with the pace), breakers, degraded_header, levers (application faults), expose, {others}.
{_draft_redact(facts.secrets)}"""


def _draft_objectives(facts: Guess) -> str:
    """As comments: no compose file says what you promise."""
    stores = {name for name, role in facts.roles.items() if role in (ServiceRole.POSTGRES, ServiceRole.REDIS)}
    named = [name for name in facts.roles if name == facts.entry or name in stores]
    return "\n".join(
        f"#   {scalar(name)}: {{rto: {'4h' if name in stores else '1h'}, rpo: 1h}}" for name in named
    )


def _draft_service(facts: Guess, name: str) -> str:
    profile = f", profile: {scalar(facts.profiles[name])}" if name in facts.profiles else ""
    job = ", one_shot: true" if name in facts.jobs else ""
    return f"  {scalar(name)}: {{role: {facts.roles[name]}{profile}{job}}}"


def _draft_remarks(remarks: Iterable[DraftRemark]) -> str:
    """The remarks as comments: what was guessed, left out or not found."""
    lines: list[str] = []
    for remark in remarks:
        text = f"{remark.service}: {remark.text}" if remark.service else remark.text
        lines += textwrap.wrap(
            one_line(text), _WIDTH, initial_indent="# - ", subsequent_indent="#   ", break_on_hyphens=False
        )
    return (
        "\n".join(["", "# What the compose project does not say, and what was left out:", *lines, ""])
        if lines
        else ""
    )


def _draft_redact(secrets: Iterable[str]) -> str:
    names = ", ".join(map(scalar, secrets))
    return (
        names
        and f"""
# Variables whose values never reach a log, a report or a plan; guessed from their names and from passwords
# and keys in their values. Add what the guess missed. It leaves out a value that is part of a name here.
redact: [{names}]
"""
    )


def scenario_name(facts: Guess) -> str:
    """``<service>-down``, in the letters that a scenario's name may have."""
    return f"{_slug(facts.victim)}-down"


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50] or "service"


def draft_scenario(facts: Guess) -> str:
    """Text of a first scenario, ``<service>-down``; it passes ``gameday validate`` beside the stack.yaml."""
    if facts.broken_link is None:
        what, title = f"container.kill, service: {scalar(facts.victim)}", f"{facts.victim} is killed"
    else:
        what, title = f"link.down, link: {scalar(facts.broken_link)}", f"{facts.broken_link} is cut"
    return _scenario(facts, scenario_name(facts), title, what, facts.victim, facts.active)


def all_scenarios(facts: Guess) -> dict[str, str]:
    """Name -> text: one scenario for each dependency and kind of fault; you fill in the promises."""
    found: dict[str, str] = {}
    services = {name: {"role": role} for name, role in facts.roles.items()}
    stack = Stack.model_validate({"stack": facts.name, "services": services, "links": facts.links})
    inner = [name for name in facts.links if not name.startswith(f"{CLIENTS}->")]
    for target in dict.fromkeys(name.partition("->")[2] for name in inner):
        link = next(
            (name for name in inner if name == f"{facts.entry}->{target}"),
            next(name for name in inner if name.endswith(f"->{target}")),
        )
        needed = (facts.profiles.get(name) for name in (facts.entry, target, link.partition("->")[0]))
        active = tuple(dict.fromkeys(profile for profile in needed if profile))
        service, over = f"service: {scalar(target)}", f"link: {scalar(link)}"
        drafts = {
            "kill": (f"container.kill, {service}", f"{target} is killed"),
            "hang": (f"container.pause, {service}", f"{target} hangs"),
            "slow": (f"link.latency, {over}, latency: 800ms", f"{target} is slow"),
            "cut": (f"link.down, {over}", f"{target} cannot be reached"),
            "reset": (f"link.reset_peer, {over}", f"connections to {target} are reset"),
        }
        for kind, (what, title) in drafts.items():
            if not _provable(what, target, stack, facts):
                continue
            name = f"{_slug(target)}-{kind}"
            while name in found:
                name += "-2"
            found[name] = _scenario(facts, name, title, what, target, active)
    return found


def _provable(what: str, target: str, stack: Stack, facts: Guess) -> bool:
    """Can gameday measure the effect of this fault on this target, and does the fault hit all replicas?"""
    step = yaml.safe_load(f"{{at: 1m, for: 4m, fault: {what}}}")
    fault = kinds().faults[step["fault"]].model_validate(step)
    one_of_several = target in facts.replicated and bool(fault.services())
    return not one_of_several and not fault.stack_problems(stack)


def _scenario(facts: Guess, name: str, title: str, what: str, tag: str, active: Sequence[str]) -> str:
    profiles = f"profiles: [{', '.join(map(scalar, active))}]\n" if active else ""
    return f"""\
# A first draft: {title} for a while. State under expect what you promise users during that time.
scenario: {name}
title: {scalar(title)}
tags: [{scalar(tag)}]
stack: {scalar(facts.name)}
{profiles}load: {{profile: {CLIENTS}, rate: 10/s}}
steady_state:
  - http: {{service: {scalar(facts.entry)}, path: {scalar(facts.probe_path)}, status: 200}}
timeline:                # production time; the pace compresses it
  - {{at: 1m, fault: {what}, for: 4m}}
expect:
  recovery: {{rto: 15m, budget: 30s, healthy_for: 5s}}
#  degradation:          # one entry a promise, for as long as the fault lasts
#    - {{request: {scalar(f"GET {facts.probe_path}")}, while: fault, status: 503}}
# So far this expects only recovery: add degradation, detection (alerts) or breaker under expect.
"""


def schema_line(file: Path, schema: str) -> str:
    """The first line of a draft: where an editor finds its schema.

    A relative path inside a checkout; elsewhere the package may lie anywhere, so only its name is given.
    """
    checkout, folder = FOLDER.parents[1], file.resolve().parent
    if is_file(checkout / "pyproject.toml") and folder.is_relative_to(checkout):
        return (
            f"# yaml-language-server: $schema={Path(os.path.relpath(FOLDER / schema, folder)).as_posix()}\n"
        )
    return f"# The JSON Schema for your editor is in the installed package: chaos/schema/{schema}\n"


def write_drafts(
    compose_file: Path, into: Path, more: Sequence[Path] = (), every: bool = False
) -> tuple[Path, ...]:
    """Write stack.yaml and scenarios/<service>-down.yaml below ``into``; the files written.

    ``every``: also a scenario for each dependency and kind of fault.

    ``more``: compose files merged onto the first one, in this order.

    Never overwrites a file: BadInput names every file that already exists, and nothing is written.
    """
    facts = guess(compose_file, into, more)
    drafts = {
        into / STACK_FILE: draft_stack(facts),
        into / "scenarios" / f"{scenario_name(facts)}.yaml": draft_scenario(facts),
    }
    for name, text in all_scenarios(facts).items() if every else ():
        drafts.setdefault(into / "scenarios" / f"{name}.yaml", text)
    there = [path for path in drafts if os.path.lexists(path)]
    if (into / "scenarios").is_symlink():
        there.insert(0, into / "scenarios")  # it may lead out of the folder that was asked for
    if there:
        raise BadInput([Problem.existing_file(str(path)) for path in there])
    texts = {path: schema_line(path, _schema_of(path)) + text for path, text in drafts.items()}
    if (existing := write_new_files(texts, REMEDY)) is not None:
        raise BadInput([Problem.existing_file(str(existing))])
    return tuple(drafts)


def _schema_of(path: Path) -> str:
    return STACK_SCHEMA if path.name == STACK_FILE else SCENARIO_SCHEMA
