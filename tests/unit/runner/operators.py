"""A harness with an operator in memory, and procedures for it to carry out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from chaos.faults.container_kill import ContainerKill
from chaos.kinds import Fault
from chaos.model.procedure import Procedure
from chaos.model.stack import HttpCall
from chaos.ports import LeverAnswer
from chaos.runner import Runner, RunPorts
from tests.fakes import ManualClock
from tests.runner_harness import RunnerHarness

START = "docker compose up -d cache"


@dataclass(frozen=True)
class Ran:
    code: int | None
    output: str = ""


@dataclass
class FakeOperator:
    """``answers``: command -> how it ends, by default well. ``does``: command -> what else happens.
    ``takes``: virtual seconds of every command. ``held``: what a request is answered, one after the other.
    """

    clock: ManualClock
    answers: Mapping[str, Ran | list[Ran]] = field(default_factory=dict)
    does: Mapping[str, Callable[[], object]] = field(default_factory=dict)
    takes: float = 1.0
    held: Sequence[LeverAnswer] = (LeverAnswer(True, "answered 200"),)
    ran: list[str] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)
    asked: int = 0
    ended: int = 0

    async def run(self, argv: Sequence[str], timeout: float) -> Ran:
        line = " ".join(argv)
        self.ran.append(line)
        self.limits.append(timeout)
        try:
            if timeout < self.takes:
                await self.clock.sleep(timeout)
                return Ran(None, "still at it\n")
            await self.clock.sleep(self.takes)
        finally:
            self.ended += 1
        self.does.get(line, lambda: None)()
        found = self.answers.get(line, Ran(0, f"{line}: done\n"))
        return (found.pop(0) if len(found) > 1 else found[0]) if isinstance(found, list) else found

    async def ask(self, question: HttpCall) -> LeverAnswer:
        await asyncio.sleep(0)
        self.asked += 1
        return self.held[min(self.asked, len(self.held)) - 1]


def procedure(name: str, *steps: dict[str, Any]) -> Procedure:
    body = [
        {"step": f"s{number}", "title": "T", "planned": "20m", "check": {"run": "docker compose ps"}} | step
        for number, step in enumerate(steps, 1)
    ]
    return Procedure.model_validate({"procedure": name, "title": f"To {name}", "steps": body})


def killed(answer: str | None, at: str = "2s", service: str = "cache") -> Fault:
    raw = {"at": at, "fault": "container.kill", "service": service, "close_links": False}
    return ContainerKill.model_validate(raw | ({"answer": answer} if answer else {"for": "10s"}))


class Set:
    """A harness with an operator, and procedures that the scenario names."""

    def __init__(self, folder: Path, *steps: Fault, **named: Procedure | tuple[Procedure, ...]) -> None:
        self.harness = RunnerHarness(folder, *steps, rehearse=() if steps else ("look",))
        self.operator = FakeOperator(self.harness.clock)
        self.operator.does = {START: lambda: self.harness.deployment.states.update(cache="running")}
        plan = self.harness.plan
        given = {key: value if isinstance(value, tuple) else (value,) for key, value in named.items()}
        known = {one.procedure: one for many in given.values() for one in many}
        changes: dict[str, object] = {
            key: tuple(one.procedure for one in many) for key, many in given.items() if key != "known"
        }
        self.harness.plan = plan.model_copy(
            update={
                "procedures": known,
                "scenario": plan.scenario.model_copy(update=changes),
                "stack": plan.stack.model_copy(update={"offsite": ["vault"]}),
            }
        )

    def needs(self) -> RunPorts:
        return replace(self.harness.needs(), operator=self.operator)

    async def run(self, limit: float = 86_400.0) -> None:
        await self.harness.clock.run(Runner(self.harness.plan, self.needs()).run(), limit)

    def of(self, kind: str) -> list[Any]:
        return self.harness.journal.of(kind)

    def said(self) -> list[str]:
        return [one.message for one in self.harness.progress if one.milestone]


RESTORE = procedure("restore", {"run": ["docker compose ps", START]}, {"check": {"http": {"service": "web"}}})
