from typing import Any

import pytest

from chaos.adapters.labels import read_row
from chaos.ports import ContainerReading


@pytest.mark.parametrize(
    ("state", "status", "reading"),
    [
        ("running", "Up 2 minutes", ContainerReading("running")),
        ("running", "Up 2 minutes (healthy)", ContainerReading("running", "healthy")),
        ("running", "Up 2 minutes (unhealthy)", ContainerReading("running", "unhealthy")),
        ("running", "Up 1 second (health: starting)", ContainerReading("running", "starting")),
        ("paused", "Up 5 minutes (Paused)", ContainerReading("paused")),
        ("paused", "Up 5 minutes (healthy) (Paused)", ContainerReading("paused", "healthy")),
        ("exited", "Exited (137) 2 seconds ago", ContainerReading("exited", "", 137)),
        ("created", "Created", ContainerReading("created")),
        ("removing", "Removal In Progress", ContainerReading("gone")),
        ("dead", "Dead", ContainerReading("dead")),
        ("stopping", "Stopping", ContainerReading("stopping")),  # a word of another engine is kept
    ],
)
def test_a_row_of_the_listing(state: str, status: str, reading: ContainerReading) -> None:
    row: dict[str, Any] = {"State": state, "Status": status}
    assert read_row(row) == reading
