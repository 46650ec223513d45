"""Fault injection on gameday itself, in short: one run an injury. ``make chaos-self`` is the long form."""

from __future__ import annotations

import pytest

from tests.self_chaos.bounds import violations
from tests.self_chaos.injuries import INJURIES
from tests.self_chaos.trial import trial

pytestmark = pytest.mark.containers
SEED = 7
SHORT = ("SIGKILL", "SIGTERM", "SIGINT", "load generator killed", "engine gone for 6 s", "run folder removed")


@pytest.mark.parametrize(("index", "name"), list(enumerate(SHORT)))
def test_an_injured_run_leaves_nothing_behind_and_never_passes(index: int, name: str) -> None:
    seen = trial(index, SEED, INJURIES[name])
    assert seen.late == "", seen.model_dump_json(indent=1)
    assert violations(seen) == (), seen.model_dump_json(indent=1)
