"""``gameday preflight --fix``: suggestions as comments at the end of a stack.yaml. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from chaos.preflight.findings import PreflightFinding

HEADING = "# From the traffic that gameday preflight saw; move each correct line to its key:"


def amended(text: str, findings: Sequence[PreflightFinding]) -> str:
    """``text`` with a comment for each amendment that it does not have yet; nothing else changes."""
    lines = [f"# {one.amendment}" for one in findings if one.amendment]
    there = {line.strip() for line in text.splitlines()}
    fresh = [line for line in dict.fromkeys(lines) if line not in there]
    if not fresh:
        return text
    heading = [] if HEADING in there else ["", HEADING]
    return "\n".join([text.rstrip("\n"), *heading, *fresh, ""])
