"""The facilitator pack of a game day: a guide with the answers, and a page for participants without them."""

from chaos.pack.guide import guide_of
from chaos.pack.model import PackDay, PackScenario, Page
from chaos.pack.participants import leaks, participants_of
from chaos.pack.write import page_html, page_markdown

__all__ = [
    "PackDay",
    "PackScenario",
    "Page",
    "guide_of",
    "leaks",
    "page_html",
    "page_markdown",
    "participants_of",
]
