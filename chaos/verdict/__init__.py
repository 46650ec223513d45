"""Judges a recording: every check, their merged outcome, the score. Pure."""

from chaos.verdict.judge import judge
from chaos.verdict.score import score
from chaos.verdict.tested import objectives_of, rpo_tested, rto_tested, tier_of
from chaos.verdict.text import verdict_json

__all__ = [
    "judge",
    "objectives_of",
    "rpo_tested",
    "rto_tested",
    "score",
    "tier_of",
    "verdict_json",
]
