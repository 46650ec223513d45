"""The project of a stack as its owner wrote it, before gameday adds anything."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from chaos.adapters.overlay.compose_file import ComposeFile, read_compose_json
from chaos.adapters.stack.compose_cli import ComposeFiles, compose
from chaos.engine import EngineAddress
from chaos.errors import BadInput, EnvironmentProblem, Problem
from chaos.model.plan import Plan

_CONFIG_SECONDS = 20.0


def plain_files(plan: Plan) -> tuple[Path, ...]:
    return tuple(Path(plan.stack_root) / file for file in plan.stack.compose_files)


async def read_plain(files: Sequence[Path], engine: EngineAddress) -> ComposeFile:
    """A plain project as Compose reads it, services of every profile included. ``BadInput`` with Compose's
    own words if it cannot.
    """
    for file in files:
        if not await asyncio.to_thread(file.is_file):
            raise BadInput([Problem.about(str(file), "no such compose file", "see `compose:` in stack.yaml")])
    everything = ComposeFiles(files, profiles=("*",))
    done = await compose(engine, everything, ["config", "--format", "json"], _CONFIG_SECONDS)
    if done.code is None:
        raise EnvironmentProblem(f"docker compose config did not answer within {_CONFIG_SECONDS:g} s")
    if done.code != 0:
        words = done.err.strip() or done.out.strip()
        if "unknown" in words and "compose" in words.splitlines()[0]:
            raise EnvironmentProblem(
                "the compose plugin of docker is missing", "make setup, or install Compose 2.24.4 or later"
            )
        raise BadInput([Problem.about(str(files[0]), f"Compose cannot read it: {words}")])
    return read_compose_json(done.out)
