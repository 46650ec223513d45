"""Judges a recording: every check, their merged outcome, the score; and the score of a whole drill. Pure."""

from chaos.verdict.drill import drill_score
from chaos.verdict.judge import judge
from chaos.verdict.score import score
from chaos.verdict.tested import objectives_of, rpo_tested, rto_tested, tier_of
from chaos.verdict.text import verdict_json

__all__ = [
    "drill_score",
    "judge",
    "objectives_of",
    "rpo_tested",
    "rto_tested",
    "score",
    "tier_of",
    "verdict_json",
]
