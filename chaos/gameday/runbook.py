"""Reads the steps of a Markdown runbook, which people tick off.

A bold paragraph or a numbered heading is a step. In the sections of ``_SECTIONS``, so is a numbered item, and
a paragraph with the commands after it. A numbered item is also a step before the first section.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import urlsplit

LONGEST_TITLE = 200  # characters
_BOLD = re.compile(r"\*\*(?P<title>[^*\n]{1,200}?)\.?\*\*\s*")
_NUMBERED = re.compile(r"#{2,4}\s+(?P<title>\d+\.\s+.+)")
_ITEM = re.compile(r"\d+\.\s+(?P<title>.+)")
# Section with steps -> does every incident need all of them? An investigation ends when the cause is found,
# and an incident needs only one of the resolutions.
_SECTIONS = {"immediate actions": True, "investigation": False, "resolution steps": False, "validation": True}
# Bold paragraphs that are no steps: they only describe.
_DESCRIPTIONS = frozenset({"symptoms", "detection", "impact", "post-incident"})


@dataclass(frozen=True)
class RunbookStep:
    """One step. ``number`` counts from 1. ``body``: Markdown, to be shown as plain text.

    ``prescribed``: every incident needs it. ``section``: the heading above it; empty if there is none.
    """

    number: int
    title: str
    body: str
    prescribed: bool = True
    section: str = ""


def runbook_name(reference: str) -> str:
    """The name of a runbook. ``reference``: a name, a path or a URL from a rule; empty gives empty."""
    try:
        return PurePosixPath(urlsplit(reference).path).stem
    except ValueError:  # an address such as http://[
        return ""


def runbook_steps(text: str) -> tuple[RunbookStep, ...]:
    """Every step of a Markdown ``text``, in order; empty if it has none."""
    reader = _StepReader()
    for line in text.splitlines():
        reader.read(_without_comments(line))
    steps = [one for one in reader.found if one.title and one.title.lower() not in _DESCRIPTIONS]
    return tuple(
        RunbookStep(number, one.title, "\n".join(one.body).strip(), one.prescribed, one.section)
        for number, one in enumerate(steps, 1)
    )


def _without_comments(line: str) -> str:
    kept: list[str] = []
    start = 0
    while (begin := line.find("<!--", start)) >= 0 and (end := line.find("-->", begin + 4)) >= 0:
        kept.append(line[start:begin])
        start = end + 3
    return "".join([*kept, line[start:]])


@dataclass
class _Draft:
    title: str
    prescribed: bool
    section: str
    body: list[str] = field(default_factory=list)
    commands: bool = False  # its body contains a code block


class _StepReader:
    """Reads line by line. ``found``: the steps, and drafts without a title for text outside of steps."""

    def __init__(self) -> None:
        self.found: list[_Draft] = [_Draft("", False, "")]
        self._section: bool | None = None  # are its steps prescribed? None: not in ``_SECTIONS``
        self._heading = ""  # of the current section
        self._in_code = False
        self._paragraph = False

    def read(self, line: str) -> None:
        current = self.found[-1]
        if line.startswith("```"):
            self._in_code = not self._in_code
            current.commands = True
            self._paragraph = False
        elif not self._in_code and self._begins_step(line, current):
            return
        current.body.append(line)
        if not line.strip():
            self._paragraph = False

    def _begins_step(self, line: str, current: _Draft) -> bool:
        """Begins a step or a section if ``line`` is the first of one; False if it is not."""
        if numbered := _NUMBERED.match(line):
            self._begin(numbered["title"], False)
        elif line.startswith("## "):
            self._heading = line.removeprefix("## ").strip()
            self._section = _SECTIONS.get(self._heading.lower())
            self._begin("", False)
        elif bold := _BOLD.match(line):
            self._begin(bold["title"], True, line[bold.end() :].strip())
        elif (item := _ITEM.match(line)) and (self._section is not None or not self._heading):
            self._begin(item["title"], self._section is not False)
        elif self._section is None:
            return False
        elif self._is_new_paragraph(line, current):
            self._begin(line.strip(), self._section)
            self._paragraph = True
        else:
            return False
        return True

    def _is_new_paragraph(self, line: str, current: _Draft) -> bool:
        """Does ``line`` begin a step? A paragraph after a step without commands belongs to that step."""
        is_text = bool(line.strip()) and not line.startswith((" ", "-", "|", "#", ">"))
        return is_text and not self._paragraph and (current.commands or not current.title)

    def _begin(self, title: str, prescribed: bool, rest: str = "") -> None:
        words = title.strip().rstrip(":")
        if len(words) > LONGEST_TITLE:
            words, rest = words[: words.rfind(" ", 0, LONGEST_TITLE)] + " …", title
        self.found.append(_Draft(words, prescribed, self._heading, [rest] if rest else []))
