"""The one page of a preflight, for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from chaos.errors import ExitCode
from chaos.preflight.findings import Level, PreflightFinding
from chaos.preflight.seen import Cost, NotStarted, ObservedStart

_MIB = 1024 * 1024
_VERDICT = {
    ExitCode.PASS: "ready: a run can give a meaningful verdict",
    ExitCode.FAIL: "not ready: fix what is wrong",
    ExitCode.INCONCLUSIVE: "ready, as far as preflight could check",
    ExitCode.HARNESS: "it does not start",
}


def page(
    stack: str,
    findings: Sequence[PreflightFinding],
    spliced: ObservedStart | NotStarted,
    plain: ObservedStart | NotStarted | None,
    code: ExitCode,
) -> Iterator[str]:
    """The lines of the page."""
    yield f"preflight of {stack}: {_VERDICT[code]}"
    yield ""
    for name, seen in (("with proxies", spliced), ("without proxies", plain)):
        yield f"  {name:<16} {_state(seen)}"
    if isinstance(spliced, ObservedStart):
        used = [used for used in spliced.used.values() if used]
        yield f"  {'links':<16} {len(used)} of {len(spliced.used)} carry the application's traffic"
        if spliced.levers:
            yield f"  {'levers':<16} {len(spliced.levers)} asked"
        for ledger in spliced.ledgers:
            yield f"  {'ledger ' + ledger.name:<16} {ledger.acknowledged} writes acknowledged and looked for"
        if spliced.selectors:
            live = [one for one in spliced.selectors if one.series]
            yield f"  {'selectors':<16} {len(live)} of {len(spliced.selectors)} match a live series"
    for level in Level:
        for finding in (one for one in findings if one.level is level):
            yield ""
            first, *more = finding.text.splitlines()
            yield f"  {level.value}: {finding.subject}: {first}"
            yield from (f"    {line}" for line in more)
            if finding.fix:
                yield f"    fix: {finding.fix}"


def _state(seen: ObservedStart | NotStarted | None) -> str:
    if seen is None:
        return "not started"
    if isinstance(seen, NotStarted):
        return "did not start"
    return f"healthy; {_cost(seen.cost)}"


def _cost(cost: Cost) -> str:
    memory = "memory unknown" if cost.memory is None else f"{cost.memory / _MIB:.0f} MiB"
    return f"{cost.start_seconds:.1f} s, {cost.containers} containers, {cost.networks} networks, {memory}"


def as_json(
    stack: str,
    findings: Sequence[PreflightFinding],
    spliced: ObservedStart | NotStarted,
    plain: ObservedStart | NotStarted | None,
    code: ExitCode,
) -> str:
    """The same as one JSON document; see docs/preflight.md."""
    document = {
        "schema_version": 1,
        "stack": stack,
        "exit_code": int(code),
        "spliced": _as_value(spliced),
        "plain": _as_value(plain),
        "findings": [
            {"level": one.level.value, "subject": one.subject, "text": one.text, "fix": one.fix}
            for one in findings
        ],
    }
    return json.dumps(document, indent=2)


def _as_value(seen: ObservedStart | NotStarted | None) -> object:
    if seen is None:
        return None
    if isinstance(seen, NotStarted):
        return {"started": False, "why": seen.why}
    return {
        "started": True,
        "start_seconds": round(seen.cost.start_seconds, 1),
        "containers": seen.cost.containers,
        "networks": seen.cost.networks,
        "memory_bytes": seen.cost.memory,
        "requests": [
            {"request": one.request, "statuses": list(one.statuses), "served": one.served}
            for one in seen.answers
        ],
        "links_used": dict(seen.used),
    }
