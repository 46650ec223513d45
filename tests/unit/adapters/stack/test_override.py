"""The text of an override: Compose's tags, and dollar signs that Compose must not interpolate."""

from __future__ import annotations

import pytest

from chaos.adapters.stack.override import Removed, Replaced, override_text


def test_tags() -> None:
    text = override_text({"a": Replaced(["x"]), "b": Replaced({"k": None}), "c": Removed()})
    assert text == "a: !override\n- x\nb: !override\n  k: null\nc: !reset 'null'\n"


def test_a_dollar_sign_stays_one() -> None:
    assert override_text({"PASSWORD": "a$b${C}"}) == "PASSWORD: a$$b$${C}\n"


def test_texts_that_yaml_would_read_as_something_else_are_quoted() -> None:
    assert override_text({"restart": "no", "n": "1.5"}) == "restart: 'no'\nn: '1.5'\n"


@pytest.mark.parametrize("run_id", ["042449", "12e456", "000000", "0x1234", "1_0", "null", "yes"])
def test_a_text_that_looks_like_a_number_stays_a_text(run_id: str) -> None:
    assert f'"{run_id}"' in override_text({"labels": {"gameday.run": run_id}})
