"""Was anything left behind?"""

from __future__ import annotations

from chaos.checks._common import count, marked, since_start, unknown
from chaos.model.scenario import CheckParams
from chaos.model.verdict import CheckResult, Dimension, Evidence, Outcome
from chaos.timeline.events import LeftOver
from chaos.timeline.recording import Recording


class _LeftCleanCheck:
    """The look around after the teardown must have happened, and must have found nothing of this run."""

    name = "left_clean"
    summary = "after the teardown no container, network, volume or process of the run is left"
    params: type[CheckParams] | None = None
    dimensions = (Dimension.HYGIENE,)
    reads = ("journal",)

    def judge(self, recording: Recording, params: CheckParams | None) -> tuple[CheckResult, ...]:
        title, expected = "nothing is left behind", "no container, network, volume or process of this run"
        event = next(recording.of(LeftOver), None)
        if event is None:
            why = "nobody looked after the teardown"
            return (unknown(self.name, title, expected, why, Dimension.HYGIENE),)
        names = event.names()
        return (
            CheckResult(
                check=self.name,
                title=title,
                outcome=Outcome.FAIL if names else Outcome.PASS,
                expected=expected,
                actual=f"{count(len(names), 'thing')} left: {', '.join(names)}"
                if names
                else "nothing is left",
                evidence=(
                    since_start(recording, event.at, "looked around after the teardown"),
                    *(Evidence(text=f"left behind: {name}") for name in names),
                ),
                marks=marked(
                    Dimension.HYGIENE,
                    0.0 if names else 1.0,
                    f"left behind: {', '.join(names)}",
                    "Run `gameday clean`, then see in the journal which step of the teardown failed.",
                ),
            ),
        )


CHECK = _LeftCleanCheck()
