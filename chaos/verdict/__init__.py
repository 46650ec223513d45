"""Judges a recording: every check, their merged outcome, the score. Pure."""

from chaos.verdict.judge import judge
from chaos.verdict.score import score
from chaos.verdict.text import verdict_json

__all__ = ["judge", "score", "verdict_json"]
