"""Implements the commands ``gameday doctor`` and ``gameday images``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from chaos.engine import local_engine
from chaos.errors import BadInput, EnvironmentProblem, ExitCode, Problem
from chaos.setup.build import surroundings
from chaos.setup.commands import on_engine
from chaos.setup.doctor import FIXABLE, diagnose, fix
from chaos.setup.engine import Say, find_engine, how_to_get_an_engine
from chaos.setup.images import ImageHost, ImageOutcome, ReadyImage, ensure_images, read_image_request
from chaos.setup.machine import this_machine
from chaos.setup.manifest import own_images, stack_images
from chaos.setup.registry_probe import engine_probe
from chaos.setup.services import ensure_services, project_files


def run_doctor(
    folder: Path,
    *,
    fix_first: bool,
    quiet: bool = False,
    say: Say = print,
    env: Mapping[str, str] = os.environ,
) -> ExitCode:
    """Prints every requirement; with ``quiet`` only those that are not met.

    ``fix_first``: installs a missing engine or plugin before. Raises then as ``chaos.setup.doctor.fix`` does.
    """
    findings = diagnose(folder, env=env)
    if fix_first and not all(finding.ok for finding in findings if finding.name in FIXABLE):
        fix(say=say, env=env)
        findings = diagnose(folder, env=env)
    for finding in findings:
        if not (quiet and finding.ok):
            say(str(finding))
    return ExitCode.PASS if all(finding.ok for finding in findings) else ExitCode.HARNESS


def prepare_images(
    stacks: Sequence[Path],
    source: str | None = None,
    *,
    say: Say = print,
    env: Mapping[str, str] = os.environ,
) -> tuple[ReadyImage, ...]:
    """Pulls or builds every image that gameday and ``stacks`` (folders) need, and prints what it does.

    An image that is there and up to date is left alone. Raises BadInput for a folder, a file or a ``source``
    that is wrong, EnvironmentProblem without an engine or a source, ToolProblem if a command fails.
    """
    missing = [
        Problem.about(str(s), "no such folder; expected the folder of a stack")
        for s in stacks
        if not s.is_dir()
    ]
    if missing:
        raise BadInput(missing)
    request = read_image_request(source, env)
    machine = this_machine()
    address = local_engine(env)
    run = on_engine(address, env)
    engine = find_engine(run, address)
    if engine is None:
        raise EnvironmentProblem("no Docker engine answers", how_to_get_an_engine(machine))
    images = list(own_images())
    images += [image for stack in stacks for image in stack_images(stack) if image not in images]
    host = ImageHost(engine, machine, run, say, env)
    ready = list(ensure_images(images, request, host, engine_probe(address)))
    projects = [files for stack in stacks if (files := project_files(stack))]
    if projects:
        around = surroundings(machine, run, env)
        for first, *more in projects:
            ready += ensure_services(first, around, run, say, more=more)
    fresh = sum(image.outcome is not ImageOutcome.PRESENT for image in ready)
    say(f"images: {len(ready)} ready, {fresh} of them new")
    return tuple(ready)
