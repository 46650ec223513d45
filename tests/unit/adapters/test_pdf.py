"""A PDF is there whole or not at all, and what prints it is gone afterwards. Browsers here are scripts."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from chaos.adapters import pdf
from chaos.adapters.pdf import find_browser, print_pdf
from chaos.errors import EnvironmentProblem, ToolProblem

Browser = Callable[..., dict[str, str]]
TARGET = 'for word in "$@"; do case $word in --print-to-pdf=*) target=${word#*=};; esac; done'


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    """A chromium that does what the script says; the environment in which it is found."""

    def make(script: str, name: str = "chromium") -> dict[str, str]:
        bin_folder = tmp_path / "bin"
        bin_folder.mkdir(exist_ok=True)
        file = bin_folder / name
        file.write_text(f"#!/bin/sh\n{TARGET}\n{script}\n", encoding="utf-8")
        file.chmod(0o755)
        return {"PATH": f"{bin_folder}:/usr/bin:/bin", "SECRET": "s3cret"}

    return make


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "report.html"
    file.write_text("<p>hello", encoding="utf-8")
    return file


def test_a_page_is_printed(browser: Browser, page: Path) -> None:
    made = print_pdf(page, page.with_name("report.pdf"), browser("echo %PDF-1.4 >$target"))
    assert made.read_bytes().startswith(b"%PDF-")
    assert {file.name for file in page.parent.iterdir()} == {"bin", "report.html", "report.pdf"}


def test_the_browser_has_its_own_profile_no_network_and_none_of_our_environment(
    browser: Browser, page: Path, tmp_path: Path
) -> None:
    env = browser(f'{{ env; echo "$@"; }} >{tmp_path}/seen; echo %PDF-1.4 >$target')
    print_pdf(page, tmp_path / "report.pdf", env)
    seen = (tmp_path / "seen").read_text()
    assert "s3cret" not in seen
    assert "MAP * ~NOTFOUND" in seen
    assert page.as_uri() in seen
    (profile,) = [word for word in seen.split() if word.startswith("--user-data-dir=")]
    assert not Path(profile.partition("=")[2]).parent.exists()


@pytest.mark.parametrize(("user", "without"), [(0, True), (1000, False)], ids=["root", "anybody else"])
def test_only_root_goes_without_the_sandbox(
    browser: Browser, page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int, without: bool
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    print_pdf(page, tmp_path / "r.pdf", browser(f'echo "$@" >{tmp_path}/seen; echo %PDF-1.4 >$target'))
    assert ("--no-sandbox" in (tmp_path / "seen").read_text()) is without


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo cannot open display >&2; exit 7", "chromium ended with exit code 7: cannot open display"),
        ("exit 0", "ended without an error but wrote no PDF"),
        ("echo '<html>' >$target", "ended without an error but wrote no PDF"),
        ("exec tail -f /dev/null", r"did not print the page within 0\.3 s"),
    ],
    ids=["fails", "writes nothing", "writes something else", "never ends"],
)
def test_without_a_whole_pdf_there_is_none(browser: Browser, page: Path, script: str, said: str) -> None:
    target = page.with_name("report.pdf")
    patience = 0.3 if "tail" in script else pdf.PATIENCE
    with pytest.raises(ToolProblem, match=said):
        print_pdf(page, target, browser(script), patience)
    assert not target.exists()


@retry(stop=stop_after_delay(10), wait=wait_fixed(0.01), retry=retry_if_result(bool), reraise=True)
def await_end(state: Path) -> bool:
    """Until the process is gone, or a zombie that its parent has not reaped yet; a signal takes its time."""
    try:
        return state.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_all_that_a_browser_started_is_ended(browser: Browser, page: Path, tmp_path: Path) -> None:
    env = browser(f"tail -f /dev/null & echo $! >{tmp_path}/child; echo %PDF-1.4 >$target")
    print_pdf(page, tmp_path / "report.pdf", env)
    child = int((tmp_path / "child").read_text())
    await_end(Path(f"/proc/{child}/stat"))


def test_a_browser_of_another_name_is_named_by_a_variable(browser: Browser) -> None:
    env = browser("exit 0", "my-browser")
    assert find_browser({**env, "CHROMIUM": "my-browser"}).endswith("/bin/my-browser")
    with pytest.raises(EnvironmentProblem, match="CHROMIUM names nowhere, which is not executable"):
        find_browser({**env, "CHROMIUM": "nowhere"})


def test_no_browser_is_reported_with_its_fix(page: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="Chromium was not found\n  fix: install chromium"):
        print_pdf(page, page.with_name("report.pdf"), {"PATH": ""})


def test_a_folder_that_cannot_be_written_is_reported(browser: Browser, page: Path) -> None:
    target = page.parent / "gone" / "report.pdf"
    with pytest.raises(EnvironmentProblem, match=r"report\.pdf cannot be written in .*: No such file"):
        print_pdf(page, target, browser("echo %PDF-1.4 >$target"))
