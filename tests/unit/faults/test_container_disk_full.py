from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from chaos.errors import ToolProblem
from tests.fake_ports import FakeDisks, fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


class _Bounds(FakeDisks):
    most = 0

    async def fill(self, service: str, folder: str, most_bytes: int) -> None:
        self.most = most_bytes


async def test_gives_the_bound_in_bytes() -> None:
    disks = _Bounds(fake_deployment())
    fault = read(fault="container.disk_full", service="cache", folder="/small", most_mib=3)
    await fault.inject(replace(fault_context(fake_deployment()), disks=disks))
    assert disks.most == 3 * 1024 * 1024


def test_needs_an_absolute_folder() -> None:
    with pytest.raises(ValidationError, match="should match pattern"):
        read(fault="container.disk_full", service="cache", folder="small")


async def test_space_that_the_service_frees_is_filled_again() -> None:
    w = fake_deployment()
    ports = fault_context(w)
    fault = read(fault="container.disk_full", service="cache", folder="/small", every="1s")
    before = await fault.measure(ports)
    await fault.inject(ports)
    w.full.clear()
    await ports.clock.sleep(1.0)
    assert fault.took_effect(before, await fault.measure(ports))
    await fault.revert(ports)
    await ports.clock.sleep(5.0)
    assert not w.full
    assert await fault.reverted(ports)


async def test_a_filling_that_failed_is_an_error() -> None:
    fault, w = read(fault="container.disk_full", service="cache", folder="/small"), fake_deployment()
    w.failed.add("filling of /small in cache")
    with pytest.raises(ToolProblem, match="ended by itself"):
        await fault.measure(fault_context(w))
