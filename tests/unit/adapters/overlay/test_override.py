"""The text of an override: Compose's tags, and dollar signs that Compose must not interpolate."""

from __future__ import annotations

import pytest

from chaos.adapters.overlay.override import OverrideTag, ResetTag, override_text


def test_tags() -> None:
    text = override_text({"a": OverrideTag(["x"]), "b": OverrideTag({"k": None}), "c": ResetTag()})
    assert text == '"a": !override\n- "x"\n"b": !override\n  "k": null\n"c": !reset \'null\'\n'


def test_a_dollar_sign_stays_one() -> None:
    assert override_text({"PASSWORD": "a$b${C}"}) == '"PASSWORD": "a$$b$${C}"\n'


LIKE_NUMBERS = ["042449", "12e456", "000000", "0x1234", "1_0", "null", "yes", "no", "1.5"]


@pytest.mark.parametrize("run_id", LIKE_NUMBERS)
def test_a_text_that_looks_like_a_number_stays_a_text(run_id: str) -> None:
    assert f'"{run_id}"' in override_text({"labels": {"gameday.run": run_id}})
