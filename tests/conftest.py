"""Settings of all tests."""

import pytest
from hypothesis import settings

from tests.stack.sample import announcement

# No stopwatch: the cores are shared. Derandomised: a red build stays red until it is fixed.
settings.register_profile("gameday", deadline=None, derandomize=True)
settings.load_profile("gameday")


def pytest_report_header(config: pytest.Config) -> str:
    """Which sample of the whole scenarios this commit runs (``tests/stack/test_whole_scenarios.py``)."""
    return announcement()
