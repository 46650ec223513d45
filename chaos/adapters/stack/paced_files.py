"""Compressed copies of the files of Prometheus and Alertmanager, which replace them in a run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from chaos.adapters.overlay.compose_file import ComposeFile, Mount
from chaos.adapters.overlay.paced_rules import pace_alertmanager, pace_config, pace_rules
from chaos.adapters.stack.generated_files import write
from chaos.errors import BadInput, Problem
from chaos.model.plan import Plan
from chaos.model.stack import Stack
from chaos.redaction import redact


@dataclass(frozen=True)
class CopiesOf:
    """Writes copies into ``folder``, which anybody may get to read. A copy with one of the ``secrets`` is
    there without them; containers get a second one, in ``private``.
    """

    folder: Path
    private: Path
    secrets: Sequence[str]

    def write(self, key: str, name: str, text: str) -> Path:
        """Returns the copy that containers mount."""
        shown = redact(text, self.secrets)
        write(self.folder / key / name, shown)
        if shown == text:
            return self.folder / key / name
        write(self.private / key / name, text)
        return self.private / key / name


def write_paced_files(
    plan: Plan, root: Path, read: ComposeFile, copies: CopiesOf
) -> dict[str, dict[str, str]]:
    """Write the compressed copies; service -> (container path -> host path of the copy)."""
    mounts: dict[str, dict[str, str]] = {}
    problems = []
    for one in _to_pace(plan.stack):
        source = root / one.name
        target = _shown(read.services[one.service].mounts, source)
        if target is None:
            message = f"{one.name} is not mounted in service {one.service}"
            fix = f"mount it there, or fix `{one.key}:` in stack.yaml: a compressed copy must replace it"
            problems.append(Problem.about(str(root / plan.stack.compose), message, fix))
            continue
        try:
            text = source.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem.about(str(source), f"cannot be read: {error}"))
            continue
        name = one.name.replace("../", "").replace("/", "-")
        copy = copies.write(one.key, name, one.change(text, plan.pace, str(source)))
        mounts.setdefault(one.service, {})[target] = str(copy)
    if problems:
        raise BadInput(problems)
    return mounts


@dataclass(frozen=True)
class _PacedFile:
    """A configuration file; its service gets a compressed copy. ``key``: of stack.yaml."""

    key: str
    service: str
    name: str
    change: Callable[[str, float, str], str]


def _to_pace(stack: Stack) -> Iterator[_PacedFile]:
    if (prometheus := stack.prometheus) is not None:
        yield _PacedFile("prometheus", prometheus.service, prometheus.config, pace_config)
        for rule in prometheus.rules:
            change = partial(pace_rules, stand_ins=prometheus.stand_ins)
            yield _PacedFile("prometheus", prometheus.service, rule, change)
    if (manager := stack.alertmanager) is not None:
        yield _PacedFile("alertmanager", manager.service, manager.config, pace_alertmanager)


def _shown(mounts: tuple[Mount, ...], host_file: Path) -> str | None:
    """The path of a host file in a container; the most specific mount wins; follows symbolic links."""
    found = None
    for mount in sorted(mounts, key=lambda mount: len(mount.target)):
        real = replace(mount, source=os.path.realpath(mount.source))
        found = mount.shows(str(host_file)) or real.shows(os.path.realpath(host_file)) or found
    return found
