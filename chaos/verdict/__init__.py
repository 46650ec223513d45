"""Judges a recording: every check, their merged outcome, the score; and the score of a whole drill. Pure."""

from chaos.verdict.drill import drill_score, objectives_of, tier_of
from chaos.verdict.judge import judge
from chaos.verdict.score import score
from chaos.verdict.text import verdict_json

__all__ = ["drill_score", "judge", "objectives_of", "score", "tier_of", "verdict_json"]
