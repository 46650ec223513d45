"""Turns a finished recording into a verdict, reports and a seal, all read again from the disk.

The outcome of a run starts as a failure of the harness. Only ``debrief`` can change it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from chaos.app.known_findings import findings_of
from chaos.app.stored_runs.past import keep_run, past_of
from chaos.app.stored_runs.proof import RAW, Proof, proof_of
from chaos.app.stored_runs.verdicts import JudgedRun, judge_folder, report_folder
from chaos.errors import ExitCode, GamedayError, RecordingProblem, worst_exit
from chaos.evidence import Reason, Seal, Signer, seal
from chaos.files import read_file
from chaos.journal import RunFolder
from chaos.model.run_files import VERDICT
from chaos.model.verdict import OUTCOME_EXIT
from chaos.report import BrokenRun
from chaos.runner import ObserverProblem
from chaos.timing import Clock
from chaos.verdict import verdict_json


@dataclass(frozen=True)
class RunOutcome:
    """One run that ended. ``code`` is ``HARNESS`` until a verdict was written and read again.

    ``judged`` None: the run was not judged, and ``broken`` says why. ``messages``: what a person
    must know, in order. ``reports``: files that were drawn. ``proof``: what must still be on the disk when an
    exit code 0 is given.
    """

    scenario: str
    code: ExitCode = ExitCode.HARNESS
    judged: JudgedRun | None = None
    broken: BrokenRun | None = None
    messages: tuple[str, ...] = ()
    reports: tuple[Path, ...] = ()
    proof: Proof | None = None
    observer_problems: tuple[ObserverProblem, ...] = ()

    @classmethod
    def nothing(
        cls, scenario: str, code: ExitCode, why: str, messages: tuple[str, ...] | None = None
    ) -> RunOutcome:
        """The outcome of a run that left nothing to judge; ``messages`` default to ``why``."""
        code = ExitCode.HARNESS if code is ExitCode.PASS else code
        said = (why,) if messages is None else messages
        return cls(scenario, code, broken=BrokenRun(scenario=scenario, detail=why), messages=said)

    def interrupted(self) -> RunOutcome:
        """The same outcome, for a command that was interrupted when the run was over."""
        return replace(self, code=worst_exit([self.code, ExitCode.INTERRUPTED]))


@dataclass(frozen=True)
class Ending:
    """How the recording of a run ended. ``failed`` None: it is complete.

    ``plan``: the content of plan.json as it was written, None if it was not. ``messages``: what a person must
    know of the failure; none of one that the person asked for.
    """

    failed: ExitCode | None = None
    why: str = ""
    messages: tuple[str, ...] = ()
    plan: str | None = None


@dataclass
class Messages:
    """Collects the lines that a person must see."""

    lines: list[str] = field(default_factory=list)

    def complain(self, line: str) -> None:
        self.lines.append(line.removeprefix("gameday: "))


def debrief(
    scenario: str, folder: RunFolder, ending: Ending, signer: Signer | None, clock: Clock
) -> RunOutcome:
    """Judge, draw, seal and read again. An error in the run or in these steps overrides the verdict."""
    messages = Messages(list(ending.messages))
    faults = [] if ending.failed is None else [ending.failed]

    def failed(error: GamedayError) -> None:
        messages.complain(str(error))
        # A run folder that cannot be read is not bad input here: this run wrote it.
        faults.append(error.exit_code if error.exit_code is ExitCode.LEFT_DIRTY else ExitCode.HARNESS)

    judged, reports, proof = None, tuple[Path, ...](), None
    broken: BrokenRun | None = None
    try:
        _check_plan(folder, ending)
        found = judge_folder(folder.path)
        keep_run(folder.path.parent, found, messages)
        past = past_of(folder.path.parent, found, messages)
        known = findings_of(folder.path.parent, found, clock.wall(), messages)
        reports = report_folder(found, past, known)
        judged = found
    except GamedayError as error:
        failed(error)
        broken = BrokenRun(scenario=scenario, detail=str(error))
    try:
        by = Seal(version("gameday-harness"), clock.wall(), signer)
        warm = () if judged is None else judged.verdict.warm_after
        manifest = seal(folder.path, by, Reason.RUN, warm_after=warm)  # also if it could not be judged
        if judged is not None:
            proof = proof_of(folder.path, manifest, [*RAW, VERDICT, *reports])
            # Compared as text: verdict.json rounds figures, and a check of another package may not.
            if verdict_json(proof.verdict()) != verdict_json(judged.verdict):
                raise RecordingProblem(f"{VERDICT} in {folder.path.name} is not the verdict of this run")
    except GamedayError as error:
        failed(error)
    code = ExitCode.HARNESS
    if faults:
        code = worst_exit(faults)
    elif judged is not None and proof is not None:
        code = OUTCOME_EXIT[judged.verdict.outcome]
    return RunOutcome(scenario, code, judged, broken, tuple(messages.lines), reports, proof)


def _check_plan(folder: RunFolder, ending: Ending) -> None:
    """Raises ``RecordingProblem`` if plan.json is no longer the plan that the run followed."""
    try:
        now = read_file(folder.plan).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecordingProblem(f"cannot read plan.json of {folder.path.name} again: {error}") from error
    if now != ending.plan:
        raise RecordingProblem(f"plan.json of {folder.path.name} was changed during the run")
