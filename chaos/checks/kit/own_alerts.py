"""Whose alert is it? An alert for a target of another stack does not detect a fault in this one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from chaos.model.rules import ScrapeTarget
from chaos.timeline.recording import UP, Recording

_IDENTITY = ("job", "instance")
_ITSELF = ("localhost", "127.0.0.1", "::1", "[::1]")  # names under which Prometheus scrapes itself
Labels = Mapping[str, str]


class Origin(Enum):
    OWN = "own"  # a target of the stack, or without any target's label
    FOREIGN = "foreign"  # a target that the configuration lists on a host outside the stack
    UNKNOWN = "unknown"  # a job or an instance that no target has


class Origins:
    """Decides by ``job`` and ``instance``. Ignores a label that the rule's expression dropped."""

    def __init__(self, recording: Recording) -> None:
        detection, stack = recording.plan.detection, recording.plan.stack
        listed = detection.targets if detection is not None else ()
        own_hosts = {*stack.services, *_ITSELF}
        foreign = [_labels_of(target) for target in listed if target.host not in own_hosts]
        own = [_labels_of(target) for target in listed if target.host in own_hosts]
        seen = [one.labels for one in recording.metrics.targets or ()]
        seen += [one.labels for one in recording.metrics.named(UP)]
        self._foreign = foreign
        self._own = [*own, *(labels for labels in map(_identity, seen) if labels not in foreign)]

    def of(self, labels: Labels) -> Origin:
        """The origin of an alert with these labels. Without any known target it is the stack's own."""
        if not self._own or (self._known(labels) and any(_fits(labels, own) for own in self._own)):
            return Origin.OWN
        return Origin.FOREIGN if any(_fits(labels, one) for one in self._foreign) else Origin.UNKNOWN

    def of_scraped(self, labels: Labels) -> Origin:
        """The origin of a scraped series. A label that no target of the stack has cannot be compared."""
        known = {name for own in self._own for name in own}
        return self.of({name: value for name, value in _identity(labels).items() if name in known})

    def _known(self, labels: Labels) -> bool:
        """Does a target of the stack have each of these labels?"""
        return all(any(name in own for own in self._own) for name in _identity(labels))


def shown(labels: Labels) -> str:
    """The labels that distinguish an alert from others, for people."""
    return ", ".join(f"{name}={labels[name]}" for name in _IDENTITY if name in labels)


def _labels_of(target: ScrapeTarget) -> dict[str, str]:
    return {"job": target.job, "instance": target.instance}


def _identity(labels: Labels) -> dict[str, str]:
    return {name: labels[name] for name in _IDENTITY if name in labels}


def _fits(labels: Labels, target: Labels) -> bool:
    return all(labels.get(name, value) == value for name, value in target.items())
