"""Reads from a Prometheus configuration and its rule files how fast each alert can detect a fault."""

from __future__ import annotations

from pathlib import Path

from chaos.errors import BadInput, GamedayError, Problem
from chaos.files import files_in, read_any_text
from chaos.model.rules import DetectionFacts
from chaos.model.stack import Stack
from chaos.scenario.places import read_document
from chaos.scenario.prometheus import read_config


def read_detection(stack: Stack, root: Path, shown_root: str | None = None) -> DetectionFacts | None:
    """Intervals, targets and alerting rules of a stack, in production seconds; None without Prometheus.

    ``root`` is the folder of stack.yaml. BadInput names every unreadable duration and every broken rule file.
    """
    facts = stack.prometheus
    if facts is None:
        return None
    # Imported here, so that a stack without Prometheus does not load the parser.
    from chaos.scenario.rules import ReadRule, alert_rules, read_rules

    shown = shown_root if shown_root is not None else str(root)
    problems: list[Problem] = []
    try:
        document = read_document(root / facts.config, f"{shown}/{facts.config}")
    except BadInput as bad:
        problems.extend(bad.problems)
        document = None
    config = read_config(document, problems)
    rules: list[ReadRule] = []
    for file in facts.rules:
        try:
            rules.extend(read_rules(read_document(root / file, f"{shown}/{file}"), config, problems))
        except BadInput as bad:
            problems.extend(bad.problems)
    if problems:
        raise BadInput(problems)
    return DetectionFacts(
        scrape_interval=config.scrape_interval,
        evaluation_interval=config.evaluation_interval,
        rules=alert_rules(rules, config),
        targets=config.targets,
        runbooks=_runbooks(root / stack.runbooks) if stack.runbooks is not None else None,
        channels=_channels(root / stack.alertmanager.config) if stack.alertmanager is not None else None,
    )


def _channels(file: Path) -> tuple[str, ...] | None:
    """The channels that the receivers of an alertmanager.yml send to, each once; None if it cannot be read.
    Alertmanager may know more than gameday's reader, so this is no problem of the stack.
    """
    # Imported here, so that a stack without Alertmanager does not load the reader.
    from chaos.alertmanager.config import read_routing

    try:
        routing = read_routing(read_any_text(file, file.name), file.name)
    except GamedayError:
        return None
    return tuple(dict.fromkeys(name for names in routing.channels.values() for name in names if name))


def _runbooks(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in files_in(folder, "*.md")))
