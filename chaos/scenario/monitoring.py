"""Drafts a ``prometheus:`` section, and breakers, for a project that mounts its own Prometheus files."""

from __future__ import annotations

import glob
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from chaos.errors import BadInput
from chaos.model.stack import ServiceRole, Stack
from chaos.scenario.compose import ComposeProject, ComposeService
from chaos.scenario.detection import read_detection
from chaos.scenario.places import read_document

_USUAL = "/etc/prometheus/prometheus.yml"
"""Default path of the configuration in the image (https://github.com/prometheus/prometheus, its image)."""
_CONFIG = re.compile(r"--config\.file[=\s]+(\S+)")
_METRIC = re.compile(r"\b[a-z_][a-z0-9_]*\b")


def draft_monitoring(project: ComposeProject, roles: Mapping[str, ServiceRole], home: Path) -> str:
    """Lines of a stack.yaml in ``home``: the section if its files can be read, else a comment that says why.

    "" for a project without a Prometheus.
    """
    for name, role in roles.items():
        if role is ServiceRole.PROMETHEUS and not project.services[name].profiles:
            return _section(name, project.services[name], home)
    return ""


def _section(name: str, service: ComposeService, home: Path) -> str:
    named = _CONFIG.search(service.words)
    inside = named[1] if named else _USUAL
    config = _on_host(inside, service)
    if config is None:
        return (
            f"# {name} is a Prometheus, but the project mounts no file of its own at {inside}.\n"
            "# prometheus: {service, config, rules} needs files on the host.\n\n"
        )
    rules = list(_rules(config, inside, service))
    shown, listed = os.path.relpath(config, home), [os.path.relpath(path, home) for path in rules]
    facts = {"service": name, "config": shown, "rules": listed}
    entry = {"stack": "draft", "services": {name: {"role": "prometheus"}}, "prometheus": facts}
    try:
        read_detection(Stack.model_validate(entry), home)
    except BadInput as bad:
        why = bad.problems[0].message
        return f"# prometheus: left out, because gameday cannot read its files: {' '.join(why.split())}\n\n"
    text = (
        "# gameday reads alerts from these files; a run compresses copies of them.\n"
        "prometheus:\n"
        f"  service: {json.dumps(name)}\n  config: {json.dumps(shown)}\n  rules: {json.dumps(listed)}\n\n"
    )
    return text + _breakers(rules)


def _breakers(rules: list[Path]) -> str:
    """Proposals as comments: the values of the gauge are known only to the application's owners."""
    found = dict.fromkeys(
        metric
        for path in rules
        for metric in _METRIC.findall(path.read_text(encoding="utf-8"))
        if _is_breaker(metric)
    )
    if not found:
        return ""
    lines = [
        f"#   {metric}: {{metric: {metric}, states: {{closed: 0, open: 1, half_open: 2}}}}"
        for metric in found
    ]
    head = "# A rule reads the state of a breaker. Correct the values; then a scenario can expect it."
    return "\n".join([head, "# breakers:", *lines, "", ""])


def _rules(config: Path, inside: str, service: ComposeService) -> Iterator[Path]:
    """The rule files that the configuration names, if they exist on the host."""
    try:
        listed = read_document(config, str(config)).data.get("rule_files")
    except BadInput:
        return
    for pattern in listed if isinstance(listed, list) else ():
        wanted = PurePosixPath(inside).parent / str(pattern)
        found = _on_host(str(wanted.parent), service)
        if found is not None:
            yield from sorted(
                Path(path) for path in glob.glob(str(found / wanted.name)) if os.path.isfile(path)
            )
        elif (one := _on_host(str(wanted), service)) is not None:
            yield one


def _on_host(inside: str, service: ComposeService) -> Path | None:
    """The host path behind ``inside``, a path in the container; None if no bind mount covers it."""
    best: tuple[int, Path] | None = None
    for mount in service.mounts:
        path = PurePosixPath(inside)
        if mount.target and path.is_relative_to(mount.target):
            candidate = Path(os.path.normpath(mount.source / path.relative_to(mount.target)))
            if os.path.exists(candidate) and (best is None or len(mount.target) > best[0]):
                best = (len(mount.target), candidate)
    return best[1] if best else None


def _is_breaker(metric: str) -> bool:
    return "state" in metric[1:].partition("breaker")[2]
