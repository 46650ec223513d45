"""Compose profiles: who is started, and what becomes of those that are not."""

from __future__ import annotations

import pytest

from chaos.adapters.overlay.override import OverrideTag
from chaos.adapters.overlay.splice import splice
from chaos.adapters.overlay.topology import plan_topology
from chaos.errors import BadInput
from tests.unit.adapters.overlay.specimens import Body, read, service, shop, stack, wiring


def project() -> Body:
    body = shop()
    body["services"]["spare"] = service(profiles=["drill", "weekly"])
    return body


def test_a_service_of_a_profile_sleeps_until_one_of_its_profiles_is_active() -> None:
    plain = read(project()).with_profiles(())
    assert "spare" not in plain.services
    assert set(plain.dormant) == {"spare"}
    woken = plain.with_profiles(("weekly",))
    assert "spare" in woken.services
    assert not woken.dormant


def test_one_that_sleeps_is_still_the_run_s_own_when_a_command_starts_it() -> None:
    compose = read(project()).with_profiles(())
    topology = plan_topology(stack(), compose)
    services = splice(compose, topology, wiring(topology))["services"]
    assert isinstance(services, dict)
    assert services["spare"] == {"labels": OverrideTag({"gameday.run": "abc123"})}


def test_a_link_to_one_that_sleeps_is_refused_with_its_profiles() -> None:
    compose = read(project()).with_profiles(())
    with pytest.raises(BadInput, match="needs the Compose profile drill or weekly"):
        plan_topology(stack({"clients->spare": 80}), compose)
    with pytest.raises(BadInput, match="needs the Compose profile drill or weekly"):
        plan_topology(stack(services={"web": {}, "spare": {}}), compose)


def test_variables_of_one_that_sleeps_are_no_problem() -> None:
    compose = read(project()).with_profiles(())
    assert plan_topology(stack(paced={"spare": {"WAIT": 3}}), compose).containers
    with pytest.raises(BadInput, match="an unknown service unknown"):
        plan_topology(stack(paced={"unknown": {"WAIT": 3}}), compose)
