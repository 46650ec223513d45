"""The notifications of one run, from the readings of the service that received them.

Instants are on the run axis, lengths real seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from pydantic import ValidationError

from chaos.checks.kit.words import count, since_start, span
from chaos.collectors.notifications import WINDOW
from chaos.model.asked import CannotTell
from chaos.model.identity import EvidenceKind
from chaos.model.notifications import Listing, NotifiedAlert
from chaos.model.verdict import Evidence
from chaos.timeline.recording import Recording

PROBE = "notification: received"  # the name of the readings in the recording
FIRING, RESOLVED = "firing", "resolved"


@dataclass(frozen=True)
class Message:
    """One message to one channel. ``at``: when it arrived, by the age in the listing."""

    number: int
    at: float
    channel: str
    alerts: tuple[NotifiedAlert, ...]

    def of(self, alert: str, status: str) -> tuple[NotifiedAlert, ...]:
        return tuple(one for one in self.alerts if one.name == alert and one.status == status)


@dataclass(frozen=True)
class NotificationRecord:
    """All messages in the readings, in the order in which they arrived.

    ``read_from`` and ``read_to``: instants of the first and the last reading. ``lost``: messages that arrived
    between them but are in no reading, as (not before, not after).
    """

    recording: Recording
    messages: tuple[Message, ...]
    read_from: float
    read_to: float
    lost: tuple[tuple[float, float], ...]

    def firing(self, alert: str, start: float) -> list[Message]:
        """Messages that say that it fires, from ``start`` on."""
        return [one for one in self.messages if one.at >= start and one.of(alert, FIRING)]

    def resolved(self, alert: str, start: float) -> list[Message]:
        """Messages that say that it has resolved and name none of its series as firing."""
        return [
            one
            for one in self.messages
            if one.at >= start and one.of(alert, RESOLVED) and not one.of(alert, FIRING)
        ]

    def require(self, start: float, end: float, evidence: Iterable[Evidence] = ()) -> None:
        """Raises ``CannotTell`` unless every message of ``[start, end]`` is known."""
        if self.read_from > start:
            why = f"the first reading of the notifications is {span(self.read_from - start)} too late"
            raise CannotTell(why, evidence=evidence)
        if self.read_to < end:
            why = f"the notifications were read no longer {span(end - self.read_to)} before the time was over"
            raise CannotTell(why, evidence=evidence)
        gone = [(first, last) for first, last in self.lost if last >= start and first <= end]
        if gone:
            why = f"messages arrived that no reading holds, in {count(len(gone), 'hole')} of the readings"
            raise CannotTell(why, evidence=evidence)

    def evidence(self, alert: str) -> list[Evidence]:
        found = []
        for one in self.messages:
            states = [state for state in (FIRING, RESOLVED) if one.of(alert, state)]
            if states:
                text = f"{one.channel}: {alert} {' and '.join(states)}"
                found.append(since_start(self.recording, one.at, text, EvidenceKind.ALERT, alert))
        return found


def read_notified(recording: Recording) -> NotificationRecord:
    """Raises ``CannotTell`` if nothing was read, or if the service restarted meanwhile."""
    listings: list[tuple[float, Listing]] = []
    for sample in recording.samples(PROBE):
        if sample.ok:
            listings.append((sample.at, _listing(sample.payload)))
    if not listings:
        why = next((sample.detail for sample in recording.samples(PROBE)), "no reading was made")
        raise CannotTell(f"the notifications could not be read: {why}")
    listings.sort(key=lambda one: one[0])
    if any(later.count < earlier.count for (_, earlier), (_, later) in pairwise(listings)):
        raise CannotTell("the service that receives the notifications was started again and has lost them")
    messages: dict[int, Message] = {}
    for at, listing in listings:
        for one in listing.notifications:
            messages.setdefault(one.number, Message(one.number, at - one.age, one.channel, one.alerts))
    return NotificationRecord(
        recording,
        tuple(messages[number] for number in sorted(messages)),
        listings[0][0] - WINDOW,
        listings[-1][0],
        tuple(_lost(listings, set(messages))),
    )


def _listing(payload: str) -> Listing:
    try:
        return Listing.model_validate_json(payload)
    except ValidationError as error:
        raise CannotTell(
            f"a reading of the notifications cannot be read: {error.errors()[0]['msg']}"
        ) from error


def _lost(listings: list[tuple[float, Listing]], known: set[int]) -> Iterable[tuple[float, float]]:
    """The readings between which messages arrived that no reading lists."""
    for (earlier, before), (later, after) in pairwise(listings):
        if any(number not in known for number in range(before.count + 1, after.count + 1)):
            yield earlier, later
