"""Derives from two starts of a stack what they mean for its runs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chaos.errors import ExitCode
from chaos.model.links import CLIENTS, as_link
from chaos.model.stack import Stack
from chaos.preflight.seen import NO_ANSWER, NamedPorts, NotStarted, ObservedStart, RequestAnswers
from chaos.timeline.machine import STALL

# From here on the kernel chooses ports for single connections (net.ipv4.ip_local_port_range)
_CHOSEN_BY_KERNEL = 32768


class Level(StrEnum):
    """How much a finding matters to a run."""

    WRONG = "wrong"  # a run would give a false verdict, or none
    UNKNOWN = "unknown"  # preflight could not check it
    NOTE = "note"


@dataclass(frozen=True)
class PreflightFinding:
    """``amendment``: a line for stack.yaml that ``--fix`` adds as a comment, "" without one."""

    level: Level
    subject: str
    text: str
    fix: str = ""
    amendment: str = ""


def findings_of(
    stack: Stack,
    spliced: ObservedStart | NotStarted,
    plain: ObservedStart | NotStarted | None,
    known: Mapping[str, NamedPorts],
) -> tuple[PreflightFinding, ...]:
    """``plain``: the same without proxies between services, None if it was not started. ``known``: by
    service.
    """
    if isinstance(spliced, NotStarted):
        return (_not_started(spliced, plain),)
    return (
        *_answers(spliced, plain),
        *_links(stack, spliced),
        *_undeclared(stack, spliced, plain, known),
        *_ports(stack, spliced),
        *_not_carried(stack, spliced, known),
        *_monitoring(spliced),
        *_levers(spliced),
        *_ledgers(spliced),
    )


def exit_code(findings: Sequence[PreflightFinding], spliced: ObservedStart | NotStarted) -> ExitCode:
    """0 ready, 1 something is wrong, 2 something could not be checked, 3 the stack does not start."""
    if isinstance(spliced, NotStarted):
        return ExitCode.HARNESS
    levels = {finding.level for finding in findings}
    if Level.WRONG in levels:
        return ExitCode.FAIL
    return ExitCode.INCONCLUSIVE if Level.UNKNOWN in levels else ExitCode.PASS


def _not_started(spliced: NotStarted, plain: ObservedStart | NotStarted | None) -> PreflightFinding:
    if isinstance(plain, ObservedStart):
        text = "it starts without proxies but not with them: some service cannot be reached"
        fix = "`gameday validate` lists what no proxy can carry; remove the link of that service"
    else:
        text, fix = "it does not start", "make it start without gameday first"
    return PreflightFinding(Level.WRONG, "stack", f"{text}\n{spliced.why}", fix)


def _answers(spliced: ObservedStart, plain: ObservedStart | NotStarted | None) -> Iterator[PreflightFinding]:
    if isinstance(plain, NotStarted):
        yield PreflightFinding(Level.UNKNOWN, "plain", f"it does not start without proxies:\n{plain.why}")
    starts = [one for one in (spliced, plain) if isinstance(one, ObservedStart)]
    late = max(one.lag for one in starts)
    before = {one.request: one for one in plain.answers} if isinstance(plain, ObservedStart) else {}
    for answer in spliced.answers:
        other = before.get(answer.request)
        if other is not None and (other.statuses, other.shape) != (answer.statuses, answer.shape):
            text = f"answered {_words(answer)} with proxies and {_words(other)} without"
            yield _bad_answer(answer, text, "a link blocks traffic: see the links below", late)
        elif not answer.served:
            text = f"not served without faults: {_words(answer)}"
            fix = "write a request that your stack serves, or set expect_status, under load: in stack.yaml"
            yield _bad_answer(answer, text, fix, late)
    if not spliced.answers:
        fix = "add requests of your users under load: in stack.yaml"
        yield PreflightFinding(
            Level.UNKNOWN, "load", "no profile sends a request through a link of clients", fix
        )


def _bad_answer(answer: RequestAnswers, text: str, fix: str, late: float) -> PreflightFinding:
    """If the machine stood still, time-outs of the stack may have run out: then its answers prove nothing."""
    if late < STALL:
        return PreflightFinding(Level.WRONG, answer.request, text, fix)
    text += f", but this machine stood still for {late:.1f} s meanwhile"
    return PreflightFinding(Level.UNKNOWN, answer.request, text, "run preflight again")


def _words(answer: RequestAnswers) -> str:
    return f"{', '.join('nothing' if s == NO_ANSWER else str(s) for s in answer.statuses)} ({answer.shape})"


def _links(stack: Stack, spliced: ObservedStart) -> Iterator[PreflightFinding]:
    for link in stack.link_names():
        used = spliced.used.get(str(link))
        if used is False:
            text = "the application sent nothing over it during the load"
            fix = (
                "add a request that needs it to the load, or remove the link: "
                "a fault on an unused link proves nothing"
            )
            yield PreflightFinding(Level.NOTE, str(link), text, fix, f"unused in preflight: {link}")
        elif used is None:
            yield PreflightFinding(
                Level.UNKNOWN, str(link), "gameday cannot tell on this machine whether it is used"
            )


def _undeclared(
    stack: Stack,
    spliced: ObservedStart,
    plain: ObservedStart | NotStarted | None,
    known: Mapping[str, NamedPorts],
) -> Iterator[PreflightFinding]:
    """Links from services of stack.yaml to any service of the compose file; the others are gameday's."""
    seen = [one.connections for one in (spliced, plain) if isinstance(one, ObservedStart)]
    if any(connections is None for connections in seen):
        fix = "run preflight as root where the engine runs"
        text = "gameday may not read connections between containers on this machine"
        yield PreflightFinding(Level.UNKNOWN, "connections", text, fix)
    declared = {(link.client, link.target) for link in stack.link_names()}
    found = {c for connections in seen for c in connections or ()}
    for one in sorted(found, key=lambda c: (c.client, c.target, c.port)):
        if one.client not in stack.services or one.target not in {*stack.services, *known}:
            continue
        if (one.client, one.target) in declared or _watches(stack, one.client):
            continue
        text = f"it carries traffic to port {one.port} but is not declared, so no fault can break it"
        name = f"{one.client}->{one.target}"
        fix = "add it under links:"
        if one.target not in stack.services:
            fix += f", and {one.target} under services:"
        yield PreflightFinding(Level.NOTE, name, text, fix, f"{name}: {one.port}")


def _watches(stack: Stack, service: str) -> bool:
    return stack.prometheus is not None and stack.prometheus.service == service


def _ports(stack: Stack, spliced: ObservedStart) -> Iterator[PreflightFinding]:
    for link, port in stack.links.items():
        listening = spliced.listening.get(link.target)
        if listening is None or link.client == CLIENTS:
            continue
        if port not in listening:
            text = f"{link.target} does not listen on port {port}; it listens on {_list(listening)}"
            yield PreflightFinding(Level.WRONG, str(link), text, "correct its port under links:")


def _not_carried(
    stack: Stack, spliced: ObservedStart, known: Mapping[str, NamedPorts]
) -> Iterator[PreflightFinding]:
    """Ports of the targets of links for which a run has neither a proxy nor a UDP relay."""
    for target in dict.fromkeys(link.target for link in stack.links):
        if not any(as_link(f"{c}->{target}") in stack.links for c in stack.services):
            continue
        named = known.get(target, NamedPorts())
        linked = {port for link, port in stack.links.items() if link.target == target}
        tcp = _fixed(spliced.listening.get(target, frozenset()) - linked - {*named.tcp})
        udp = _fixed(spliced.udp.get(target, frozenset()) - {*named.udp})
        if tcp:
            yield _not_exposed(target, _list(tcp), ", ".join(map(str, tcp)))
        if udp:
            yield _not_exposed(target, f"UDP {_list(udp)}", ", ".join(f'"{port}/udp"' for port in udp))


def _fixed(ports: Iterable[int]) -> list[int]:
    return sorted(port for port in ports if port < _CHOSEN_BY_KERNEL)


def _not_exposed(target: str, ports: str, entries: str) -> PreflightFinding:
    text = f"it also listens on {ports}, but clients cannot reach that in a run"
    fix = f"add expose: [{entries}] to {target} in the compose file if they need it"
    return PreflightFinding(Level.NOTE, target, text, fix, f"expose of {target}: [{entries}]")


def _list(ports: object) -> str:
    return ", ".join(map(str, sorted(ports))) if isinstance(ports, (list, frozenset)) and ports else "nothing"


def _monitoring(spliced: ObservedStart) -> Iterator[PreflightFinding]:
    for alert in spliced.firing or ():
        text = "it fires without any fault, with few requests; whether it also fires under load is unknown"
        fix = "if it does, fix the rule or the stack: no run would reach its steady state"
        yield PreflightFinding(Level.UNKNOWN, f"alert {alert}", text, fix)
    for one in spliced.selectors:
        if one.detail:
            yield PreflightFinding(Level.UNKNOWN, one.selector, one.detail)
        elif not one.series:
            text = "no series matches it now, so an alert that reads it may never fire"
            yield PreflightFinding(
                Level.NOTE, one.selector, text, "check the metric's name and labels in the rule"
            )


def _levers(spliced: ObservedStart) -> Iterator[PreflightFinding]:
    for lever in spliced.levers:
        if lever.absent and (lever.witness is not False or not lever.readback):
            text = (
                f"not examined: it answers as if its fault were in place ({lever.detail}), but it may need a "
                f"service that no active profile starts: {', '.join(lever.absent)}"
            )
            fix = "preflight a scenario that uses the lever"
            yield PreflightFinding(Level.NOTE, f"lever {lever.name}", text, fix)
        elif lever.witness:
            text = f"its witness holds without the fault, so it would prove nothing: {lever.detail}"
            fix = "write a witness that holds only during the fault"
            yield PreflightFinding(Level.WRONG, f"lever {lever.name}", text, fix)
        elif lever.witness is None:
            text = f"its witness gets no answer without the fault, so it would prove nothing: {lever.detail}"
            yield PreflightFinding(Level.WRONG, f"lever {lever.name}", text, "correct its witness:")
        elif not lever.readback:
            text = f"its readback fails without the fault, so it could not confirm an undo: {lever.detail}"
            yield PreflightFinding(Level.WRONG, f"lever {lever.name}", text, "correct its readback:")


def _ledgers(spliced: ObservedStart) -> Iterator[PreflightFinding]:
    for ledger in spliced.ledgers:
        if ledger.detail:
            fix = "correct its write: or its store in stack.yaml"
            yield PreflightFinding(Level.WRONG, f"ledger {ledger.name}", ledger.detail, fix)
        elif ledger.missing:
            text = f"{ledger.missing} of {ledger.acknowledged} acknowledged writes were not read back"
            yield PreflightFinding(
                Level.WRONG, f"ledger {ledger.name}", text, "check the rows and id of its first store"
            )
