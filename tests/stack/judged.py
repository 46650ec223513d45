"""Runs that must pass, on a machine that may be too slow to judge them.

python -m tests.stack.judged CODE FOLDER...     in an environment that knows the kinds of these runs
"""

from __future__ import annotations

import sys
from pathlib import Path

from chaos.journal import load_recording
from chaos.model.alert_states import AlertState
from chaos.model.verdict import Outcome, Verdict
from chaos.timeline.machine import too_busy
from chaos.timeline.questions import alert_spans, first_struck
from chaos.timeline.recording import Recording


def verdict_in(folder: Path) -> Verdict:
    return Verdict.model_validate_json((folder / "verdict.json").read_text())


def too_slow(recording: Recording) -> bool:
    """Was the machine too busy, or was an alert of a slow start still firing before the fault?"""
    struck = first_struck(recording)
    early = (one for one in alert_spans(recording) if struck is not None and one.start < struck)
    return too_busy(recording) or any(one.state == AlertState.FIRING for one in early)


def passed(folder: Path, output: str = "") -> bool:
    """``good`` for the run in ``folder``. ``output``: for the message of a failure."""
    return good(verdict_in(folder), load_recording(folder), output)


def good(verdict: Verdict, recording: Recording, output: str = "") -> bool:
    """Did the run pass? Fails if not; False: the machine was too slow to judge it, as its recording shows."""
    outcomes, why = {result.outcome for result in verdict.checks}, f"{verdict.reason}\n{output}"
    if verdict.outcome is Outcome.INCONCLUSIVE and too_slow(recording):
        assert outcomes <= {Outcome.PASS, Outcome.INCONCLUSIVE}, why
        return False
    assert verdict.outcome is Outcome.PASS, why
    assert outcomes == {Outcome.PASS}, why
    return True


def all_passed(folders: tuple[Path, ...], code: int, output: str = "") -> bool:
    """``passed`` for each run of one command, whose exit code ``code`` must agree."""
    assert folders, output
    found = [passed(folder, output) for folder in folders]
    assert code == (0 if all(found) else 2), output
    return all(found)


if __name__ == "__main__":
    decided = all_passed(tuple(map(Path, sys.argv[2:])), int(sys.argv[1]))
    print("passed" if decided else "too slow to judge")
