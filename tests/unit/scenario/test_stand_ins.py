"""A stand-in must take the place of a number that stands in a rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.errors import BadInput
from chaos.scenario import load_stack
from tests.unit.scenario.files import STACK, lay_out, swapped

PROMETHEUS = "prometheus: {service: watch, config: prometheus.yml, rules: [rules.yml]}\n"


def with_stand_in(here: Path, alert: str, threshold: str) -> list[str]:
    given = f"{{{alert}: {{threshold: {threshold}, instead: 0.1, because: it is a toy}}}}"
    changed = PROMETHEUS.replace("[rules.yml]}", f"[rules.yml], stand_ins: {given}}}")
    lay_out(here, stack=swapped(STACK, PROMETHEUS, changed))
    try:
        load_stack(Path("stack/stack.yaml"), "stack/stack.yaml")
    except BadInput as bad:
        return [str(problem).partition(": ")[2] for problem in bad.problems]
    return []


@pytest.mark.parametrize(
    ("alert", "threshold", "complaints"),
    [
        ("ShelfGone", "1", []),
        (
            "ShelfGone",
            "2",
            ["ShelfGone compares with 1, not with 2 (write the number from the rule)"],
        ),
        ("ShelfGon", "1", ["unknown alert 'ShelfGon' (did you mean 'ShelfGone'?)"]),
    ],
)
def test_it_is_held_against_the_rule(here: Path, alert: str, threshold: str, complaints: list[str]) -> None:
    assert with_stand_in(here, alert, threshold) == complaints
