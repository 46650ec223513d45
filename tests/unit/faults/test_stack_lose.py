from __future__ import annotations

from chaos.model.stack import Stack
from chaos.timeline.events import Measurement
from tests.unit.faults.examples import read

LOSS = {"fault": "stack.lose", "answer": "rebuild"}


def seen(containers: float, networks: float = 0.0, volumes: float = 0.0) -> Measurement:
    values = {"containers": containers, "networks": networks, "volumes": volumes}
    return Measurement(subject="everything", values=values)


def test_takes_effect_only_when_nothing_at_all_is_left() -> None:
    fault = read(**LOSS)
    assert fault.took_effect(seen(3, 1, 2), seen(0))
    assert not fault.took_effect(seen(3, 1, 2), seen(0, 0, 1))
    assert not fault.took_effect(seen(3, 1, 2), seen(1))
    assert not fault.took_effect(seen(0), seen(0))


def test_hits_every_service() -> None:
    stack = Stack.model_validate({"stack": "s", "services": {"a": {}, "b": {}}})
    assert read(**LOSS).affected_services(stack) == ("a", "b")
