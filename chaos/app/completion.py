"""``completion``: prints what a shell needs to complete the words of ``gameday``, with argcomplete."""

from __future__ import annotations

from argparse import Namespace

from argcomplete.shell_integration import shellcode

from chaos.app.command_context import CommandContext
from chaos.errors import ExitCode


def run_completion(arguments: Namespace, context: CommandContext) -> ExitCode:
    """A script for the shell: ``eval "$(gameday completion bash)"``, for fish ``... | source``."""
    context.say(shellcode(["gameday"], shell=arguments.shell))
    return ExitCode.PASS
