"""Settings: production defaults, clear refusals, and what the broken variants change."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from agente.defects import Defects, UnknownDefectError
from agente.settings import Settings, SettingsError, settings_from


def test_an_empty_environment_gives_production_values() -> None:
    assert settings_from({}) == Settings()


def test_values_are_taken_from_the_environment() -> None:
    settings = settings_from(
        {"PMS_BREAKER_RESET_SECONDS": "1.5", "CACHE_TTL_SECONDS": "15", "DB_POOL_SIZE": "4"}
    )
    assert (settings.pms_breaker_reset, settings.cache_ttl, settings.db_pool_size) == (1.5, 15.0, 4)


@pytest.mark.parametrize("text", ["soon", "0", "-1", "nan"])
def test_a_value_that_is_no_positive_number_is_refused_by_name(text: str) -> None:
    with pytest.raises(SettingsError, match="CACHE_TTL_SECONDS"):
        settings_from({"CACHE_TTL_SECONDS": text})


def test_defects_are_a_comma_list() -> None:
    assert settings_from({"DEFECT": "no_breaker, no_fallback"}).defects == Defects(
        no_breaker=True, no_fallback=True
    )


def test_an_unknown_defect_is_refused() -> None:
    with pytest.raises(UnknownDefectError, match="no_braker"):
        settings_from({"DEFECT": "no_braker"})


def test_no_timeout_takes_every_time_out_away() -> None:
    settings = settings_from({"DEFECT": "no_timeout", "PMS_TIMEOUT_SECONDS": "2"})
    assert (settings.pms_timeout, settings.db_timeout, settings.redis_timeout) == (None, None, None)


def test_an_unknown_defect_stops_the_start_with_one_line() -> None:
    api = Path(__file__).parents[3] / "stack" / "api"
    start = subprocess.run(
        [sys.executable, "-m", "agente.main"],
        cwd=api,
        env={"DEFECT": "no_braker", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert start.returncode == 2
    assert start.stderr.count("\n") == 1
    assert "no_braker" in start.stderr


def test_hosts_that_take_turns_are_a_comma_list_and_a_wrong_one_is_refused_by_name() -> None:
    (first, second) = settings_from({"DATABASE_HOSTS": "postgres:5432,replica:5433"}).database_hosts
    assert (str(first), str(second)) == ("postgres:5432", "replica:5433")
    with pytest.raises(SettingsError, match="DATABASE_HOSTS: 'replica' is not HOST:PORT"):
        settings_from({"DATABASE_HOSTS": "postgres:5432,replica"})
