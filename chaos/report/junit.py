"""JUnit XML: one test suite for each scenario, one test case for each check.

The three kinds of failure stay separate, like the exit codes:

    failure type="fail"                       at least one check failed (1)
    error   type="inconclusive" or "aborted"  inconclusive (2)
    error   type="harness"                    the harness, the machine or the stack broke (3)

Never a ``skipped``: a CI server shows skipped cases as green.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as Xml

from chaos.model.verdict import Outcome
from chaos.report import human
from chaos.report.broken import BrokenRun
from chaos.report.facts import GIT_COMMIT, SCENARIO_SHA256
from chaos.report.junit_document import add_problem, document
from chaos.report.view import CheckView, ReportView

HARNESS = "harness"
REPORTED = ("failure", "error")


def junit_xml(views: Sequence[ReportView], broken: Sequence[BrokenRun] = ()) -> str:
    """The XML document for one or several runs, including runs that left nothing to judge."""
    suites = [_suite(view) for view in views]
    for one in broken:
        suite = Xml.Element("testsuite", name=human.plain(one.scenario), time="0.000")
        suite.append(_harness_case(one.scenario, one.detail))
        suites.append(suite)
    return document(suites, REPORTED)


def _suite(view: ReportView) -> Xml.Element:
    suite = Xml.Element("testsuite", name=human.plain(view.scenario), time=f"{view.took:.3f}")
    if view.started:
        suite.set("timestamp", datetime.fromtimestamp(view.started, UTC).strftime("%Y-%m-%dT%H:%M:%S"))
    properties = Xml.SubElement(suite, "properties")
    for name, value in _properties(view):
        Xml.SubElement(properties, "property", name=name, value=human.plain(value))
    cases = [_case(view, check) for check in view.checks]
    if why := _broke(view):
        cases.append(_harness_case(view.scenario, why))
    explained = any(case.find("failure") is not None or case.find("error") is not None for case in cases)
    if not cases or (view.outcome is not Outcome.PASS and not explained):
        cases.append(_run_case(view))
    suite.extend(cases)
    return suite


def _broke(view: ReportView) -> str:
    """Why gameday did not finish the run; "" if it did, or was asked to stop."""
    if view.moments.error:
        return view.moments.error
    killed = not view.moments.finished and not view.moments.interrupted
    return "the recording has no last line: the harness was killed" if killed else ""


def _harness_case(scenario: str, detail: str) -> Xml.Element:
    case = Xml.Element("testcase", classname=f"{scenario}.harness", name="the harness ran to its end")
    lines = human.plain(detail).splitlines() or ["it broke"]
    add_problem(case, "error", HARNESS, lines[0], lines)
    return case


def _properties(view: ReportView) -> list[tuple[str, str]]:
    return [
        ("run", view.run_id),
        ("outcome", str(view.outcome)),
        ("score", view.score.total),
        ("certifiable", str(view.score.certifiable).lower()),
        ("pace", human.pace(view.pace)),
        *((fact.name, fact.value) for fact in view.facts.rows if fact.name in (SCENARIO_SHA256, GIT_COMMIT)),
    ]


def _case(view: ReportView, check: CheckView) -> Xml.Element:
    case = Xml.Element("testcase", classname=f"{view.scenario}.{check.check}", name=human.plain(check.title))
    lines = [f"expected: {check.expected}", f"actual: {check.actual}"]
    lines += [f"{fact.at} {fact.text}".strip() for fact in check.evidence]
    lines += [f"to fix: {fix}" for fix in check.fixes]
    _problem(case, check.outcome, check.actual, lines)
    return case


def _run_case(view: ReportView) -> Xml.Element:
    """The run as a whole, when no check says why it did not pass."""
    case = Xml.Element("testcase", classname=f"{view.scenario}.run", name="the run can be judged")
    outcome = Outcome.INCONCLUSIVE if view.outcome is Outcome.PASS else view.outcome
    _problem(case, outcome, view.reason, [view.reason, *view.missing])
    return case


def _problem(case: Xml.Element, outcome: Outcome, message: str, lines: list[str]) -> None:
    if outcome is Outcome.PASS:
        return
    tag = "failure" if outcome is Outcome.FAIL else "error"
    add_problem(case, tag, str(outcome).lower(), message, lines)
