"""The pytest plugin: ``gameday_stack``, ``gameday`` and the marker ``gameday``. See docs/pytest.md.

It is loaded into every pytest session in which the package is installed, so it imports the rest of the
package only when a test asks for a stack.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import pytest

if TYPE_CHECKING:
    from chaos.app.stacks.by_hand import Gameday

MARKER = "gameday"
STACK, SCOPE, PACE, REPORTS = "gameday_stack", "gameday_scope", "gameday_pace", "gameday_reports"
Scope: TypeAlias = Literal["session", "module"]
SCOPES: dict[str, Scope] = {"session": "session", "module": "module"}
_FIXTURES = frozenset(("gameday", "gameday_stack"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """The settings, in pytest's own configuration file."""
    parser.addini(STACK, "stack.yaml of the stack under test, relative to the rootdir", default="")
    parser.addini(SCOPE, f"how long one warm stack is used: {', '.join(SCOPES)}", default="session")
    parser.addini(PACE, "how much policy time is compressed in the warm stack", default="1")
    parser.addini(REPORTS, "folder of the run folders, relative to the rootdir", default="reports")


def pytest_configure(config: pytest.Config) -> None:
    """The marker, so that --strict-markers knows it."""
    config.addinivalue_line(
        "markers", f"{MARKER}: breaks a stack of containers; set on every test that uses one"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that use a stack. With xdist's ``--dist loadgroup`` they share a worker and a stack."""
    xdist = config.pluginmanager.hasplugin("xdist")
    for item in items:
        if _FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(MARKER)
            if xdist:
                item.add_marker(pytest.mark.xdist_group(MARKER))


def _scope(fixture_name: str, config: pytest.Config) -> Scope:
    scope = str(config.getini(SCOPE))
    if scope not in SCOPES:
        raise pytest.UsageError(f"{SCOPE}: expected one of {', '.join(SCOPES)}, got {scope!r}")
    return SCOPES[scope]


@pytest.fixture(scope=_scope)
def gameday_project() -> object:
    """None: gameday starts its own stack. To use another, override this fixture with a started
    ``testcontainers.compose.DockerCompose``: gameday then breaks that project and does not remove it.
    """
    return None


@pytest.fixture(scope=_scope)
def gameday_stack(request: pytest.FixtureRequest, gameday_project: object) -> Iterator[Gameday]:
    """The warm stack: started with proxies, and healthy. The teardown removes what gameday started.

    Raises ``pytest.UsageError`` for a wrong setting, and ``GamedayError`` if the stack does not start.
    """
    from chaos.app.stacks.attached import project_name
    from chaos.app.stacks.by_hand import Gameday

    config = request.config
    try:
        pace = float(config.getini(PACE))
    except ValueError as error:
        raise pytest.UsageError(f"{PACE}: expected a number, got {config.getini(PACE)!r}") from error
    project = project_name(gameday_project) if gameday_project is not None else ""
    if project and pace != 1.0:
        raise pytest.UsageError(
            f"{PACE}: gameday cannot compress the time of a project that it did not start"
        )
    reports = config.rootpath / str(config.getini(REPORTS))
    running = Gameday(_stack_file(config), reports, pace, project).start()
    try:
        yield running
    finally:
        running.close()


@pytest.fixture
def gameday(gameday_stack: Gameday) -> Gameday:
    """``fault``, ``probe``, ``alerts``, ``url`` and ``run`` on the warm stack."""
    return gameday_stack


def _stack_file(config: pytest.Config) -> Path:
    from chaos.model.project_files import STACK_FILE, stack_file_of

    named = str(config.getini(STACK))
    candidates = [named] if named else [STACK_FILE, f"stack/{STACK_FILE}"]
    for candidate in candidates:
        path = stack_file_of(config.rootpath / candidate)
        if path.is_file():
            return path
    wanted = " or ".join(candidates)
    message = f"{STACK}: no such file {wanted} below {config.rootpath}; gameday init writes one"
    raise pytest.UsageError(message)
