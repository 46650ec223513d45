"""Did the application use a link in a period of time? Pure; instants on the run axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chaos.model.links import LinkName
from chaos.timeline.counters import grown
from chaos.timeline.observations import LinkCounts, LinkUse
from chaos.timeline.recording import Recording

_AT_ONCE = 5  # connections of a witness that may be ending at the instant of a reading


@dataclass(frozen=True)
class LinkUsed:
    """What a link carried between two readings of its counters, ``since`` and ``until``.

    ``sent``: bytes that the application sent, at least; gameday's own bytes are subtracted. ``received``:
    bytes that came back, including those for gameday. ``refused``: dials at a closed listener without
    gameday's own, by any client service behind the same proxy; None if unknown. ``noise``: bytes in ``sent``
    that may be gameday's own, from connections that were just ending. ``open``: the smallest number of
    connections that clients had open at a reading; None if unknown, and then ``sent`` lacks their bytes.
    """

    since: float
    until: float
    sent: int
    received: int
    refused: int | None
    open: int | None = None
    noise: int = 0

    @property
    def used(self) -> bool | None:
        """Did the application send anything? None: unknown, because ended connections carried nothing and
        this machine does not allow reading the bytes of open ones.
        """
        if self.sent > self.noise:
            return True
        return None if self.open is None else False

    @property
    def dialled_closed(self) -> bool | None:
        """Did the client service dial a closed listener? None: unknown. If several of its links were closed,
        it is unknown which one it dialled: use this only while one link was closed.
        """
        return None if self.refused is None else self.refused > 0


def link_used(recording: Recording, link: LinkName, start: float, end: float) -> LinkUsed | None:
    """The use of a link, from the readings in ``[start, end]``. None: unknown, with fewer than two readings.

    A proxy that restarts counts from zero again; what it carried since the last reading before that is lost.
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
        sent=max(0, grown(c.sent for c in counts) + _carried_on(counts) - own_sent),
        received=max(0, grown(c.received for c in counts) + _carried_back(counts)),
        refused=refused,
        open=_fewest_open(counts),
        noise=_AT_ONCE * own_sent // own_dials if own_dials else 0,
    )


def _carried_on(counts: Sequence[LinkCounts]) -> int:
    """The change of the bytes in open connections; negative if connections ended and count as such."""
    return (counts[-1].open_sent or 0) - (counts[0].open_sent or 0)


def _carried_back(counts: Sequence[LinkCounts]) -> int:
    return (counts[-1].open_received or 0) - (counts[0].open_received or 0)


def _fewest_open(counts: Sequence[LinkCounts]) -> int | None:
    known = [one.open for one in counts if one.open is not None]
    return min(known) if len(known) == len(counts) else None
