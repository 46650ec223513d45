"""The drill's report as its readers have it: on a desk, on a phone, in the dark, and as pages of paper."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PageObject, PdfReader

from chaos.adapters.pdf import print_pdf
from chaos.drill import write_drill
from tests.browser.chromium import Page
from tests.drills import MANIFEST, DrillKind, demo_drill

pytestmark = pytest.mark.browser

DESKTOP, PHONE, PAPER = 1280, 390, 703  # A4 less its margins, in CSS pixels
A4 = (595, 842)  # points
FOOTER = 30  # points above the paper's edge
KINDS: tuple[DrillKind, ...] = ("good", "mixed", "unknown", "empty")
SECTIONS = (
    "Recovery objectives: measured against target",
    "Score",
    "Scenarios",
    "Procedures: planned against measured",
    "What was lost",
    "Lost points",
    "Action items",
    "Freshness and trend",
    "Evidence",
    "Sign-off",
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("drills")
    for kind in KINDS:
        write_drill(demo_drill(kind, root), root / kind)
    return {kind: root / kind / "report.html" for kind in KINDS}


@pytest.fixture(scope="module")
def paper(pages: dict[str, Path]) -> PdfReader:
    """The mixed drill as PDF."""
    return PdfReader(print_pdf(pages["mixed"], pages["mixed"].with_name("report.pdf"), dict(os.environ)))


def words(reader: PdfReader) -> list[str]:
    """The text of each page on one line."""
    return [" ".join(sheet.extract_text().split()) for sheet in reader.pages]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_every_drill_is_drawn_without_network_complaint_or_sideways_scrolling(
    page: Page, pages: dict[str, Path], kind: DrillKind, width: int, dark: bool
) -> None:
    page.requests.clear()
    page.complaints.clear()
    page.show(pages[kind], width, dark)

    assert page.requests == [pages[kind].as_uri()]
    assert page.complaints == []
    assert page.ask("document.documentElement.scrollWidth") <= width
    beyond = (
        "[...document.querySelectorAll('main *')].filter(e => { const r = e.getBoundingClientRect();"
        f" return r.width && (r.right > {width} + 1 || r.left < -1); }}).map(e => e.className)"
    )
    assert page.ask(beyond) == []
    assert page.ask("[...document.querySelectorAll('h2[id]')].map(h => h.innerText)") == list(SECTIONS)


def test_grade_and_score_are_on_the_first_screen_of_a_phone(page: Page, pages: dict[str, Path]) -> None:
    page.show(pages["mixed"], PHONE)
    answers = "[...document.querySelectorAll('.grade, .total, .badge, .pill')]"
    bottoms = page.ask(f"{answers}.map(element => element.getBoundingClientRect().bottom)")
    assert len(bottoms) == 4
    assert max(bottoms) < 400


def test_dark_and_light_differ(page: Page, pages: dict[str, Path]) -> None:
    look = "getComputedStyle(document.body).backgroundColor"
    page.show(pages["good"], DESKTOP, dark=False)
    light = page.ask(look)
    page.show(pages["good"], DESKTOP, dark=True)
    assert page.ask(look) != light


def test_bars_are_as_long_as_they_say(page: Page, pages: dict[str, Path]) -> None:
    page.show(pages["mixed"], DESKTOP)
    found = page.ask(
        "[...document.querySelectorAll('.track i.measured, .track i.planned')].map(i => ["
        "parseFloat(i.style.width), 100 * i.getBoundingClientRect().width"
        " / i.parentElement.getBoundingClientRect().width])"
    )
    assert len(found) > 20
    assert all(abs(asked - drawn) < 1 for asked, drawn in found)


def test_a_step_later_than_planned_is_marked(page: Page, pages: dict[str, Path]) -> None:
    page.show(pages["mixed"], DESKTOP)
    colour = "getComputedStyle(document.querySelector('{} .measured')).backgroundColor"
    late, timely = colour.format(".step-row.late"), colour.format(".step-row:not(.late)")
    assert page.ask(late) != page.ask(timely)
    assert page.ask("document.querySelectorAll('.step-row.late').length") == 1


def test_on_paper_it_is_light_and_fits(page: Page, pages: dict[str, Path]) -> None:
    page.show(pages["mixed"], PAPER, dark=True)
    page.call("Emulation.setEmulatedMedia", media="print")
    assert page.ask("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.ask("document.documentElement.scrollWidth") <= PAPER


def test_the_pdf_has_pages_of_a4_with_numbers(paper: PdfReader) -> None:
    assert 4 <= len(paper.pages) <= 8
    for number, (sheet, text) in enumerate(zip(paper.pages, words(paper), strict=True), 1):
        size = (round(float(sheet.mediabox.width)), round(float(sheet.mediabox.height)))
        assert size == pytest.approx(A4, abs=1)
        assert f"{number} / {len(paper.pages)}" in text


def test_the_pdf_says_what_the_page_says(paper: PdfReader) -> None:
    said = " ".join(words(paper))
    for section in SECTIONS:
        assert section in said, section
    for fact in (
        "not certifiable",
        "at least 597.22 USD",
        "stopped at restore: no backup to restore",
        "lost gd-20231114-orders-00009",
        "last proven 94 days ago",
    ):
        assert fact in said, fact
    assert (paper.metadata.title if paper.metadata else "") == "Recovery drill: no grade, not certifiable"


def test_the_pdf_leaves_no_page_half_empty(paper: PdfReader) -> None:
    """Sections flow: only rows, the bars of one procedure and the sign-off are kept together."""
    for number, sheet in enumerate(paper.pages[:-1], 1):
        assert lowest(sheet) < 0.15 * A4[1], f"page {number}"


def lowest(sheet: PageObject) -> float:
    """Height above the paper's lower edge of the last line of text, in points; the footer is none."""
    found: list[float] = []

    def see(text: str, matrix: list[float], line: list[float], font: object, size: float) -> None:
        height = line[5] * matrix[3] + matrix[5]
        if text.strip() and height > FOOTER:
            found.append(height)

    sheet.extract_text(visitor_text=see)
    return min(found)


def test_sums_can_be_read_and_copied_from_the_pdf(
    paper: PdfReader, page: Page, pages: dict[str, Path]
) -> None:
    assert MANIFEST in " ".join(words(paper)), "in one piece"
    page.show(pages["mixed"], PAPER)
    page.call("Emulation.setEmulatedMedia", media="print")
    assert page.ask("parseFloat(getComputedStyle(document.querySelector('.sum256 code')).fontSize)") >= 9


def test_the_head_of_a_printed_page_is_one_line(page: Page, tmp_path: Path) -> None:
    made = replace(demo_drill("good", tmp_path), id="20261121T183528Z-drill-03e7b4")
    _, (file, *_) = write_drill(made, tmp_path / "drill")
    page.show(file, PAPER)
    page.call("Emulation.setEmulatedMedia", media="print")
    heights = page.ask("[...document.querySelectorAll('.pace span')].map(span => span.offsetHeight)")
    size = page.ask("parseFloat(getComputedStyle(document.querySelector('.pace')).fontSize)")
    assert len(heights) == 2
    assert all(height < 2 * size for height in heights), heights
    assert page.ask("document.documentElement.scrollWidth") <= PAPER


def test_no_heading_ends_a_page_of_the_pdf(paper: PdfReader) -> None:
    for text in words(paper):
        body = re.sub(r"gameday recovery drill|\d+ / \d+", "", text).strip()
        assert not body.endswith((*SECTIONS, "Acknowledged writes")), body[-80:]


def test_the_head_of_a_long_table_is_repeated_and_no_row_is_cut(tmp_path: Path) -> None:
    """Sixty action items: every page that holds some has the head of the table."""
    made = demo_drill("mixed", tmp_path)
    _, (file, *_) = write_drill(made, tmp_path / "long")
    html = file.read_text(encoding="utf-8")
    start = html.index('<tr id="action-1">')
    row = html[start : html.index("</tr>", start) + 5]
    rows = "".join(row.replace("action-1", f"action-{n}").replace(">1<", f">{n}<") for n in range(100, 160))
    file.write_text(html.replace(row, rows), encoding="utf-8")
    reader = PdfReader(print_pdf(file, file.with_name("report.pdf"), dict(os.environ)))
    holding = [text for text in words(reader) if "Find out why, fix it, and complete the drill" in text]
    assert len(holding) >= 2
    assert all("no. what to fix points owner due re-test" in text for text in holding)
    whole = (
        "Find out why, fix it, and complete the drill (gameday drill --resume): "
        "a missing run proves nothing. site-loss"
    )
    assert sum(text.count(whole) for text in holding) == 60
