"""Reads a Prometheus configuration: intervals, jobs and static targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from chaos.errors import Problem
from chaos.model.rules import ScrapeTarget
from chaos.promql.durations import seconds
from chaos.scenario.places import Document, Loc

# Prometheus's own defaults: https://prometheus.io/docs/prometheus/latest/configuration/configuration/
_DEFAULT_INTERVAL = "1m"  # of scrapes and of evaluations
_DEFAULT_OFFSET = "0s"  # rule_query_offset


@dataclass(frozen=True)
class PrometheusConfig:
    """Production seconds. ``jobs`` maps each job to its scrape interval."""

    scrape_interval: float = 0.0
    evaluation_interval: float = 0.0
    query_offset: float = 0.0
    jobs: Mapping[str, float] = field(default_factory=dict)
    targets: tuple[ScrapeTarget, ...] = ()


def read_config(document: Document | None, problems: list[Problem]) -> PrometheusConfig:
    """The configuration; all intervals are 0 if the file does not exist.

    Adds to ``problems`` whatever it cannot read.
    """
    if document is None:
        return PrometheusConfig()
    scrape = duration_at(document, ("global", "scrape_interval"), problems, _DEFAULT_INTERVAL)
    jobs: dict[str, float] = {}
    targets: list[ScrapeTarget] = []
    for loc, name in _jobs(document):
        own = document.at((*loc, "scrape_interval"))
        jobs[name] = (
            scrape if own is None else duration_at(document, (*loc, "scrape_interval"), problems, "0s")
        )
        targets.extend(_targets(document, loc, name))
    return PrometheusConfig(
        scrape_interval=scrape,
        evaluation_interval=duration_at(
            document, ("global", "evaluation_interval"), problems, _DEFAULT_INTERVAL
        ),
        query_offset=duration_at(document, ("global", "rule_query_offset"), problems, _DEFAULT_OFFSET),
        jobs=jobs,
        targets=tuple(targets),
    )


def duration_at(document: Document, loc: Loc, problems: list[Problem], default: str) -> float:
    """Seconds of the duration at ``loc``. One that cannot be read is a problem and counts as 0."""
    given = document.at(loc)
    try:
        return seconds(default if given is None else str(given))
    except ValueError as error:
        problems.append(document.problem(loc, f"{loc[-1]}: {error}"))
        return 0.0


def _jobs(document: Document) -> Iterator[tuple[Loc, str]]:
    entries = document.at(("scrape_configs",))
    for index in range(len(entries)) if isinstance(entries, list) else ():
        name = document.at(("scrape_configs", index, "job_name"))
        if name is not None:
            yield ("scrape_configs", index), str(name)


def _targets(document: Document, loc: Loc, job: str) -> Iterator[ScrapeTarget]:
    blocks = document.at((*loc, "static_configs"))
    for block in blocks if isinstance(blocks, list) else ():
        if not isinstance(block, dict):
            continue
        labels = block.get("labels")
        own = {str(key): str(value) for key, value in labels.items()} if isinstance(labels, dict) else {}
        for address in block.get("targets") or ():
            yield ScrapeTarget(
                job=own.pop("job", job), instance=own.pop("instance", str(address)), labels=own
            )
