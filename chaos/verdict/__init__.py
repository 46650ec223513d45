"""Judges a recording: every check, their merged outcome and the score. Pure; see docs/adr for how the number is made."""

from chaos.verdict.judge import judge
from chaos.verdict.score import score
from chaos.verdict.text import verdict_json

__all__ = ["judge", "score", "verdict_json"]
