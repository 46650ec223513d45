"""The steps of a runbook in Markdown, to tick off.

In the sections that ask for something, a step is a numbered item, or a paragraph with the commands behind it.
Elsewhere it is a bold paragraph or a numbered heading.
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
_COMMENT = re.compile(r"<!--.*?-->")
# Sections whose paragraphs are steps, and whether every incident needs them. An investigation ends when the
# cause is found, and a resolution is one of several.
_SECTIONS = {"immediate actions": True, "investigation": False, "resolution steps": False, "validation": True}
# Bold paragraphs that describe and ask for nothing.
_DESCRIPTIONS = frozenset({"symptoms", "detection", "impact", "post-incident"})


@dataclass(frozen=True)
class RunbookStep:
    """``number`` counts from 1; ``body`` is Markdown, to be shown as text. ``prescribed``: every incident of
    this runbook needs it; others are for some cases only. ``section``: the heading above it, if any.
    """

    number: int
    title: str
    body: str
    prescribed: bool = True
    section: str = ""


def runbook_name(reference: str) -> str:
    """The name of a runbook from what a rule says: a name, a path or a URL. Empty if it says nothing."""
    return PurePosixPath(urlsplit(reference).path).stem


def runbook_steps(text: str) -> tuple[RunbookStep, ...]:
    """Every step, in order. Empty for a text without one."""
    reader = _Reader()
    for line in _COMMENT.sub("", text).splitlines():
        reader.read(line)
    steps = [one for one in reader.found if one.title and one.title.lower() not in _DESCRIPTIONS]
    return tuple(
        RunbookStep(number, one.title, "\n".join(one.body).strip(), one.prescribed, one.section)
        for number, one in enumerate(steps, 1)
    )


@dataclass
class _Draft:
    title: str
    prescribed: bool
    section: str
    body: list[str] = field(default_factory=list)
    commands: bool = False  # a block of commands stands in its body


class _Reader:
    """Reads line by line; ``found`` holds the steps, and empty titles where text belongs to none."""

    def __init__(self) -> None:
        self.found: list[_Draft] = [_Draft("", False, "")]
        self._section: bool | None = None  # are its steps prescribed? None: not a section of steps
        self._heading = ""  # of the section that has begun
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
        """Did the line begin a step, or a section?"""
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
        """A paragraph behind one without commands belongs to it."""
        is_text = bool(line.strip()) and not line.startswith((" ", "-", "|", "#", ">"))
        return is_text and not self._paragraph and (current.commands or not current.title)

    def _begin(self, title: str, prescribed: bool, rest: str = "") -> None:
        words = title.strip().rstrip(":")
        if len(words) > LONGEST_TITLE:
            words, rest = words[: words.rfind(" ", 0, LONGEST_TITLE)] + " …", title
        self.found.append(_Draft(words, prescribed, self._heading, [rest] if rest else []))
