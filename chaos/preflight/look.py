"""Examines one deployment when it is healthy, without faults."""

from __future__ import annotations

import asyncio
import http.client
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from chaos.adapters.connections import ConnectionReader, Sockets
from chaos.adapters.deployment import Deployment
from chaos.errors import GamedayError, StackProblem, ToolProblem
from chaos.http_exchange import answering, body_of
from chaos.json_text import read_json
from chaos.kinds import Fault
from chaos.ledger import Ledgers, StackClient
from chaos.load.fill import fill, read_rows, values_of
from chaos.local_target import local_target
from chaos.model.alert_states import AlertState
from chaos.model.ledger import LedgerFacts, LedgerStore
from chaos.model.plan import Plan
from chaos.model.scenario import Rate, Writers
from chaos.model.stack import LeverAction, LoadProfile, LoadRequest, Stack
from chaos.ports import LeverPhase
from chaos.preflight.seen import (
    NO_ANSWER,
    Cost,
    LedgerSeen,
    LeverSeen,
    NotStarted,
    ObservedStart,
    RequestAnswers,
)
from chaos.probes.machine import TICK, watch_machine
from chaos.timeline.ledger import LedgerOp
from chaos.timeline.lines import read_lines
from chaos.timeline.observations import LinkCounts, MachineReading
from chaos.timeline.recording import SelectorSeen
from chaos.timing import Clock

ROUNDS = 8  # how often preflight sends each kind of request
PAUSE = 0.4  # real seconds between two rounds: pollers and pools show in between
LEDGER_SECONDS = 2.0
SCRAPES = 3  # scrapes of a Prometheus to wait for before reading its selectors and alerts
MOST_BYTES = 8_000_000  # of a body: an endless body is cut, and is then not JSON
MOST_SCRAPING = 20.0  # real seconds


@dataclass(frozen=True)
class ExaminedDeployment:
    """The examined deployment, and what the examination needs besides."""

    plan: Plan
    deployment: Deployment
    sockets: ConnectionReader
    folder: Path
    run_id: str
    clock: Clock


async def look_at(watched: ExaminedDeployment, deep: bool) -> ObservedStart | NotStarted:
    """Start it, examine it, and leave it running. ``deep``: including levers, ledgers and Prometheus."""
    deployment, stack = watched.deployment, watched.plan.stack
    began, wall = time.monotonic(), time.time()
    try:
        await deployment.stack.up(stack.start_within)
    except StackProblem as problem:
        return NotStarted(str(problem))
    took = time.monotonic() - began
    await asyncio.to_thread(watched.sockets.open)
    before = await _counts(watched)
    readings: list[MachineReading] = []
    machine = asyncio.create_task(watch_machine(readings.append, watched.clock, every=TICK))
    try:
        answers, seen = await _rounds(watched)
    finally:
        machine.cancel()
        await asyncio.wait([machine])
    after = await _counts(watched)
    levers = await _levers(watched) if deep else ()
    ledgers = await _ledgers(watched) if deep else ()
    firing, selectors = await _metrics(watched, wall) if deep else (None, ())
    cost = await _cost(watched, took)
    known = [one for one in seen if one is not None]
    return ObservedStart(
        cost=cost,
        answers=tuple(_answer(name, got) for name, got in answers.items()),
        lag=max((one.lag or 0.0 for one in readings), default=0.0),
        used={name: _used(before.get(name), count) for name, count in after.items()},
        connections=frozenset(c for one in known for c in one.connections) if known else None,
        listening=known[-1].listening if known else {},
        udp=known[-1].udp if known else {},
        selectors=selectors,
        firing=firing,
        levers=levers,
        ledgers=ledgers,
    )


async def _rounds(
    watched: ExaminedDeployment,
) -> tuple[dict[str, list[tuple[int, str, bool]]], list[Sockets | None]]:
    """The answers to each kind of request, and after each round the connections between the services."""
    load = watched.plan.stack.load
    rows = {name: read_rows(watched.plan.data_of(profile)) for name, profile in load.items()}
    answers: dict[str, list[tuple[int, str, bool]]] = {}
    seen: list[Sockets | None] = []
    for number in range(ROUNDS):
        for name, profile in load.items():
            base = watched.deployment.entries.get(profile.entry.target)
            for request in profile.requests if base is not None else ():
                values = values_of(rows[name], number, str(uuid.uuid4()))
                got = await asyncio.to_thread(_ask, profile, request, values, str(base))
                answers.setdefault(request.name, []).append(got)
        seen.append(await asyncio.to_thread(watched.sockets.read))
        await watched.clock.sleep(PAUSE)
    return answers, seen


async def _counts(watched: ExaminedDeployment) -> dict[str, LinkCounts]:
    """Empty if the proxies do not answer: it is then unknown whether their links are used."""
    try:
        return {count.link: count for count in await watched.deployment.link_use.read()}
    except ToolProblem:
        return {}


def _ask(
    profile: LoadProfile, request: LoadRequest, values: Mapping[str, str], base: str
) -> tuple[int, str, bool]:
    filled = fill(request, values)
    host, port = local_target(base)
    headers = {"User-Agent": "gameday-preflight", "Accept": "*/*", **filled.headers}
    try:
        with answering(
            host, port, filled.method, filled.path, headers, filled.body, profile.timeout
        ) as response:
            body = bytearray()
            for piece in body_of(response):
                body += piece
                if len(body) > MOST_BYTES:
                    break
            status, kind = response.status, response.getheader("Content-Type") or ""
    except (OSError, http.client.HTTPException) as error:
        return NO_ANSWER, f"{type(error).__name__}: {error}", False
    return status, _shape(kind, bytes(body[:MOST_BYTES])), request.served_by(status)


def _shape(kind: str, body: bytes) -> str:
    try:
        value = read_json(body)
    except ValueError:
        return kind.partition(";")[0].strip()
    return f"JSON with {', '.join(sorted(value))}" if isinstance(value, dict) else "JSON"


def _answer(name: str, got: list[tuple[int, str, bool]]) -> RequestAnswers:
    shapes = dict.fromkeys(shape for _, shape, _ in got)
    statuses = tuple(sorted({status for status, _, _ in got}))
    return RequestAnswers(name, statuses, " or ".join(shapes), all(served for _, _, served in got))


def _used(before: LinkCounts | None, after: LinkCounts) -> bool | None:
    """Did the application send anything over it, including connections that are still open?"""
    if before is None:
        return None
    if after.sent > before.sent or (after.open_sent or 0) > 0:
        return True
    return None if after.open is None else after.open > 0


async def _levers(watched: ExaminedDeployment) -> tuple[LeverSeen, ...]:
    found = []
    steps = [step for step in watched.plan.scenario.timeline if isinstance(step, Fault)]
    used = {name for step in steps for name in step.levers()}
    dormant = tuple(watched.deployment.stack.prepared.compose.dormant)
    for name, lever in watched.plan.stack.levers.items():
        if not _there(watched.plan.stack, (lever.witness, lever.readback)):
            continue  # of a profile that is not active
        witness = await watched.deployment.levers.act(name, LeverPhase.WITNESS, {})
        readback = await watched.deployment.levers.act(name, LeverPhase.READBACK, {})
        detail = readback.detail if not readback.holds else witness.detail
        absent = () if name in used else dormant
        found.append(LeverSeen(name, witness.holds, readback.holds, detail, absent))
    return tuple(found)


def _there(stack: Stack, actions: Iterable[LeverAction | LedgerStore]) -> bool:
    """Does this run have the services on which these act?"""
    calls = [call for action in actions for call in (action.http, action.command) if call is not None]
    return all(call.service in stack.services for call in calls)


def _reachable(stack: Stack, facts: LedgerFacts) -> bool:
    """Does this run have the ledger's entry link and the services of its stores?"""
    return (facts.entry is None or facts.entry in stack.links) and _there(stack, facts.stores.values())


async def _ledgers(watched: ExaminedDeployment) -> tuple[LedgerSeen, ...]:
    """Let the writers write briefly, then read every store."""
    stack = watched.plan.stack
    asked = {name: facts for name, facts in stack.ledgers.items() if _reachable(stack, facts)}
    if not asked:
        return ()
    writers = tuple(Writers(ledger=name, rate=Rate(per_second=3)) for name in asked)
    scenario = watched.plan.scenario.model_copy(update={"ledgers": writers})
    plan = watched.plan.model_copy(update={"scenario": scenario})
    addresses = watched.deployment.addresses
    client = StackClient(addresses.of_link, addresses.of_service, watched.deployment.execute)
    out = watched.folder / "ledger.jsonl"
    ledgers = Ledgers(plan, watched.run_id, out, client, watched.clock)
    await ledgers.start()
    await watched.clock.sleep(LEDGER_SECONDS)
    died = ledgers.died()
    await ledgers.stop()
    reads = await ledgers.read_back()
    written: dict[str, set[str]] = {}
    refused: dict[str, str] = {}
    for line in read_lines(out.read_bytes()).lines if out.is_file() else ():
        op = LedgerOp.model_validate_json(line.body)
        if op.op == "acknowledged":
            written.setdefault(op.ledger, set()).add(op.id)
        elif op.op in ("refused", "unknown"):
            refused.setdefault(op.ledger, op.detail or op.op)
    found = []
    for name, facts in asked.items():
        of_one = [read for read in reads if read.ledger == name]
        unread = next((f"{one.store}: {one.detail}" for one in of_one if not one.complete), "")
        kept = {row.id for one in of_one if one.store == facts.authority for row in one.rows}
        detail = died or unread or ("" if written.get(name) else refused.get(name, "there was no write"))
        acknowledged = written.get(name, set())
        found.append(LedgerSeen(name, len(acknowledged), detail, len(acknowledged - kept)))
    return tuple(found)


async def _metrics(
    watched: ExaminedDeployment, since: float
) -> tuple[tuple[str, ...] | None, tuple[SelectorSeen, ...]]:
    metrics, detection = watched.deployment.metrics, watched.plan.detection
    if metrics is None or detection is None:
        return None, ()
    await watched.clock.sleep(min(MOST_SCRAPING, SCRAPES * detection.slowest_evaluation / watched.plan.pace))
    try:
        alerts = await metrics.active_alerts()
    except GamedayError:
        return None, ()
    selectors = await metrics.selectors(watched.plan, since, time.time())
    return tuple(one.alert for one in alerts if one.state is AlertState.FIRING), selectors


async def _cost(watched: ExaminedDeployment, took: float) -> Cost:
    standing = await watched.deployment.storage.standing()
    memory: int | None = 0
    for service in standing.containers:
        try:
            usage = await watched.deployment.containers.usage(service)
        except GamedayError:
            continue  # a job that has ended
        memory = None if memory is None else memory + usage.memory_bytes
    return Cost(took, len(standing.networks), len(standing.containers), memory)
