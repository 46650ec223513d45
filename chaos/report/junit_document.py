"""The form of every JUnit file that gameday writes: test suites with their totals, cases with a problem."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from xml.etree import ElementTree as Xml

from chaos.report import human

_TOTALS = MappingProxyType({"failure": "failures", "error": "errors", "skipped": "skipped"})


def document(suites: Sequence[Xml.Element], problems: Sequence[str]) -> str:
    """The XML document. It sets the totals of each suite and of all suites.

    ``problems``: the tags that a case may hold, of ``failure``, ``error`` and ``skipped``.
    """
    root = Xml.Element("testsuites", name="gameday")
    root.extend(suites)
    for element in (*suites, root):
        element.set("tests", str(len(list(element.iter("testcase")))))
        for tag in problems:
            element.set(_TOTALS[tag], str(len(list(element.iter(tag)))))
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def add_problem(case: Xml.Element, tag: str, kind: str, message: str, lines: Sequence[str] = ()) -> None:
    """Say in a test case why it did not pass. ``kind``: the ``type`` attribute. ``lines``: the details."""
    problem = Xml.SubElement(case, tag, type=kind, message=human.plain(message))
    if lines:
        problem.text = human.plain("\n".join(lines))
