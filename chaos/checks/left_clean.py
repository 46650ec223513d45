"""Was anything left behind?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chaos.checks.kit import count, since_start
from chaos.kinds import Check, NoParams, Part
from chaos.model.asked import Asked, CannotTell
from chaos.model.identity import EvidenceKind, ResultKey
from chaos.model.plan import Plan
from chaos.model.verdict import CheckResult, Dimension, Evidence
from chaos.timeline.events import LeftOver
from chaos.timeline.recording import Recording

CLEAN = ResultKey("left_clean.nothing_left")
_FIX = "Run `gameday clean`, then see in the journal which step of the teardown failed."


class _LeftCleanCheck(Check[NoParams]):
    """The run must have looked for leftovers after the teardown, and found none of its own."""

    name = "left_clean"
    summary = "after the teardown no container, network, volume or process of the run is left"
    dimensions = (Dimension.HYGIENE,)
    reads = (Part.JOURNAL,)
    order = 10
    independent = frozenset({CLEAN})
    failure_stands = True

    def asks(self, plan: Plan, params: NoParams) -> Iterator[Asked]:
        expected = "no container, network, volume or process of this run"
        yield self.asked(CLEAN, "nothing is left behind", expected, dimension=Dimension.HYGIENE)

    def answers(
        self, recording: Recording, params: NoParams, asked: Sequence[Asked]
    ) -> Iterator[CheckResult]:
        event = next(recording.of(LeftOver), None)
        if event is None:
            raise CannotTell("the run did not look for leftovers after the teardown")
        names = event.names()
        evidence = [since_start(recording, event.at, "looked for leftovers after the teardown")]
        evidence += [
            Evidence(text=f"left behind: {name}", kind=EvidenceKind.LEFT_OVER, ids=(name,)) for name in names
        ]
        if not names:
            yield asked[0].passed("nothing is left", evidence=evidence)
            return
        listed = ", ".join(names)
        actual = f"{count(len(names), 'thing')} left: {listed}"
        yield asked[0].failed(actual, reason=f"left behind: {listed}", fix=_FIX, evidence=evidence)


CHECK = _LeftCleanCheck()
