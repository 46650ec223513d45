"""The examiner's limits of age are those of stack.yaml."""

from __future__ import annotations

from pathlib import Path

import yaml
from examiner.examine import EXAMINERS

from chaos.timing import parse_duration

STACK = Path(__file__).parents[3] / "stack"


def test_every_declared_backup_has_an_examiner_with_the_same_limit() -> None:
    declared = yaml.safe_load((STACK / "stack.yaml").read_text())["backups"]
    compose = yaml.safe_load((STACK / "docker-compose.yml").read_text())
    environment = compose["services"]["backup"]["environment"]
    limits = {name: float(environment[f"{name.upper()}_MAX_AGE_SECONDS"]) for name in EXAMINERS}
    assert limits == {name: parse_duration(facts["max_age"]) for name, facts in declared.items()}


def test_off_site_storage_is_read_only_to_the_examiner() -> None:
    compose = yaml.safe_load((STACK / "docker-compose.yml").read_text())
    assert compose["services"]["backup"]["volumes"] == ["offsite:/offsite:ro"]
