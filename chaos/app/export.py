"""``export``: a recording in the format of another tool, on standard output or in a file."""

from __future__ import annotations

from argparse import Namespace

from chaos.app.command_context import CommandContext
from chaos.errors import ExitCode
from chaos.export import FORMATS
from chaos.files import write_file
from chaos.journal import load_recording


def run_export(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Raises ``DamagedRecording`` for a folder that is no run."""
    text = FORMATS[arguments.format](load_recording(context.cwd / arguments.run))
    if arguments.out is None:
        context.say(text.rstrip("\n"))
    else:
        write_file(context.cwd / arguments.out, text)
    return ExitCode.PASS
