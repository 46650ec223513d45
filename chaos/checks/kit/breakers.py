"""The states that a circuit breaker went through in one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from chaos.checks.kit.own_alerts import Origin, Origins
from chaos.checks.kit.scrapes import LONGEST_HOLE, SCRAPES, contradiction
from chaos.checks.kit.slowness import excuse_harm_after_stall
from chaos.checks.kit.words import since_start, span
from chaos.model.asked import CannotTell, Doubt
from chaos.model.breaker_states import BreakerState
from chaos.model.identity import EvidenceKind
from chaos.model.stack import BreakerFacts, Stack
from chaos.model.verdict import Evidence
from chaos.timeline.events import Phase
from chaos.timeline.questions import BreakerHistory, breaker_histories, fault_span, fault_windows
from chaos.timeline.recording import Recording

BOTH_SIDES = (
    2.0  # patience with a hole after the fault: the breaker was in the same state before and after it
)
OPEN, HALF_OPEN, CLOSED = BreakerState.OPEN, BreakerState.HALF_OPEN, BreakerState.CLOSED


@dataclass(frozen=True)
class StateInterval:
    """One stretch in one state, as scraped. ``before`` is the last scrape that saw the previous state."""

    state: str
    before: float | None
    first: float
    last: float
    after: float | None  # the first scrape that saw the next state


@dataclass(frozen=True)
class PathComparison:
    """States compared with a path. ``wrong``: what is not as promised; ``unsure``: why it is unknown."""

    states: tuple[str, ...]
    wrong: str = ""
    unsure: str = ""
    unseen: tuple[str, ...] = ()  # states of the path that no scrape saw
    unfinished: bool = False  # as promised so far, but the path is not complete
    open_for: float | None = None  # real seconds, at most

    def words(self) -> str:
        states = " -> ".join(self.states)
        return states + (f" ({', '.join(self.unseen)} not seen by any scrape)" if self.unseen else "")


@dataclass(frozen=True)
class BreakerRecord:
    """The data by which a check judges one breaker. Instants are on the run axis, lengths real seconds."""

    recording: Recording
    stays: tuple[
        StateInterval, ...
    ]  # from the state in which the injection found it; repeated trials dropped
    injected: float  # when the injection of the first fault was done: limits count from here
    over: float | None
    reset: float | None
    last: float  # the last scrape
    scrapes: tuple[float, ...] = ()  # the instant of each

    def hole(self, start: float, end: float, patience: float = 1.0) -> Doubt | None:
        """Why the states in ``[start, end]`` are unknown: no scrape saw the gauge for long. None: they are
        known. What a breaker does meanwhile leaves no trace. A hole may be ``patience`` times as long as
        usual.
        """
        facts = self.recording.plan.detection
        step = 0.0 if facts is None else facts.scrape_interval / self.pace
        seen = [start, *(at for at in self.scrapes if start < at < end), end]
        longest = max(later - earlier for earlier, later in pairwise(seen))
        if longest <= patience * max(LONGEST_HOLE, SCRAPES * step):
            return None
        return Doubt(f"no scrape saw its gauge for {span(longest)}")

    @property
    def pace(self) -> float:
        return self.recording.plan.pace

    @property
    def watched_to(self) -> float:
        """Until when the gauge should have been scraped: the teardown, or the instant of the last read."""
        ends = (self.recording.phase_began(Phase.TEARDOWN), self.recording.metrics.read_to)
        return max(self.last, min((at for at in ends if at is not None), default=self.last))

    def opening(self) -> tuple[float, float] | None:
        """(last scrape that did not, first that did) see it open; half-open counts too: open precedes it."""
        stay = next((stay for stay in self.stays[1:] if stay.state in (OPEN, HALF_OPEN)), None)
        return None if stay is None or stay.before is None else (stay.before, stay.first)

    def closing(self) -> tuple[float, float] | None:
        """The same for finally closed; None if the last scrape does not see it closed after it was open."""
        stay = self.stays[-1]
        if stay.state != CLOSED or stay.before is None or self.opening() is None:
            return None
        return stay.before, stay.first

    def open_stretch(self) -> tuple[float, float] | None:
        """First and last scrape of the first open stretch, trials included."""
        return next(((stay.first, stay.last) for stay in self.stays if stay.state == OPEN), None)

    def compare(self, path: tuple[str, ...]) -> PathComparison:
        """Compare the states with ``path``; see the breaker check for what is accepted."""
        states = tuple(stay.state for stay in self.stays)
        open_for = max((_at_most(stay) for stay in self.stays if stay.state == OPEN), default=None)
        seen = " -> ".join(states)
        if states[0] != path[0]:
            return PathComparison(
                states, unsure=f"was {states[0]} already before the injection", open_for=open_for
            )
        here, unseen = 0, []
        for place, wanted in enumerate(path):
            state = states[here] if here < len(states) else None
            if state == wanted:
                here += 1
            elif state is None:
                never = OPEN in path and OPEN not in states and HALF_OPEN not in states
                wrong = "never opened" if never else f"{seen}, and never {wanted}"
                return PathComparison(states, wrong, unfinished=True, open_for=open_for)
            elif wanted == OPEN and state == HALF_OPEN:
                unseen.append(OPEN)
            elif wanted == HALF_OPEN and place + 1 < len(path) and state == path[place + 1]:
                doubt = self._too_short(self.stays[here - 1])
                if doubt:
                    unsure = "" if self.reset is not None else doubt
                    return PathComparison(
                        states, "" if unsure else f"{seen}: {doubt}", unsure, open_for=open_for
                    )
                unseen.append(HALF_OPEN)
            else:
                return PathComparison(
                    states, f"{seen}: {state} where {wanted} was promised", open_for=open_for
                )
        if here < len(states) and path[-1] == path[0]:
            return PathComparison(states, f"{seen}: {states[here]} again after the path", open_for=open_for)
        return PathComparison(states, unseen=tuple(unseen), open_for=open_for)

    def _too_short(self, stay: StateInterval) -> str:
        """Why an unseen half-open cannot be assumed after ``stay``; "" if it can."""
        if self.reset is None:
            return (
                "no scrape saw half_open, and stack.yaml does not say how long the breaker must wait for it"
            )
        if _at_most(stay) < self.reset:
            lasted, needed = span(_at_most(stay)), span(self.reset)
            return f"closed after at most {lasted} open, before its reset time of {needed}"
        return ""

    def excuse_relapse(self, path: tuple[str, ...], actual: str) -> None:
        """Call this before it fails because it is not closed at the end. Raises ``CannotTell`` if it had gone
        the whole ``path`` and opened again after the fault because this machine stood still: every time-out
        runs out then, that of its calls as well.
        """
        for place, stay in enumerate(self.stays[1:], 1):
            before = replace(self, stays=self.stays[:place])
            closed = before.closing() is not None and not before.compare(path).wrong
            if closed and self.over is not None and stay.first > self.over:
                excuse_harm_after_stall(self.recording, stay.first, actual, evidence=self.evidence())

    def evidence(self) -> tuple[Evidence, ...]:
        """Every state with the scrape that first saw it."""
        return tuple(
            since_start(
                self.recording,
                max(stay.first, self.recording.began),
                f"seen {stay.state}",
                EvidenceKind.BREAKER,
                stay.state,
            )
            for stay in self.stays
        )


def read_breakers(recording: Recording, name: str) -> tuple[BreakerRecord, ...]:
    """The data needed to judge a breaker, for each of its replicas separately.

    Raises ``CannotTell`` if the recording lacks it.
    """
    facts = recording.plan.stack.breakers.get(name)
    if facts is None:
        raise CannotTell(f"stack.yaml declares no breaker {name}")
    if not recording.metrics.complete:
        raise CannotTell(f"its gauge could not be read: {recording.metrics.detail or 'no reason recorded'}")
    if recording.metrics.read_to is not None and (wrong := contradiction(recording)):
        raise CannotTell(f"what Prometheus holds contradicts itself: {wrong}")
    origins = Origins(recording)
    known = breaker_histories(recording, facts)
    own = [one for one in known if origins.of_scraped(dict(one.labels)) is Origin.OWN]
    if known and not own:
        raise CannotTell(f"no series of {facts.metric} is one of a target of the stack")
    histories = _one_after_another(own)
    if not histories:
        raise CannotTell(f"Prometheus has no sample of {facts.metric}")
    return tuple(_read(recording, facts, scrapes) for scrapes in histories)


def _one_after_another(histories: Sequence[BreakerHistory]) -> list[tuple[tuple[float, str], ...]]:
    """The scrapes of each replica. Series that follow each other in time are one replica that restarted."""
    found: list[tuple[tuple[float, str], ...]] = []
    for one in sorted((one for one in histories if one.scrapes), key=lambda one: one.scrapes[0]):
        before = next((i for i, seen in enumerate(found) if seen[-1][0] < one.scrapes[0][0]), None)
        if before is None:
            found.append(one.scrapes)
        else:
            found[before] += one.scrapes
    return found


def _read(recording: Recording, facts: BreakerFacts, scrapes: tuple[tuple[float, str], ...]) -> BreakerRecord:
    windows = fault_windows(recording)
    injected = min((w.injected for w in windows if w.injected is not None), default=None)
    if injected is None:
        raise CannotTell("no fault was injected")
    struck = min(w.start for w in windows)  # an injection takes time, and the breaker may open during that
    if scrapes[0][0] > struck:
        raise CannotTell("its gauge was not scraped before the injection")
    whole = fault_span(recording)
    production = reset_time(facts, recording.plan.stack)
    reset = None if production is None else production / recording.plan.pace
    stays = _stays(scrapes)
    found = max(i for i, stay in enumerate(stays) if stay.first <= struck)
    over = whole[1] if whole else None
    if odd := next((stay.state for stay in stays[found:] if stay.state not in facts.states), None):
        raise CannotTell(f"its gauge has a value that stack.yaml names no state for: {odd}")
    instants = tuple(at for at, _ in scrapes)
    return BreakerRecord(
        recording, _without_trials(stays[found:]), injected, over, reset, scrapes[-1][0], instants
    )


def reset_time(facts: BreakerFacts, stack: Stack) -> float | None:
    """Production seconds for which the breaker stays open before a trial; None if stack.yaml names none."""
    if facts.reset is None:
        return None
    service, _, variable = facts.reset.partition(".")
    return stack.paced.get(service, {}).get(variable)


def _stays(scrapes: tuple[tuple[float, str], ...]) -> list[StateInterval]:
    stays: list[StateInterval] = []
    for instant, state in scrapes:
        if stays and stays[-1].state == state:
            stays[-1] = _until(stays[-1], instant)
            continue
        before = stays[-1].last if stays else None
        if stays:
            last = stays[-1]
            stays[-1] = StateInterval(last.state, last.before, last.first, last.last, instant)
        stays.append(StateInterval(state, before, instant, instant, None))
    return stays


def _until(stay: StateInterval, last: float) -> StateInterval:
    return StateInterval(stay.state, stay.before, stay.first, last, stay.after)


def _without_trials(stays: list[StateInterval]) -> tuple[StateInterval, ...]:
    """open, half_open, open becomes one open stretch: a trial that failed.

    So does half_open, open, because only open leads to half_open.
    """
    kept: list[StateInterval] = []
    for stay in stays:
        if stay.state == OPEN and len(kept) > 1 and kept[-1].state == HALF_OPEN:
            since = kept.pop()
            if kept[-1].state == OPEN:
                since = kept.pop()
            stay = StateInterval(OPEN, since.before, since.first, stay.last, stay.after)
        kept.append(stay)
    return tuple(kept)


def _at_most(stay: StateInterval) -> float:
    """The longest possible length of a stay: between the scrapes around it."""
    begin = stay.before if stay.before is not None else stay.first
    return (stay.after if stay.after is not None else stay.last) - begin
