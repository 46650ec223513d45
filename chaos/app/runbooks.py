"""``runbooks``: the steps of a stack's procedures, written into its runbooks."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.errors import BadInput, ExitCode, Problem
from chaos.files import write_file
from chaos.model.procedure import Procedure
from chaos.model.stack import Stack
from chaos.report import human
from chaos.report.runbook import section, with_section
from chaos.scenario import LoadedStack, find_stack, load_stack, read_procedures
from chaos.scenario.places import read_text


def run_runbooks(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Write each procedure into the runbook that it names, or into one with its own name. With ``--check``:
    only list runbooks that are out of date, and exit with 1 if there are any.
    """
    path = find_stack(arguments.stack, context.cwd)
    loaded = load_stack(path, context.shown(path))
    _complete(loaded.stack, context.shown(path))
    procedures = read_procedures(
        loaded.stack, loaded.root, context.shown(path.parent), loaded.project.services
    )
    texts = _texts(loaded, procedures)
    stale = [file for file, text in texts.items() if _old(file) != text]
    for file in stale:
        if not arguments.check:
            write_file(file, texts[file], f"make {file} writable, or free some space there")
        context.say(f"{'stale' if arguments.check else 'written'}: {context.shown(file)}")
    if not stale:
        what, where = human.count(len(procedures), "procedure"), human.count(len(texts), "runbook")
        context.say(f"{what} in {where}: all up to date")
    return ExitCode.FAIL if stale and arguments.check else ExitCode.PASS


def _complete(stack: Stack, file: str) -> None:
    """Raises ``BadInput`` that names what the stack does not declare."""
    folders = {"procedures": stack.procedures, "runbooks": stack.runbooks}
    missing = [f"{key}:" for key, folder in folders.items() if folder is None]
    if missing:
        message = f"the stack has no {' and no '.join(missing)}"
        fix = f"add {' and '.join(missing)}, each a folder beside stack.yaml"
        raise BadInput([Problem.about(file, message, fix)])


def _texts(loaded: LoadedStack, procedures: dict[str, Procedure]) -> dict[Path, str]:
    """What each runbook must hold."""
    assert loaded.stack.runbooks is not None
    folder = (loaded.root / loaded.stack.runbooks).resolve()
    top = Path(os.path.commonpath([folder, loaded.root]))
    texts: dict[Path, str] = {}
    for name, procedure in sorted(procedures.items()):
        file = folder / f"{procedure.runbook or name}.md"
        source = (loaded.root / str(loaded.stack.procedures) / f"{name}.yaml").relative_to(top)
        objective = loaded.stack.objectives.get(procedure.objective or "")
        own = section(procedure, objective, str(source), str(loaded.root.relative_to(top)))
        texts[file] = with_section(texts[file] if file in texts else _old(file), name, own)
    return texts


def _old(file: Path) -> str:
    """What is in the runbook; empty if there is none. Raises ``BadInput`` for what is not a text file."""
    return read_text(file) if os.path.lexists(file) else ""
