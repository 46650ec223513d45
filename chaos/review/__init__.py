"""The monthly review: how incidents and exercises went, each figure with the number of records behind it."""

from chaos.review.figures import review_of
from chaos.review.model import DayRecord, Month, PostMortemFile, Records, Review
from chaos.review.write import review_html, review_lines, review_markdown

__all__ = [
    "DayRecord",
    "Month",
    "PostMortemFile",
    "Records",
    "Review",
    "review_html",
    "review_lines",
    "review_markdown",
    "review_of",
]
