"""Steps of people on the pages of a game day: join, wait for what a page says, fill in a form, press."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chaos.gameday.event_base import Role
from tests.browser.chromium import Page

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PATIENCE = 20.0  # seconds for something that takes less than one on a quiet machine
STEP = 0.05


def join(page: Page, address: str, role: Role, width: int = 1280) -> None:
    """Open the address of a role, with its token, as somebody whose name is that of the role."""
    page.call("Network.clearBrowserCookies")
    page.requests.clear()
    page.complaints.clear()
    page.visit("about:blank")
    page.visit(address, width)
    page.ask(f"document.querySelector('[name=name]').value = '{role.value}'")
    page.ask("document.querySelector('.join').submit()")
    until(page, "!!document.body?.dataset.page")


def until(page: Page, condition: str, patience: float = PATIENCE) -> None:
    """Wait until a condition holds in the page; fails with what the page shows instead."""
    wait(
        lambda: bool(page.ask(condition)),
        lambda: f"{condition}\n{page.ask('document.body.innerText')}",
        patience,
    )


def wait(holds: Callable[[], bool], seen: Callable[[], object], patience: float = PATIENCE) -> None:
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end, seen()
        time.sleep(STEP)


def says(page: Page, text: str, patience: float = PATIENCE) -> None:
    until(page, f"document.body?.innerText.includes({json.dumps(text)})", patience)


def enter(page: Page, action: str, which: int = 0, draft: str = "", **fields: str) -> None:
    """Fill in a form of the page and press its button, as a mouse does. ``which``: -1 is the last of its
    kind. ``draft``: the message whose form is meant.
    """
    inside = f"#draft-{draft} " if draft else ""
    script = f"""(() => {{
      const form = [...document.querySelectorAll('{inside}form[action="/act/{action}"]')].at({which});
      if (!form) return false;
      for (const one of [form.closest('details.panel'), form.closest('details')]) if (one) one.open = true;
      const fields = {json.dumps(fields)};
      for (const name in fields) form.elements[name].value = fields[name];
      form.querySelector('button').click();
      return true;
    }})()"""
    until(page, script)


def reach(page: Page, focused: str) -> None:
    """Press Tab until the focus is where it should be."""
    for _ in range(60):
        page.press("Tab", 9)
        if page.ask(focused):
            return
    raise AssertionError(f"Tab never led to {focused}")


def audit(page: Page, width: int) -> list[str]:
    """What axe finds, and what is wider than the screen."""
    page.ask(AXE.read_text(encoding="utf-8") + "; 0")
    found: Any = page.ask(
        "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v =>"
        " `${v.id}: ${v.nodes.map(n => n.target.join(' ')).slice(0, 3).join(', ')}`))"
    )
    if page.ask("document.documentElement.scrollWidth") > width:
        found.append("it is wider than the screen")
    return [str(one) for one in found]
