"""Says the result of a run and where its files are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.app.stored_runs.verdicts import JudgedRun


def verdict_sentence(judged: JudgedRun) -> str:
    score = judged.verdict.score
    number = "no score" if score.total is None else f"score {score.total:.0f}"
    certified = "" if score.certifiable else ", not certifiable"
    return f"{judged.verdict.outcome} ({number}{certified}): {judged.verdict.reason}"


def say_paths(name: str, paths: Sequence[Path], context: CommandContext) -> None:
    for path in paths:
        context.say(f"  {name}: {context.shown(path)}")
