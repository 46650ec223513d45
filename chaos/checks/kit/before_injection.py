"""Were the clients well from the steady state up to the first injection? Run axis.

Harm from before the fault is not its effect. What follows it does not show how the system handles the fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from chaos.checks.kit.courses import FEWEST_BAD, AskedCourse
from chaos.checks.kit.density import probe_doubt
from chaos.checks.kit.words import count, span
from chaos.timeline.asked import ended_before
from chaos.timeline.events import SteadyState
from chaos.timeline.observations import ProbeStarted
from chaos.timeline.questions import first_struck
from chaos.timeline.recording import Recording

GOOD_SHARE = 0.99  # of the load's requests served and not degraded; the run itself waits for the same share


def lost_before(recording: Recording, reached: SteadyState) -> Iterator[str]:
    """The conditions of the steady state that no longer held when the first fault was injected, or of which
    the recording does not say so, in words.
    """
    since, struck = reached.at, struck_at(recording)
    paced = {one.probe for one in recording.of(ProbeStarted)}  # old recordings do not say how often they read
    for condition in recording.plan.scenario.steady_state:
        dense = condition.http is not None or condition.label in paced
        found = [one for one in recording.samples(condition.label) if one.at < struck]
        course = AskedCourse([one.started for one in found], [one.ok for one in found])
        if (bad := course.harmed_from(since, struck, recording.plan.healthy_for)) is not None:
            yield f"{condition.label} was not ok again {span(struck - bad)} before the injection"
        elif dense and (unseen := probe_doubt(recording, [(since, struck)], condition.label)):
            yield f"{unseen.why}, before the injection"


def harmed_before(recording: Recording) -> str:
    """How many requests of the load were not served between the steady state and the injection, in words, if
    these are too many; "" if not. Only requests that ended before the injection and could be sent count, and
    those that never ended and had by then waited longer than any answer took.
    """
    reached = [one.at for one in recording.of(SteadyState) if one.when == "before" and one.held]
    since, struck = max(reached, default=inf), struck_at(recording)
    asked = [one for one in ended_before(recording, struck) if since <= one.intended]
    slowest = max((one.latency for one in asked if one.outcome is not None), default=0.0)
    ended = [one.well for one in asked if one.outcome is not None or one.latency > slowest]
    bad = len(ended) - sum(ended)
    if bad < FEWEST_BAD or bad <= (1 - GOOD_SHARE) * len(ended):
        return ""
    return f"{bad} of {count(len(ended), 'request')} before the injection were not served, or degraded"


def struck_at(recording: Recording) -> float:
    """When the first fault was intended; before every instant if nothing was injected: then nothing is asked
    of what came before.
    """
    struck = first_struck(recording)
    return -inf if struck is None else struck
