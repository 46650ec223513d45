from pathlib import Path

import pytest

from chaos.errors import ToolProblem
from chaos.model.scenario import Guardrail
from chaos.probes.host import bound_of, read_host, watch_guardrails
from chaos.timeline.events import GuardrailTripped, Sample
from tests.fakes import ManualClock

MEMORY = Guardrail(probe="host_memory", below="90%")
DISK = Guardrail(probe="host_disk", below="95%")


def test_readings_of_this_machine_are_percentages(tmp_path: Path) -> None:
    assert 0 < read_host("host_memory", tmp_path) <= 100
    assert 0 <= read_host("host_disk", tmp_path) <= 100


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ToolProblem, match="host_disk cannot be read"):
        read_host("host_disk", tmp_path / "gone")
    with pytest.raises(ToolProblem, match="no host reading"):
        read_host("host_mood", tmp_path)


def test_bounds_are_percent() -> None:
    assert bound_of(MEMORY) == 90.0


@pytest.mark.parametrize("bound", ["100%", "999%", "0%", "90"])
def test_a_bound_that_could_never_trip_or_never_hold_is_refused(bound: str) -> None:
    with pytest.raises(ValueError, match="should match pattern"):
        Guardrail(probe="host_memory", below=bound)


async def test_it_returns_at_the_first_reading_that_is_not_below() -> None:
    clock, written = ManualClock(), list[Sample | GuardrailTripped]()
    climbing = {"host_memory": [50.0, 89.9, 90.0, 10.0], "host_disk": [1.0, 1.0, 1.0, 1.0]}

    def read(probe: str) -> float:
        return climbing[probe].pop(0)

    tripped = await clock.run(watch_guardrails([DISK, MEMORY], written.append, clock, read))
    assert (tripped.probe, tripped.value, tripped.bound) == ("host_memory", 90.0, 90.0)
    assert clock.mono() == pytest.approx(2.0)
    assert written[-1] is tripped
    samples = [event for event in written if isinstance(event, Sample) and event.probe == "host_memory"]
    assert [(sample.ok, sample.value) for sample in samples] == [(True, 50.0), (True, 89.9), (False, 90.0)]
    assert samples[-1].detail == "90% is not below 90%"


async def test_a_guardrail_that_cannot_be_read_guards_nothing() -> None:
    def read(probe: str) -> float:
        raise ToolProblem("no such file system")

    clock, written = ManualClock(), list[Sample | GuardrailTripped]()
    with pytest.raises(ToolProblem, match="no such file system"):
        await clock.run(watch_guardrails([DISK], written.append, clock, read))
