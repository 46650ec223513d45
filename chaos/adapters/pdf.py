"""Prints a page as PDF with a headless Chromium, so that no second layout is needed for paper."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from chaos.errors import EnvironmentProblem, ToolProblem, foreign_errors
from chaos.files import write_file
from chaos.processes import kill_group

VARIABLE = "CHROMIUM"  # names the browser if it has another name or path
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 120.0  # seconds; a page takes two seconds on an idle machine
FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-extensions",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # the page requests nothing, and the browser must not either
    "--proxy-server=127.0.0.1:9",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
)
FIX = f"install chromium (bootstrap/browser.sh does), or name a browser in {VARIABLE}"


def find_browser(env: Mapping[str, str]) -> str:
    """Path of the browser. Raises ``EnvironmentProblem`` if there is no browser."""
    named = env.get(VARIABLE)
    for name in (named,) if named else NAMES:
        path = shutil.which(name, path=env.get("PATH", ""))
        if path:
            return path
    missing = f"{VARIABLE} names {named}, which is not executable" if named else "Chromium was not found"
    raise EnvironmentProblem(missing, FIX)


def print_pdf(page: Path, pdf: Path, env: Mapping[str, str], patience: float = PATIENCE) -> Path:
    """Print a local HTML file to ``pdf``; afterwards the file is complete, or does not exist.

    Raises ``EnvironmentProblem`` where there is no browser, ``ToolProblem`` when it ends badly or takes
    longer than ``patience`` seconds. The browser has a profile of its own and no network, and is gone
    afterwards.
    """
    browser = find_browser(env)
    with (
        foreign_errors(f"could not print {page.name}"),
        tempfile.TemporaryDirectory(prefix="gameday-pdf-", ignore_cleanup_errors=True) as own,
    ):
        made = Path(own) / "page.pdf"
        _run(
            [browser, *_flags(Path(own)), f"--print-to-pdf={made}", page.resolve().as_uri()],
            own,
            env,
            patience,
        )
        if not made.is_file() or made.read_bytes()[:5] != b"%PDF-":
            raise ToolProblem(f"{Path(browser).name} ended without an error but wrote no PDF")
        return write_file(pdf, made.read_bytes())


def _flags(own: Path) -> tuple[str, ...]:
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()  # Chromium refuses root with it
    return (*FLAGS, *sandbox, f"--user-data-dir={own / 'profile'}")


def _run(command: list[str], own: str, env: Mapping[str, str], patience: float) -> None:
    """Runs in a process group that is killed as a whole: the browser starts many processes."""
    name = Path(command[0]).name
    words = Path(own) / "words"  # a file, because a process left behind would keep a pipe open
    try:
        with words.open("wb") as said:
            process = subprocess.Popen(
                command,
                env={"PATH": env.get("PATH", os.defpath), "HOME": own, "TMPDIR": own, "LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
            )
    except OSError as error:
        raise EnvironmentProblem(f"{name} cannot be started: {error.strerror or error}", FIX) from error
    try:
        code = process.wait(patience)
    except subprocess.TimeoutExpired as error:
        raise ToolProblem(f"{name} did not print the page within {patience:g} s") from error
    finally:
        kill_group(process)
    if code != 0:
        lines = words.read_text("utf-8", "replace").strip().splitlines() or ["it printed nothing"]
        raise ToolProblem(f"{name} ended with exit code {code}: {lines[-1][:300]}")
