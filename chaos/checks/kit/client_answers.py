"""The answers that clients got while faults were in place, as seen by the load or a probe. Run axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress

from chaos.checks.kit.density import load_doubt, probe_doubt
from chaos.checks.kit.fault_stretches import FaultStretch
from chaos.model.asked import CannotTell, Doubt
from chaos.timeline.events import LoadStarted, Sample
from chaos.timeline.observations import ProbeStarted, ProbeWaiting
from chaos.timeline.recording import Recording
from chaos.timeline.requests import RequestOutcome
from chaos.timeline.unanswered import probe_gave_up


@dataclass(frozen=True, slots=True)
class ClientAnswer:
    """One request of a client. ``answered`` None: no answer had arrived when the recording of it ended."""

    asked: float
    answered: float | None
    as_promised: bool
    seen: str  # the answer in words
    gave_up: bool = False  # the client gave up after its full time-out


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """An answer that shows how the system handles the fault. ``took`` None: it never came."""

    answer: ClientAnswer
    took: float | None

    @property
    def as_promised(self) -> bool:
        return self.took is not None and self.answer.as_promised


@dataclass(frozen=True)
class SortedAnswers:
    """The requests of all stretches. ``waiting``: how long each unanswered request had waited when the undo
    began; these are neither kept nor broken. ``unanswered``: the same for requests from the injection on, if
    none of them had been answered by then.
    """

    judged: tuple[JudgedAnswer, ...]
    waiting: tuple[float, ...]
    unanswered: tuple[float, ...]


def by_load(
    recording: Recording,
    name: str,
    kept: Callable[[RequestOutcome], bool],
    stretches: Sequence[FaultStretch],
) -> list[ClientAnswer]:
    """The load's requests of one kind that were sent in one of the stretches, without those that this machine
    could not send.
    """
    every = recording.requests
    meant = every.where(lambda one: one.name == name and not one.unsent)
    ended = [(kept(one), _seen(one), one.gave_up) for one in every.outcomes]
    spans = [(min(one.start, one.injected), one.end) for one in stretches]
    first, last = min((start for start, _ in spans), default=0.0), max((end for _, end in spans), default=0.0)
    rows = zip(every.sent, every.finished(), every.outcome, strict=True)
    found = [
        ClientAnswer(sent, finished, *ended[place])
        for sent, finished, place in compress(rows, map(meant.__getitem__, every.outcome))
        if first <= sent < last and any(start <= sent < end for start, end in spans)
    ]
    found += [ClientAnswer(w.sent, None, False, "no answer") for w in recording.waiting if w.name == name]
    return sorted(found, key=lambda one: one.asked)


def by_probe(recording: Recording, probe: str, statuses: Sequence[int]) -> list[ClientAnswer]:
    """The readings of one probe. ``statuses``: those of the promised answer.

    Raises ``CannotTell`` if readings are called as promised that have another status.
    """
    wrong = [
        s for s in recording.samples(probe) if s.ok and s.status is not None and s.status not in statuses
    ]
    if wrong:
        said = (
            f"{len(wrong)} samples of {probe} are called as promised, and have the status {wrong[0].status}"
        )
        raise CannotTell(said)
    found = [
        ClientAnswer(s.started, s.at, s.ok, _seen_by_probe(s), probe_gave_up(s))
        for s in recording.samples(probe)
    ]
    waits = (one for one in recording.of(ProbeWaiting) if one.probe == probe)
    found += [ClientAnswer(one.started, None, False, "no answer") for one in waits]
    return sorted(found, key=lambda one: one.asked)


def sort_answers(
    answers: Sequence[ClientAnswer], stretches: Sequence[FaultStretch], within: float | None
) -> SortedAnswers:
    """The answers to judge: those that came, or were given up, before the undo began.

    A request that was still waiting then counts only if it had waited longer than ``within``.
    """
    judged: list[JudgedAnswer] = []
    waiting: list[float] = []
    unanswered: list[float] = []
    for stretch in stretches:
        for answer in answers:
            if not stretch.start <= answer.asked < stretch.end:
                continue
            if answer.answered is not None and answer.answered <= stretch.released:
                judged.append(
                    JudgedAnswer(answer, None if answer.gave_up else answer.answered - answer.asked)
                )
            elif within is not None and stretch.released - answer.asked > within:
                judged.append(JudgedAnswer(answer, None))
            else:
                waiting.append(stretch.released - answer.asked)
        unanswered += _unanswered(answers, stretch)
    return SortedAnswers(tuple(judged), tuple(waiting), tuple(unanswered))


def _unanswered(answers: Sequence[ClientAnswer], stretch: FaultStretch) -> Iterator[float]:
    asked = [answer for answer in answers if stretch.injected <= answer.asked < stretch.end]
    if all(answer.answered is None or answer.answered > stretch.released for answer in asked):
        yield from (stretch.released - answer.asked for answer in asked)


def sparse(
    recording: Recording, source: str, is_load: bool, stretches: Sequence[FaultStretch]
) -> Doubt | None:
    """A stretch with too few requests to judge; None: every stretch has enough.

    ``source``: the name of the load's request, or of the probe.
    """
    windows = [(stretch.start, stretch.end) for stretch in stretches]
    if is_load:
        return load_doubt(recording, windows, source)
    return probe_doubt(recording, windows, source)


def patience(recording: Recording, source: str, is_load: bool) -> float | None:
    """How many seconds a client waited for its answer; None if the recording does not say."""
    if is_load:
        return next((one.patience for one in recording.of(LoadStarted)), None)
    return next((one.patience for one in recording.of(ProbeStarted) if one.probe == source), None)


def _seen(one: RequestOutcome) -> str:
    if one.status == 0:
        return one.error or "no answer"
    return f"{one.status}" + (f" degraded: {one.degraded}" if one.degraded is not None else "")


def _seen_by_probe(sample: Sample) -> str:
    if sample.ok:
        return f"{sample.status} as promised"
    return sample.detail or (f"status {sample.status}" if sample.status else "no answer")
