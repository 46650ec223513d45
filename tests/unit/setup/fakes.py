"""A machine in a few lines: programs answer what the test says, and what was asked is written down."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chaos.engine import EngineAddress
from chaos.setup.commands import MISSING, ProgramResult
from chaos.setup.engine import Engine
from chaos.setup.machine import Machine
from chaos.setup.registry_probe import RegistryAnswer

ROOT_DEBIAN = Machine("debian", "12", is_root=True)
USER_DEBIAN = Machine("debian", "12", is_root=False)
FEDORA = Machine("fedora", "41", is_root=True)
MAC = Machine("darwin", "24.1", is_root=False)
ENGINE = Engine(EngineAddress(), "20.10.24", "ENGINE-A", "/var/lib/docker", 2, 8 * 1024**3)

Reply = ProgramResult | Callable[[list[str]], ProgramResult]

INFO = ProgramResult(
    0,
    json.dumps(
        {
            "ServerVersion": ENGINE.version,
            "ID": ENGINE.identity,
            "DockerRootDir": ENGINE.root,
            "NCPU": ENGINE.cpus,
            "MemTotal": ENGINE.memory,
        }
    ),
)
NO_ENGINE = ProgramResult(
    1, json.dumps({"ServerErrors": ["Cannot connect to the Docker daemon"]}), "cannot connect"
)


@dataclass
class FakePrograms:
    """Answers by the longest matching beginning of the command line; an undescribed program is missing."""

    replies: dict[str, Reply] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(
        self,
        argv: Sequence[str],
        *,
        timeout: float = 60.0,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> ProgramResult:
        line = " ".join(argv)
        self.asked.append(line)
        matching = [start for start in self.replies if line.startswith(start)]
        if not matching:
            return ProgramResult(MISSING, err=f"{argv[0]}: no such program")
        reply = self.replies[max(matching, key=len)]
        return reply(list(argv)) if callable(reply) else reply

    def asked_for(self, start: str) -> list[str]:
        return [line for line in self.asked if line.startswith(start)]


@dataclass
class FakeProbe:
    """A registry that gives one answer to everybody, and remembers who asked."""

    answer: RegistryAnswer
    asked: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> RegistryAnswer:
        self.asked.append(name)
        return self.answer


@dataclass
class Said:
    """The messages to the user."""

    lines: list[str] = field(default_factory=list)

    def __call__(self, line: str) -> None:
        self.lines.append(line)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)
