"""The report as a reader sees it: drawn, offline, on a phone, in the dark, under the mouse, scriptless."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.files import make_folder
from chaos.report import write_reports, write_summary
from chaos.verdict import judge
from tests.browser.chromium import Page, find_chromium
from tests.past_runs import a_past, a_point
from tests.recordings import Kind, demo_recording

pytestmark = pytest.mark.browser

DESKTOP, PHONE = 1280, 390
KINDS: tuple[Kind, ...] = ("pass", "fail", "inconclusive", "aborted")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A report of each kind, and their summary."""
    root = tmp_path_factory.mktemp("reports")
    runs = []
    for kind in KINDS:
        recording = demo_recording(kind)
        verdict = judge(recording)
        write_reports(recording, verdict, make_folder(root / kind))
        runs.append((recording, verdict, root / kind))
    write_summary(runs, root / "summary")
    return {
        **{kind: root / kind / "report.html" for kind in KINDS},
        "summary": root / "summary" / "index.html",
    }


def drawn(page: Page) -> int:
    return int(page.ask("document.querySelectorAll('#chart svg path').length"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_every_report_is_drawn_without_network_complaint_or_sideways_scrolling(
    page: Page, pages: dict[str, Path], kind: Kind, width: int, dark: bool
) -> None:
    page.requests.clear()
    page.complaints.clear()
    page.show(pages[kind], width, dark)

    assert page.requests == [pages[kind].as_uri()], (
        "only the file itself; data: addresses would be listed too"
    )
    assert page.complaints == []
    assert page.ask("document.documentElement.scrollWidth") <= width
    assert drawn(page) > 20
    assert pages[kind].stat().st_size <= 2 * 1024 * 1024


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_the_summary_fits_and_links_to_the_reports(page: Page, pages: dict[str, Path], width: int) -> None:
    page.show(pages["summary"], width)

    assert page.ask("document.documentElement.scrollWidth") <= width
    links = set(page.ask("[...document.links].map(link => link.href)"))
    assert links == {pages[kind].as_uri() for kind in KINDS}


def test_the_answers_are_on_the_first_screen(page: Page, pages: dict[str, Path]) -> None:
    page.show(pages["fail"], PHONE)

    answers = "[...document.querySelectorAll('.badge, .tile h2')]"
    bottoms = page.ask(f"{answers}.map(element => element.getBoundingClientRect().bottom)")
    assert len(bottoms) == 5
    assert max(bottoms) < 844


def test_hovering_tells_what_was_so_at_that_instant(page: Page, pages: dict[str, Path]) -> None:
    page.show(pages["pass"], DESKTOP)
    middle = page.ask(
        "(() => { const b = document.getElementById('chart'); b.scrollIntoView();"
        " const r = b.getBoundingClientRect(); return [r.left + r.width * 0.55, r.top + 80]; })()"
    )
    assert page.ask("document.querySelector('.tip')") is None
    page.point_at(*middle)

    said = page.ask("document.querySelector('.tip').innerText")
    for part in ("fault +", "failed", "degraded", "p50, p95", "container dep", "breaker dep"):
        assert part in said


def test_dark_and_light_differ_in_page_and_chart(page: Page, pages: dict[str, Path]) -> None:
    look = (
        "[getComputedStyle(document.body).backgroundColor,"
        " [...document.querySelectorAll('#chart svg text')].map(t => t.getAttribute('fill')).join()]"
    )
    page.show(pages["pass"], DESKTOP, dark=False)
    light = page.ask(look)
    page.show(pages["pass"], DESKTOP, dark=True)
    dark = page.ask(look)

    assert light[0] != dark[0]
    assert light[1] != dark[1]


def test_printing_opens_the_evidence_on_white(page: Page, pages: dict[str, Path]) -> None:
    page.show(pages["pass"], DESKTOP, dark=True)
    closed = "document.querySelectorAll('details:not([open])').length"
    assert page.ask(closed) > 0
    page.call("Emulation.setEmulatedMedia", media="print")
    page.ask("dispatchEvent(new Event('beforeprint'))")

    assert page.ask(closed) == 0
    assert page.ask("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert (
        page.ask("document.querySelector('#chart svg').getBoundingClientRect().width") <= 703
    )  # A4 less its margins


def test_without_scripts_the_tables_still_tell_it(page: Page, pages: dict[str, Path]) -> None:
    page.show(pages["fail"], DESKTOP, scripts=False)
    text = page.ask("document.body.innerText")

    assert "The chart needs JavaScript" in text
    assert "Expected against actual" in text
    assert page.ask("document.querySelectorAll('.check').length") > 5
    assert page.ask("document.querySelectorAll('.timeline tbody tr').length") > 10


def test_the_policy_of_the_page_stops_requests(page: Page, pages: dict[str, Path], tmp_path: Path) -> None:
    """Were a report to ask for something after all, the browser would refuse: shown on a spoilt copy."""
    spoilt = tmp_path / "spoilt.html"
    image = '<img src="http://127.0.0.1:9/seen.png">'
    spoilt.write_text(
        pages["pass"].read_text(encoding="utf-8").replace("<main>", "<main>" + image), encoding="utf-8"
    )
    page.complaints.clear()
    page.show(spoilt)

    assert any("Content Security Policy" in line for line in page.complaints)


def test_a_machine_without_a_browser_fails_with_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(pytest.fail.Exception, match=r"fix: run bootstrap/browser\.sh"):
        find_chromium()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_trends_are_drawn_in_report_and_summary(
    page: Page, tmp_path_factory: pytest.TempPathFactory, width: int, dark: bool
) -> None:
    root = tmp_path_factory.mktemp("trends")
    recording = demo_recording("pass")
    verdict, past = judge(recording), a_past(a_point(1), a_point(2, None, certifiable=False))
    report, *_ = write_reports(recording, verdict, make_folder(root / "run"), past)
    summary, *_ = write_summary([(recording, verdict, root / "run")], root / "summary", pasts=[past])
    for file in (report, summary):
        page.complaints.clear()
        page.show(file, width, dark)
        assert page.ask("document.querySelectorAll('.past-chart svg path').length") > 5
        assert "median 100" in page.ask("document.querySelector('.past-chart').textContent")
        assert page.ask("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.complaints == []
