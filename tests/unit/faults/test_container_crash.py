"""``container.kill`` with ``restart: engine``: the engine starts the service again by the owner's policy."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from chaos.adapters.crashes import crash
from chaos.errors import ToolProblem
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


async def test_the_process_is_killed_again_and_again_and_no_link_is_closed() -> None:
    fault, w = read(fault="container.kill", service="cache", restart="engine"), fake_deployment()
    before = await fault.measure(fault_context(w))
    assert not fault.took_effect(before, before)
    await fault.inject(fault_context(w))
    assert w.log == ["repeat crashes of cache", "crash cache"]
    assert not w.closed
    assert not await fault.reverted(fault_context(w))
    await fault.revert(fault_context(w))
    assert w.log[-2:] == ["end crashes of cache", "start cache"]
    assert await fault.reverted(fault_context(w))


async def test_a_restart_that_the_witness_sees_is_the_proof_and_so_is_a_container_that_is_down() -> None:
    fault = read(fault="container.kill", service="cache", restart="engine")
    w = fake_deployment()
    before = await fault.measure(fault_context(w))
    w.states["cache"] = "exited"
    assert fault.took_effect(before, await fault.measure(fault_context(w)))
    assert not fault.took_effect(await fault.measure(fault_context(w)), before)


async def test_without_a_restart_policy_nothing_is_killed() -> None:
    described: dict[str, Any] = {"HostConfig": {"RestartPolicy": {"Name": "no"}}, "State": {"Pid": 7}}
    with pytest.raises(ToolProblem, match="cache has no restart policy"):
        crash(SimpleNamespace(), "abc123", "cache", described)


class Api:
    """An engine that starts one helper and notes what it was."""

    def __init__(self, code: int = 0, said: bytes = b"") -> None:
        self.code, self.said, self.removed = code, said, False
        self.asked: dict[str, Any] = {}

    def create_host_config(self, **given: str) -> dict[str, str]:
        return given

    def create_container(self, image: str, **given: Any) -> dict[str, str]:
        self.asked = {"image": image, **given}
        return {"Id": "helper"}

    def start(self, container: str) -> None:
        assert container == "helper"

    def wait(self, container: str, timeout: float) -> dict[str, int]:
        return {"StatusCode": self.code}

    def logs(self, container: str) -> bytes:
        return self.said

    def remove_container(self, container: str, **_: bool) -> None:
        self.removed = True


DESCRIBED = {"HostConfig": {"RestartPolicy": {"Name": "always"}}, "State": {"Pid": 7}, "Image": "sha256:1"}


def test_the_helper_carries_the_runs_label_and_goes() -> None:
    api = Api()
    crash(api, "abc123", "cache", DESCRIBED)
    assert api.asked["entrypoint"] == ["sh", "-c", "kill -9 7"]
    assert api.asked["labels"]["gameday.run"] == "abc123"
    assert api.asked["host_config"] == {"pid_mode": "host", "network_mode": "none"}
    assert api.removed


def test_a_process_that_cannot_be_killed_is_said_and_one_that_has_ended_is_fine() -> None:
    api = Api(1, b"sh: kill: (7) - Operation not permitted")
    with pytest.raises(ToolProblem, match=r"cannot kill .* Operation not permitted"):
        crash(api, "abc123", "cache", DESCRIBED)
    assert api.removed
    crash(Api(1, b"sh: kill: (7) - No such process"), "abc123", "cache", DESCRIBED)
