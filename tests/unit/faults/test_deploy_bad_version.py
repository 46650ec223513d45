"""``deploy.bad_version``: which versions there are, and which of them prove nothing."""

from __future__ import annotations

from typing import Any

import pytest

from chaos.faults.deploy_bad_version import HEALTH, IDLE, STATE, DeployBadVersion
from chaos.model.stack import Stack
from chaos.ports import NewVersion
from chaos.timeline.events import Measurement
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment


def fault(service: str = "web", **more: object) -> DeployBadVersion:
    return DeployBadVersion.model_validate(
        {"at": "1m", "fault": "deploy.bad_version", "service": service, "for": "1m", **more}
    )


@pytest.mark.parametrize(
    ("given", "version"),
    [
        ({}, NewVersion({}, None, IDLE)),
        ({"env": {"A": "1"}}, NewVersion({"A": "1"})),
        ({"image": "web:2"}, NewVersion({}, "web:2")),
        ({"command": ["sleep", "9"], "image": "web:2"}, NewVersion({}, "web:2", ("sleep", "9"))),
    ],
)
async def test_without_a_difference_the_new_version_does_nothing(
    given: dict[str, Any], version: NewVersion
) -> None:
    w = fake_deployment()
    await fault(**given).inject(fault_context(w))
    assert w.new_versions == {"web": version}


async def test_a_new_version_that_is_well_proves_nothing() -> None:
    w = fake_deployment()
    before = await fault().measure(fault_context(w))
    w.new_versions["web"] = NewVersion({})
    now = await fault().measure(fault_context(w))
    assert now.values["health_of_new_version"] == "healthy"
    assert not fault().took_effect(before, now)


@pytest.mark.parametrize(
    ("state", "health", "proven"),
    [
        ("running", "unhealthy", True),
        ("running", "starting", False),
        ("exited", "starting", True),
        ("restarting", None, True),
        ("created", None, False),
        ("gone", None, False),
    ],
)
def test_a_new_version_that_ended_is_as_bad_as_an_unhealthy_one(
    state: str, health: str | None, proven: bool
) -> None:
    before = Measurement(subject="new", values={STATE: "gone", HEALTH: None})
    assert (
        fault().took_effect(before, Measurement(subject="new", values={STATE: state, HEALTH: health}))
        is proven
    )


@pytest.mark.parametrize(
    ("role", "refused"), [("app", False), ("http", False), ("postgres", True), ("redis", True)]
)
def test_a_second_server_on_the_same_data_is_refused(role: str, refused: bool) -> None:
    stack = Stack.model_validate({"stack": "s", "services": {"db": {"role": role}}})
    assert bool(fault("db").stack_problems(stack)) is refused
