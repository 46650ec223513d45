"""Finds before a run what cannot be right about the channels of an expected notification."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from chaos.kinds import Objection, UnknownName
from chaos.model.rules import DetectionFacts


def channel_objections(
    channels: Sequence[str], limits: Collection[str], detection: DetectionFacts
) -> Iterator[Objection]:
    """``limits``: the keys of the limits that the entry gives. Without a channel there is nothing to time."""
    if not channels:
        for key in sorted(limits):
            message = f"{key} has no effect: without a channel no message is expected"
            yield Objection((key,), message, "remove it, or name the channels")
    for place, channel in enumerate(channels):
        if detection.channels is not None and channel not in detection.channels:
            yield UnknownName.of(("channels", place), "channel", channel, detection.channels)
