"""Was a link used by the application in a stretch of time? Pure; instants on the run axis."""

from __future__ import annotations

from dataclasses import dataclass

from chaos.model.links import LinkName
from chaos.timeline.counters import grown
from chaos.timeline.observations import LinkUse
from chaos.timeline.recording import Recording


@dataclass(frozen=True)
class LinkUsed:
    """What a link carried between two readings of its counters, ``since`` and ``until``.

    ``sent``: bytes that the application sent into it, gameday's own taken off; it is never more than the
    truth. ``received``: bytes that came back, gameday's own included. ``refused``: dials at a closed listener
    beyond gameday's own, by any client service behind the same proxy; None where that is unknown.
    """

    since: float
    until: float
    sent: int
    received: int
    refused: int | None

    @property
    def used(self) -> bool | None:
        """True: connections on which the application had sent something ended in between. None: unknown.

        Never False: Toxiproxy counts the bytes of a connection when it ends, so a pool that stays open shows
        nothing however busy it is.
        """
        return True if self.sent > 0 else None

    @property
    def dialled_closed(self) -> bool | None:
        """The client service dialled a closed listener; which one, if several were closed, is unknown. Ask it
        of a link only while that link alone was closed. None: unknown.
        """
        return None if self.refused is None else self.refused > 0


def link_used(recording: Recording, link: LinkName, start: float, end: float) -> LinkUsed | None:
    """By the readings inside ``[start, end]``. None: there are not two of them, so that nothing is known.

    A proxy that was restarted in between begins to count anew; what it carried just before is lost.
    """
    found = [
        (reading.at, counts)
        for reading in recording.of(LinkUse)
        if start <= reading.at <= end
        for counts in reading.links
        if counts.link == str(link)
    ]
    if len(found) < 2:
        return None
    counts = [one for _, one in found]
    own_sent, own_dials = grown(c.own_sent for c in counts), grown(c.own_dials for c in counts)
    refused = None
    if all(one.refused is not None for one in counts):
        refused = max(0, grown(c.refused or 0 for c in counts) - own_dials)
    return LinkUsed(
        since=found[0][0],
        until=found[-1][0],
        sent=max(0, grown(c.sent for c in counts) - own_sent),
        received=grown(c.received for c in counts),
        refused=refused,
    )
