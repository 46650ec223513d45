"""The links over a Toxiproxy that hangs, breaks and forgets; tests/contract asks the real one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chaos.adapters.links import (
    CALL_DEADLINE,
    DISABLE_DEADLINE,
    REMOVAL_DEADLINE,
    LinkEndpoint,
    ToxiproxyLinks,
)
from chaos.errors import ToolProblem
from chaos.model.stack import LinkName, ServiceRole, as_link
from chaos.ports import Stream, Toxic
from chaos.runner.undo import REVERT_DEADLINE
from tests.unit.adapters.fake_toxiproxy import FakeToxiproxy, serving

CACHE, DB = as_link("web->cache"), as_link("web->db")
SLOW = Toxic("slow", "latency", Stream.DOWNSTREAM, {"latency": 100, "jitter": 0})
SLOWER = Toxic("slower", "latency", Stream.DOWNSTREAM, {"latency": 900, "jitter": 0})


@pytest.fixture
def toxiproxy() -> Iterator[FakeToxiproxy]:
    with serving(FakeToxiproxy(str(CACHE), str(DB))) as fake:
        yield fake


def links_over(
    *fakes: FakeToxiproxy, restarts: bool = True, base: str | None = None, deadline: float = 0.3
) -> ToxiproxyLinks:
    """Links that give up on a removal after 0.3 s, on another call after 0.6 s, and on the disabling of a
    proxy after 0.9 s; the fake answers within a few milliseconds or never.
    """

    async def restart(link: LinkName) -> None:
        fakes[0].restart()

    return ToxiproxyLinks(
        {
            as_link(name): LinkEndpoint(base or fake.base, "127.0.0.1", 1, ServiceRole.REDIS)
            for fake in fakes
            for name in fake.names
        },
        restart if restarts else None,
        deadline=2 * deadline,
        removal_deadline=deadline,
        disable_deadline=3 * deadline,
    )


async def test_a_fault_of_a_link_hits_every_port_of_its_target() -> None:
    with serving(FakeToxiproxy("web->db", "web->db:9000")) as fake:
        endpoint = LinkEndpoint(fake.base, "127.0.0.1", 1, ServiceRole.REDIS, further=("web->db:9000",))
        links = ToxiproxyLinks({DB: endpoint})
        beside = ToxiproxyLinks(
            {as_link("a->b"): LinkEndpoint(fake.base, "", 1, ServiceRole.REDIS, "web->db:9000")}
        )
        await links.add_toxic(DB, SLOW)
        await links.disable(DB)
        assert await beside.toxics(as_link("a->b")) == (SLOW,)
        assert not await beside.enabled(as_link("a->b"))
        await beside.enable(as_link("a->b"))
        assert not await links.enabled(DB), "one closed port is a link that is not whole"
        await links.remove_toxic(DB, SLOW.name)
        await links.enable(DB)
        assert await beside.toxics(as_link("a->b")) == () == await links.toxics(DB)
        assert await links.enabled(DB)


async def test_two_servers_in_one_process_do_not_mix_up(toxiproxy: FakeToxiproxy) -> None:
    with serving(FakeToxiproxy("job->cache")) as second:
        links = links_over(toxiproxy, second)
        await links.disable(as_link("job->cache"))
        await links.add_toxic(CACHE, SLOW)
        assert await links.enabled(CACHE)
        assert not await links.enabled(as_link("job->cache"))
        assert await links.toxics(as_link("job->cache")) == ()
        assert await links.toxics(CACHE) == (SLOW,)


async def test_the_shared_package_is_left_as_it_was(toxiproxy: FakeToxiproxy) -> None:
    import requests
    import toxiproxy as shared
    from toxiproxy import api

    await links_over(toxiproxy).disable(CACHE)
    assert (api.APIConsumer.host, api.APIConsumer.port) == ("127.0.0.1", 8474)
    assert api.requests is requests
    assert shared.Toxiproxy().running.__module__ == "toxiproxy.server"


async def test_a_proxy_of_the_environment_is_not_asked(
    toxiproxy: FakeToxiproxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    assert await links_over(toxiproxy).enabled(CACHE)


async def test_the_same_toxic_twice_is_no_error_and_another_of_that_name_replaces_it(
    toxiproxy: FakeToxiproxy,
) -> None:
    links = links_over(toxiproxy)
    await links.add_toxic(CACHE, SLOW)
    await links.add_toxic(CACHE, SLOW)
    changed = Toxic("slow", "latency", Stream.DOWNSTREAM, {"latency": 500, "jitter": 0})
    await links.add_toxic(CACHE, changed)
    assert await links.toxics(CACHE) == (changed,)


async def test_removing_a_toxic_that_is_not_there_is_no_error(toxiproxy: FakeToxiproxy) -> None:
    await links_over(toxiproxy).remove_toxic(CACHE, "never-added")


@pytest.mark.thorough
@pytest.mark.parametrize("freed_by", ["disable", "reset", "restart"])
async def test_a_removal_that_hangs_ends_by_ruder_means_and_the_rest_is_put_back(
    toxiproxy: FakeToxiproxy, freed_by: str
) -> None:
    links = links_over(toxiproxy)
    await links.add_toxic(CACHE, SLOW)
    await links.add_toxic(CACHE, SLOWER)
    await links.disable(DB)
    toxiproxy.stuck, toxiproxy.freed_by = {"slow"}, freed_by
    await links.remove_toxic(CACHE, "slow")
    assert await links.toxics(CACHE) == (SLOWER,)
    assert await links.enabled(CACHE)
    assert not await links.enabled(DB)
    ways = [
        name for name, call in (("reset", "POST /reset"), ("restart", "restart")) if call in toxiproxy.log
    ]
    assert ways == {"disable": [], "reset": ["reset"], "restart": ["reset", "restart"]}[freed_by]


async def test_a_link_that_was_closed_stays_closed_after_the_rude_means(toxiproxy: FakeToxiproxy) -> None:
    links = links_over(toxiproxy)
    await links.add_toxic(CACHE, SLOW)
    await links.disable(CACHE)
    toxiproxy.stuck, toxiproxy.freed_by = {"slow"}, "disable"
    await links.remove_toxic(CACHE, "slow")
    assert not await links.enabled(CACHE)


async def test_a_toxic_that_no_means_removes_is_an_error_that_tells_all(toxiproxy: FakeToxiproxy) -> None:
    links = links_over(toxiproxy, restarts=False)
    await links.add_toxic(CACHE, SLOW)
    toxiproxy.stuck = {"slow"}
    with pytest.raises(ToolProblem) as caught:
        await links.remove_toxic(CACHE, "slow")
    message = str(caught.value)
    for way in ("within 0.3 s", "by disabling", "by reset: it is still listed", "cannot restart Toxiproxy"):
        assert way in message


async def test_a_server_that_never_answers_costs_no_more_than_the_deadline(toxiproxy: FakeToxiproxy) -> None:
    toxiproxy.hangs = {"GET /proxies"}
    with pytest.raises(ToolProblem, match=r"did not read proxy web->cache within 0.6 s"):
        await links_over(toxiproxy).enabled(CACHE)


async def test_disabling_a_proxy_may_take_longer_than_enabling_it_which_is_an_undo(
    toxiproxy: FakeToxiproxy,
) -> None:
    """It may have to wait for a dial that Toxiproxy makes to a target that is gone."""
    toxiproxy.hangs = {"POST /proxies/web->cache"}
    with pytest.raises(ToolProblem, match=r"did not disable proxy web->cache within 0.9 s"):
        await links_over(toxiproxy).disable(CACHE)
    with pytest.raises(ToolProblem, match=r"did not enable proxy web->cache within 0.6 s"):
        await links_over(toxiproxy).enable(CACHE)


async def test_adding_a_toxic_has_more_time_than_removing_one(toxiproxy: FakeToxiproxy) -> None:
    toxiproxy.hangs = {"POST /proxies/web->cache/toxics"}
    with pytest.raises(ToolProblem, match=r"did not add toxic slow to web->cache within 0.6 s"):
        await links_over(toxiproxy).add_toxic(CACHE, SLOW)


def test_a_call_without_an_answer_leaves_an_undo_time_for_a_second_attempt() -> None:
    assert 2 * CALL_DEADLINE <= REVERT_DEADLINE
    assert REMOVAL_DEADLINE < CALL_DEADLINE < DISABLE_DEADLINE


async def test_a_5xx_is_not_taken_for_success(toxiproxy: FakeToxiproxy) -> None:
    toxiproxy.failing = {"POST /proxies/web->cache": 500}
    with pytest.raises(ToolProblem, match="answered 500 to POST"):
        await links_over(toxiproxy).disable(CACHE)


async def test_a_refused_toxic_says_why(toxiproxy: FakeToxiproxy) -> None:
    nonsense = Toxic("x", "nonsense", Stream.DOWNSTREAM, {})
    with pytest.raises(ToolProblem, match=r"refused to add toxic x to web->cache: .*invalid toxic type"):
        await links_over(toxiproxy).add_toxic(CACHE, nonsense)


async def test_a_dead_server_is_an_error(toxiproxy: FakeToxiproxy) -> None:
    links = links_over(toxiproxy, base="http://127.0.0.1:1")
    for work in (
        links.enable(CACHE),
        links.enabled(CACHE),
        links.toxics(CACHE),
        links.add_toxic(CACHE, SLOW),
    ):
        with pytest.raises(ToolProblem, match=r"127\.0\.0\.1:1 could not"):
            await work


async def test_unknown_links_and_proxies_are_named(toxiproxy: FakeToxiproxy) -> None:
    links = links_over(toxiproxy)
    with pytest.raises(ToolProblem, match="no proxy carries the link a->b; known: web->cache, web->db"):
        await links.disable(as_link("a->b"))
    del toxiproxy.proxies[str(CACHE)]
    for work in (
        links.enabled(CACHE),
        links.disable(CACHE),
        links.toxics(CACHE),
        links.add_toxic(CACHE, SLOW),
    ):
        with pytest.raises(ToolProblem, match="web->cache"):
            await work


def test_knows_the_links_to_a_service(toxiproxy: FakeToxiproxy) -> None:
    assert links_over(toxiproxy).leading_to("db") == (DB,)
    assert links_over(toxiproxy).leading_to("web") == ()
