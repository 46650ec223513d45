"""Which requests had no answer yet at an instant? Pure; instants on the run axis.

A request that was sent while a fault held and answered after the undo has the answer of the repaired system.
It does not show how the system answers under the fault, only how long it made the client wait.
"""

from __future__ import annotations

from dataclasses import dataclass

from chaos.timeline.events import Sample
from chaos.timeline.recording import Recording
from chaos.timeline.requests import OVERLOAD, TIMEOUT

NO_ANSWER_WITHIN = "no answer within"  # how a collector that gave up begins the detail of its sample


@dataclass(frozen=True)
class WaitingRequest:
    """A request without an answer at an instant.

    ``sent``: the instant of sending. ``waited``: seconds since then. ``patience``: seconds for which its
    client would wait; None before version 3. ``answered``: when the answer came or the client gave up; None:
    not before the load was stopped.
    """

    name: str
    sent: float
    waited: float
    patience: float | None
    answered: float | None


def waiting_at(recording: Recording, instant: float, name: str | None = None) -> tuple[WaitingRequest, ...]:
    """The requests that were sent before ``instant`` and had no answer then, oldest first. ``name``: of one
    kind only. Recordings before version 3 lack those without any answer.
    """
    asked = recording.requests
    times = zip(asked.sent, asked.finished(), strict=True)
    places = [place for place, (sent, finished) in enumerate(times) if sent < instant < finished]
    found = [
        WaitingRequest(request.name, request.sent, instant - request.sent, request.patience, request.finished)
        for request in map(asked.__getitem__, places)
        if request.error != OVERLOAD
    ]
    found += [
        WaitingRequest(one.name, one.sent, instant - one.sent, one.patience, None)
        for one in recording.waiting
        if one.sent < instant < one.sent + one.waited
    ]
    return tuple(sorted((one for one in found if name in (None, one.name)), key=lambda one: one.sent))


def probe_gave_up(sample: Sample) -> bool:
    """Did the probe give up after its time-out?"""
    return sample.status is None and (sample.detail == TIMEOUT or sample.detail.startswith(NO_ANSWER_WITHIN))
