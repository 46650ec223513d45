"""A measurement that got no answer measured nothing: it is no baseline, and shows no end of an effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from chaos.model.stack import LinkName
from chaos.ports import (
    DialOutcome,
    Exchange,
    FaultContext,
    HttpReply,
    LeverAnswer,
    LeverPhase,
    RoundTrip,
    SqlAnswer,
)
from chaos.runner.effect_shown import effect_shown
from tests.fake_ports import FakePostgres, fault_context
from tests.fake_stack_ports import FakeHttp
from tests.fakes import FakeDeployment, FakeLevers, FakeLinks, fake_deployment
from tests.unit.faults.examples import EXAMPLES, name_of, read


class _SilentLinks(FakeLinks):
    async def round_trip(self, link: LinkName, timeout: float = 2.0) -> RoundTrip:
        return RoundTrip(DialOutcome.REFUSED, None)

    async def exchange(self, link: LinkName, size: int, timeout: float) -> Exchange:
        return Exchange(DialOutcome.REFUSED, 0, 0, 0.0)

    async def ending(self, link: LinkName, timeout: float) -> Exchange:
        return Exchange(DialOutcome.REFUSED, 0, 0, 0.0)


class _SilentHttp(FakeHttp):
    async def ask(self, link: LinkName, path: str, patience: float) -> HttpReply:
        return HttpReply(DialOutcome.REFUSED, 0.0, 0)


class _SilentPostgres(FakePostgres):
    async def query(self, service: str, *statements: str) -> SqlAnswer:
        return SqlAnswer("", error="the database system is starting up")

    async def idle_session(self, service: str, seconds: float) -> bool | None:
        return None


class _SilentLevers(FakeLevers):
    async def act(self, lever: str, phase: LeverPhase, params: Mapping[str, object]) -> LeverAnswer:
        return LeverAnswer(None, "connection refused")


def silent(places: FakeDeployment) -> FaultContext:
    """Nothing answers."""
    return replace(
        fault_context(places),
        links=_SilentLinks(places),
        http=_SilentHttp(places),
        postgres=_SilentPostgres(places),
        levers=_SilentLevers(places),
    )


ASKED = [
    example
    for example in EXAMPLES
    if str(example["fault"]).startswith(("http.", "postgres.", "lever", "link."))
]


@pytest.mark.parametrize("example", ASKED, ids=name_of)
async def test_silence_is_no_baseline_and_shows_no_end(example: dict[str, object]) -> None:
    fault, places = read(**example), fake_deployment()
    before = await fault.measure(fault_context(places))
    nothing = await fault.measure(silent(places))
    assert fault.unfit_baseline(before) == ""
    assert effect_shown(fault, before, before) is False
    assert fault.unfit_baseline(nothing) != ""
    assert effect_shown(fault, before, nothing) is not False
    await fault.inject(fault_context(places))
    during = await fault.measure(fault_context(places))
    assert not fault.took_effect(nothing, during)


@pytest.mark.parametrize("example", ASKED, ids=name_of)
async def test_where_nothing_answered_before_the_silence_afterwards_is_the_same(
    example: dict[str, object],
) -> None:
    fault = read(**example)
    nothing = await fault.measure(silent(fake_deployment()))
    assert effect_shown(fault, nothing, nothing) is False
