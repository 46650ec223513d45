"""``export``: writes a recording in the format of another tool to standard output or a file."""

from __future__ import annotations

from argparse import Namespace

from chaos.app.command_context import CommandContext
from chaos.app.stored_runs.seals import refuse_altered
from chaos.errors import BadInput, ExitCode, Problem
from chaos.export import FORMATS
from chaos.files import write_new_file
from chaos.journal import load_recording

REMEDY = "name a file in a folder that exists and can be written"


def run_export(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Raises ``DamagedRecording`` for a folder that holds no run, ``BadInput`` if ``--out`` names a file that
    already exists. A folder that was changed since it was sealed is exit code 2, and nothing is written.
    """
    folder = context.cwd / arguments.run
    if refuse_altered(folder, context, unsealed=arguments.unsealed):
        return ExitCode.INCONCLUSIVE
    text = FORMATS[arguments.format](load_recording(folder))
    if arguments.out is None:
        context.say(text.rstrip("\n"))
    else:
        if not write_new_file(context.cwd / arguments.out, text, REMEDY):
            raise BadInput([Problem.existing_file(str(arguments.out))])
    return ExitCode.PASS
