"""``verify``, and the seal of a run folder wherever verdict and reports are written into it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.errors import BadInput, ExitCode, Problem, worst_exit
from chaos.evidence import (
    DRILL_FILE,
    OFFSITE,
    Manifest,
    Reason,
    Seal,
    SealState,
    Signer,
    Verification,
    load_public_key,
    load_signer,
    reseal,
    run_id_of,
    seal,
    started_as,
    verify,
)
from chaos.files import is_file, is_folder
from chaos.model.run_files import VERDICT

KEY_VARIABLE = "GAMEDAY_SIGN_KEY_FILE"
# Files that are made from the recording and can be made again.
_PAGES = ("report.", "junit.")
_DRAWN = (VERDICT, *_PAGES)
STATE_EXIT = {
    SealState.INTACT: ExitCode.PASS,
    SealState.CHANGED: ExitCode.FAIL,
    SealState.UNSEALED: ExitCode.INCONCLUSIVE,
    SealState.UNKNOWN: ExitCode.INCONCLUSIVE,
    SealState.NO_RUN: ExitCode.BAD_INPUT,
}
FINGERPRINT_DIGITS = 16  # enough to distinguish keys in a line; verify shows all 64


def run_verify(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Check each folder against its manifest; the exit code is the worst one."""
    key = load_public_key(context.cwd / arguments.key) if arguments.key else None
    codes = []
    for folder in arguments.run:
        found = verify(context.cwd / folder, key)
        for line in _lines(found, checked=key is not None, name=context.shown(context.cwd / folder)):
            context.say(line)
        codes.append(STATE_EXIT[found.state])
    return worst_exit(codes)


def signer_of(arguments: Namespace, context: CommandContext) -> Signer | None:
    """The key of ``--sign-key``, else of the environment. Raises ``BadInput`` before anything is started."""
    named: Path | None = arguments.sign_key or (
        Path(context.env[KEY_VARIABLE]) if context.env.get(KEY_VARIABLE) else None
    )
    if named is None:
        return None
    signer = load_signer(context.cwd / named)
    if signer.readable_by_others:
        context.complain(f"gameday: {named}: other users can read this private key (chmod 600)")
    return signer


def refuse_altered(
    folder: Path, context: CommandContext, *, unsealed: bool, stored_verdict: bool = False
) -> bool:
    """Must gameday refuse to read this folder? Prints why: it was, or may have been, changed since its seal.

    With ``unsealed`` this only prints the reason. A folder without a seal, such as that of a run that was
    killed, is read: it does not claim to be unchanged. ``stored_verdict``: the caller does not judge again
    but uses verdict.json, so a change of that file counts too.
    """
    found = verify(folder)
    if found.state in (SealState.INTACT, SealState.NO_RUN):
        return False
    name = context.shown(folder)
    for line in _lines(found, checked=True, name=name):
        context.complain(line)
    ignored = _PAGES if stored_verdict else _DRAWN
    drawn = all(finding.path.startswith(ignored) for finding in found.findings)
    refused = found.state is not SealState.UNSEALED and not drawn and not unsealed
    if refused:
        context.complain(f"{name}: not read (--unsealed reads it as it is now)")
    return refused


def any_altered(
    folders: Iterable[Path], context: CommandContext, *, unsealed: bool, stored_verdict: bool = False
) -> bool:
    """Must gameday refuse one of these folders? Prints why for each, as ``refuse_altered`` does."""
    refused = [
        one
        for one in folders
        if refuse_altered(one, context, unsealed=unsealed, stored_verdict=stored_verdict)
    ]
    return bool(refused)


def seal_by(signer: Signer | None, context: CommandContext) -> Seal:
    """A seal by this version of gameday, at this instant."""
    return Seal(version("gameday-harness"), context.clock.wall(), signer)


def seal_folder(folder: Path, signer: Signer | None, context: CommandContext) -> Manifest:
    """The last thing that a run, a summary or a drill writes. Raises ``EnvironmentProblem``."""
    return seal(folder, seal_by(signer, context), Reason.RUN)


def seal_completed(found: Verification, signer: Signer | None, context: CommandContext) -> Manifest:
    """Seal a folder that was completed. ``found``: the state of its seal before, intact or missing.

    Raises ``EnvironmentProblem``.
    """
    reason = Reason.LATE if found.manifest is None else Reason.REDRAWN
    made = seal(found.folder, seal_by(signer, context), reason, found.manifest)
    late = "sealed after the drill was interrupted: gameday cannot detect changes made in between"
    again = "sealed again (the previous seal is on record)"
    context.say(f"{context.shown(found.folder)}: {late if found.manifest is None else again}")
    return made


def sealed_as_drawn(folder: Path, context: CommandContext) -> ExitCode:
    """Read a folder again that was just drawn and sealed. HARNESS: its content is different."""
    if verify(folder).intact:
        return ExitCode.PASS
    context.complain(f"gameday: {context.shown(folder)} is not what was just written")
    return ExitCode.HARNESS


def before_redrawing(folder: Path, signer: Signer | None) -> Verification:
    """What the seal says before verdict and reports are made again.

    Raises ``BadInput`` for a signed folder without its key: only its owner can seal it again.
    """
    found = verify(folder)
    key = found.manifest.key if found.manifest else None
    if key is not None and signer is not None:
        return verify(folder, signer.public)
    if key is not None and found.intact:
        message = f"signed by {key.fingerprint[:FINGERPRINT_DIGITS]}...: a new report needs a new signature"
        fix = "give --sign-key, or draw a copy without manifest.json and manifest.sig"
        raise BadInput([Problem.about(str(folder), message, fix)])
    return found


def after_redrawing(
    found: Verification, drawn: Sequence[Path], signer: Signer | None, context: CommandContext
) -> ExitCode:
    """Seal again what was intact, seal late what never was, and leave the seal of a changed folder alone."""
    name = context.shown(found.folder)
    if found.state is SealState.UNSEALED:
        started = started_as(found.folder)
        if started is not None and started != run_id_of(found.folder):
            context.complain(
                f"{name}: drawn, but not sealed: it holds run {started}, but its name ends with another id;"
                f" rename the folder so that its name ends with -{started}"
            )
            return ExitCode.INCONCLUSIVE
        seal(found.folder, seal_by(signer, context), Reason.LATE)
        context.say(f"{name}: sealed after the run: gameday cannot detect changes made in between")
        return ExitCode.PASS
    if not found.intact:
        for line in _lines(found, checked=True, name=name):
            context.complain(line)
        context.complain(f"{name}: drawn from the changed folder, not sealed again")
        return ExitCode.INCONCLUSIVE
    now = reseal(found.folder, seal_by(signer, context), drawn)
    if now != found.manifest:
        context.say(f"{name}: sealed again (the previous seal is on record)")
    return ExitCode.PASS


def _lines(found: Verification, *, checked: bool, name: str) -> list[str]:
    """One line on the state, one for each finding."""
    if found.state is SealState.UNSEALED:
        drill = is_file(found.folder / DRILL_FILE)
        remedy = "gameday drill --resume completes it" if drill else "gameday report seals it late"
        what = "drill" if drill else "run"
        return [f"{name}: not sealed: it has no manifest.json; the {what} may have been killed ({remedy})"]
    if found.state is SealState.NO_RUN:
        return [f"{name}: not a run folder (name a folder that gameday wrote)"]
    head = f"{name}: {found.state}"
    if found.manifest is not None:
        head += f": {_story(found.manifest, checked=checked)}"
        if is_folder(found.folder / OFFSITE):
            head += f"; {OFFSITE} is not sealed"
    return [head, *(f"  {finding.kind}: {finding.detail}" for finding in found.findings)]


def _story(manifest: Manifest, *, checked: bool) -> str:
    words = f"{len(manifest.files)} files sealed {manifest.sealed_at} by gameday {manifest.gameday}"
    if manifest.reason is Reason.LATE:
        words += ", late: after the run, not by it"
    if manifest.earlier:
        words += f", sealed {len(manifest.earlier) + 1} times"
    if manifest.key is None:
        return f"{words}, unsigned"
    return f"{words}, signed by {manifest.key.fingerprint}" + ("" if checked else " (whose key? give --key)")
