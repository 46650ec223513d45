"""Findings: what runs and people found wrong. A finding keeps its number, and a passing re-test closes it."""

from chaos.findings.advance import RESPONSE, FailedResult, ScenarioRun, advance, noted
from chaos.findings.database import FILE_NAME, FindingsDamaged, open_findings
from chaos.findings.model import Finding, FindingState
from chaos.findings.store import Findings

__all__ = [
    "FILE_NAME",
    "RESPONSE",
    "FailedResult",
    "Finding",
    "FindingState",
    "Findings",
    "FindingsDamaged",
    "ScenarioRun",
    "advance",
    "noted",
    "open_findings",
]
