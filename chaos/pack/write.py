"""Writes a page of a pack as one offline HTML file for printing, and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from chaos.pack.model import Block, Page, Points, Words
from chaos.report.html import Theme, page
from chaos.report.markdown import text, text_table

_THEME = Theme("chaos.pack", ("assets/pack.css",))


def page_html(drawn: Page) -> str:
    """One HTML file without scripts."""
    return page("pack/page.html.j2", _THEME, page=drawn)


def page_markdown(drawn: Page) -> str:
    """The same page as Markdown."""
    return "\n\n".join(_blocks(drawn)) + "\n"


def _blocks(drawn: Page) -> Iterator[str]:
    yield f"# {text(drawn.title)}"
    yield f"**{text(drawn.banner)}**"
    yield text(drawn.intro)
    for section in drawn.sections:
        yield f"{'#' * section.depth} {text(section.title)}"
        yield from (_block(block) for block in section.blocks)


def _block(block: Block) -> str:
    if isinstance(block, Words):
        return text(block.text)
    if isinstance(block, Points):
        signs = [
            f"{n}." if block.numbered else "- [ ]" if block.boxes else "-"
            for n, _ in enumerate(block.items, 1)
        ]
        return "\n".join(f"{sign} {text(item)}" for sign, item in zip(signs, block.items, strict=True))
    return text_table(block.head, block.rows)
