"""``gameday``: parse, call, exit code. Everything else is in ``chaos.app``."""

from __future__ import annotations

import argparse
import errno
import os
import sys
import traceback
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn, TypeAlias

from chaos.app import verbs as commands
from chaos.app.arguments.coverage import add_coverage_verbs
from chaos.app.arguments.findings import add_findings_verbs
from chaos.app.arguments.gameday import add_gameday_verbs
from chaos.app.arguments.history import add_history_verbs
from chaos.app.arguments.incident import add_incident_verbs
from chaos.app.arguments.machine import add_machine_verbs
from chaos.app.arguments.on_call import add_on_call_verbs
from chaos.app.arguments.pack import add_pack_verbs
from chaos.app.arguments.post_mortem import add_post_mortem_verbs
from chaos.app.arguments.programme import add_programme_verbs
from chaos.app.arguments.project import add_project_verbs
from chaos.app.arguments.review import add_review_verbs
from chaos.app.arguments.run import add_run_verbs
from chaos.app.arguments.shared import (
    Command,
    pace_and_env_arguments,
    pace_of,
    refuse_impossible_paths,
    refuse_lone_dashes,
    selectors_argument,
)
from chaos.app.command_context import CommandContext
from chaos.errors import A_DEFECT, EXIT_CODE_MEANING, BadInput, ExitCode, GamedayError, Problem
from chaos.visible import one_line

# What the machine refuses to a user: no defect of gameday, wherever it happens.
_REFUSED = frozenset(
    {
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
    }
)


class _Parser(argparse.ArgumentParser):
    """Reports a usage error as ``BadInput``: one line, exit code 4."""

    def error(self, message: str) -> NoReturn:
        raise BadInput([Problem.about(self.prog, message, f"see {self.prog} --help")])


def main(argv: Sequence[str] | None = None, context: CommandContext | None = None) -> int:
    """Run one command and return its exit code (see ``gameday --help``). Errors are printed, not raised."""
    try:
        context = context or CommandContext()
    except GamedayError as error:  # there is no working folder
        print(f"gameday: {error}", file=sys.stderr)
        return int(error.exit_code)
    try:
        known = parser()
        if "_ARGCOMPLETE" in os.environ:  # a shell asks for completions: answer it and run nothing
            import argcomplete

            argcomplete.autocomplete(known)
        refuse_lone_dashes(sys.argv[1:] if argv is None else argv)
        arguments = known.parse_args(argv)
        refuse_impossible_paths(arguments)
        command: Command = arguments.command
        code = command(arguments, context)
        return int(code)
    except BadInput as error:
        for problem in error.problems:  # one line each, also for a file whose name has a line break
            context.complain(one_line(str(problem)))
        return int(error.exit_code)
    except GamedayError as error:
        context.complain(f"gameday: {error}")
        return int(error.exit_code)
    except KeyboardInterrupt:
        return int(ExitCode.INTERRUPTED)
    except Exception as error:  # it must never look like exit code 1, a failed check
        _complain_of(error, context)
        return int(ExitCode.HARNESS)


def _complain_of(error: Exception, context: CommandContext) -> None:
    """One line for what the machine refuses, such as a file of another user; else a defect of gameday."""
    if isinstance(error, OSError) and error.errno in _REFUSED:
        where = "" if error.filename is None else f"{error.filename}: "
        context.complain(one_line(f"gameday: {where}{error.strerror}"))
        context.complain("  fix: check what this user may read and write, and the free space")
        return
    context.complain(traceback.format_exc())
    context.complain(f"gameday: {A_DEFECT}")


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    codes = "\n".join(f"  {int(code):>3}  {meaning}" for code, meaning in EXIT_CODE_MEANING.items())
    top = _Parser(
        prog="gameday",
        description="Injects faults into a stack and judges how it detects, contains and recovers from them.",
        epilog=f"exit codes:\n{codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_authoring(verbs)
    add = partial(_verb, verbs)
    add_run_verbs(add)
    add_history_verbs(add)
    add_coverage_verbs(add)
    add_incident_verbs(add)
    add_gameday_verbs(add)
    add_pack_verbs(add)
    add_on_call_verbs(add)
    add_post_mortem_verbs(add)
    add_findings_verbs(add)
    add_review_verbs(add)
    add_programme_verbs(add)
    add_machine_verbs(add)
    add_project_verbs(add)
    return top


_Verbs: TypeAlias = "argparse._SubParsersAction[_Parser]"


def _verb(verbs: _Verbs, name: str, command: Command, summary: str) -> _Parser:
    verb = verbs.add_parser(name, help=summary, description=summary)
    verb.set_defaults(command=command)
    return verb


def _add_authoring(verbs: _Verbs) -> None:
    init = _verb(verbs, "init", commands.init, "write a first stack.yaml and scenario for a compose file")
    init.add_argument(
        "compose_files",
        type=Path,
        nargs="+",
        metavar="COMPOSE_FILE",
        help="one, or several that Compose merges",
    )
    init.add_argument(
        "--all",
        action="store_true",
        help="also write a scenario for each dependency and kind of fault: kill, hang, slow, cut, reset",
    )
    init.add_argument("--into", type=Path, help="folder to write to (default: the compose file's)")
    validate = _verb(
        verbs,
        "validate",
        commands.validate,
        "check scenarios; prints every problem with file:line:column; needs no engine",
    )
    selectors_argument(validate)
    validate.add_argument(
        "--pace",
        type=pace_of,
        help="also refuse what cannot be judged at this pace (default: only what no pace can judge)",
    )
    validate.add_argument("--json", action="store_true", help="as JSON")
    plan = _verb(verbs, "plan", commands.plan, "show what a run would do and when; needs no engine")
    plan.add_argument("--json", action="store_true", help="as JSON")
    selectors_argument(plan)
    pace_and_env_arguments(plan)
    runbooks = _verb(
        verbs, "runbooks", commands.runbooks, "write the steps of a stack's procedures into its runbooks"
    )
    runbooks.add_argument(
        "stack", nargs="?", type=Path, default=Path("stack"), metavar="STACK", help="folder of a stack.yaml"
    )
    runbooks.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if a runbook is out of date"
    )
    kinds = _verb(
        verbs,
        "kinds",
        commands.kinds,
        "list the faults, checks, collectors and report formats",
    )
    kinds.add_argument("kind", nargs="?", help="a fault, a check or a collector: show its parameters")


if __name__ == "__main__":
    sys.exit(main())
