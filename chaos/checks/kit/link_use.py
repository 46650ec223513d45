"""Did the application use the link that a fault broke? Pure; instants on the run axis."""

from __future__ import annotations

from dataclasses import dataclass

from chaos.checks.kit.effects import undo_due
from chaos.checks.kit.slowness import with_saturation
from chaos.checks.kit.words import span
from chaos.kinds import BrokenLink, Fault
from chaos.model.asked import CannotTell
from chaos.model.plan import PlannedStep
from chaos.timeline.events import FaultIntended
from chaos.timeline.link_use import LinkUsed, link_used
from chaos.timeline.observations import LinkUse, LinkUseUnknown
from chaos.timeline.recording import Recording

_FIX_UNUSED = "put a load on the stack that needs the link, or write `unused: expected` at the fault"
_COUNTS_USE_SINCE = 3  # the schema version in which recordings count what each link carried


@dataclass(frozen=True)
class _Use:
    """The traffic of one broken link before the fault and while it held; None: too few readings."""

    broken: BrokenLink
    before: LinkUsed | None
    during: LinkUsed | None

    @property
    def used(self) -> bool | None:
        """None: unknown. If not everything can be counted, a link with traffic or an open connection until
        then counts as used.
        """
        if self.during is None:
            return None
        if self.during.used or (self.broken.closed and self.during.dialled_closed):
            return True
        if self.during.used is False and (not self.broken.closed or self.during.dialled_closed is False):
            return False
        return True if self.before is not None and (self.before.used or self.before.open) else None

    def text(self) -> str:
        """For people."""
        link, before, during = self.broken.link, self.before, self.during
        if during is None:
            return f"{link}: what the application sent while it was broken is unknown"
        earlier = "" if before is None else f" (before it sent {before.sent} bytes in {_length(before)})"
        if self.used is False:
            return f"the application never used {link} while it was broken{earlier}"
        sent = f"{link}: while it was broken the application sent {during.sent} bytes"
        if self.broken.closed and during.refused is not None:
            return f"{sent} and was turned away {during.refused} times"
        return sent if during.used else f"{sent} that could be counted; this machine hides the rest{earlier}"


def link_use(recording: Recording, planned: PlannedStep, fault: Fault) -> tuple[str, ...]:
    """Sentences for people on how the application used the links that a fault broke.

    Counts from the last reading before the injection, because a breaker may stop the calls immediately.
    Raises ``CannotTell`` if it used no broken link, or if that is unknown.
    """
    broken = fault.broken_links(recording.plan.stack)
    if not broken:
        return ()
    if recording.version < _COUNTS_USE_SINCE:
        return ("whether the application used the link is unknown: the recording is of an older version",)
    start = next(e.at for e in recording.of(FaultIntended) if e.index == planned.index)
    end = undo_due(recording, planned, start)
    found = _uses(recording, broken, start, end)
    said = tuple(use.text() for use in found)
    if any(use.used for use in found):
        return said
    if found and all(use.used is False for use in found):
        raise CannotTell(with_saturation(recording, start, end, f"{'; '.join(said)}; {_FIX_UNUSED}"))
    why = next((event.detail for event in recording.of(LinkUseUnknown)), "; ".join(said))
    why = why or "nothing was counted"
    unknown = f"whether the application used the link while it was broken is unknown: {why}"
    raise CannotTell(with_saturation(recording, start, end, unknown))


def _uses(recording: Recording, broken: tuple[BrokenLink, ...], start: float, end: float) -> tuple[_Use, ...]:
    """The links that exist in this run: a profile may leave out a service."""
    counted = {counts.link for event in recording.of(LinkUse) for counts in event.links}
    since = max((e.at for e in recording.of(LinkUse) if e.at <= start), default=start)
    return tuple(
        _Use(
            one,
            link_used(recording, one.link, recording.began, start),
            link_used(recording, one.link, since, end),
        )
        for one in broken
        if str(one.link) in counted
    )


def _length(used: LinkUsed) -> str:
    return span(used.until - used.since)
