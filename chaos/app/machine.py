"""``doctor``, ``images`` and ``clean``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.engine import local_engine
from chaos.errors import BadInput, ExitCode, Problem
from chaos.model.project_files import stack_files_below
from chaos.setup.prepare import prepare_images
from chaos.setup.prepare import run_doctor as print_findings


def run_doctor(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Each requirement with its fix in one line."""
    return print_findings(
        context.cwd / "reports",
        fix_first=arguments.fix,
        quiet=arguments.quiet,
        say=context.say,
        env=context.env,
    )


def run_images(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Get the images of the named stacks, or of every stack below the working folder."""
    # Imported here: reading scenarios is slow to import, and set-up calls the other two each time.
    from chaos.scenario.stack_places import find_stack

    named = [find_stack(stack, context.cwd).parent for stack in arguments.stacks]
    stacks = named or _stacks_below(context.cwd)
    prepare_images(stacks, arguments.source, say=context.say, env=context.env)
    return ExitCode.PASS


def run_clean(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Remove what runs left whose process has ended; ``--all``: also what belongs to running processes."""
    # Imported here: the engine's client is slow to import, and set-up calls the other two each time.
    from chaos.adapters.factory import AdapterFactory

    removed = AdapterFactory(local_engine(context.env)).clean(everything=arguments.all)
    for run in removed:
        context.say(f"removed leftovers of run {run.run_id}: {', '.join(run.belongings.names())}")
    if not removed:
        context.say("nothing to clean")
    return ExitCode.PASS


def _stacks_below(folder: Path) -> list[Path]:
    found = [path.parent for path in stack_files_below(folder)]
    if not found:
        raise BadInput(
            [Problem.about(str(folder), "no stack.yaml here or below", "name the folder of a stack")]
        )
    return found
