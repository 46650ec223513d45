"""Starts a stack once without faults, spliced and plain, and says whether runs can be meaningful.

``look`` examines a deployment and returns values (``seen``); ``findings`` compares them and is pure;
``page`` writes them for people and as JSON; ``amend`` adds suggestions to a stack.yaml, as comments.
"""

from chaos.preflight.amend import amended
from chaos.preflight.findings import Level, PreflightFinding, exit_code, findings_of
from chaos.preflight.look import ExaminedDeployment, look_at
from chaos.preflight.page import as_json, page
from chaos.preflight.seen import NamedPorts, NotStarted, ObservedStart

__all__ = [
    "ExaminedDeployment",
    "Level",
    "NamedPorts",
    "NotStarted",
    "ObservedStart",
    "PreflightFinding",
    "amended",
    "as_json",
    "exit_code",
    "findings_of",
    "look_at",
    "page",
]
