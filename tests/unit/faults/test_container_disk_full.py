from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

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
