"""Draws the pages. All templates escape every text."""

from __future__ import annotations

import secrets
import time
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from chaos.gameday.event_base import Role
from chaos.gameday.people_events import IncidentRole, Missing, NoticeSource, StepResult
from chaos.model.scenario import Severity
from chaos.timing import measured_duration

ASSETS = {"console.css": "text/css", "console.js": "text/javascript"}


@cache
def environment() -> Environment:
    made = Environment(
        loader=PackageLoader("chaos.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["clock"] = _clock
    made.filters["lasting"] = measured_duration
    made.filters["words"] = lambda text: str(text).replace("_", " ")
    made.globals["new_key"] = lambda: secrets.token_hex(12)
    made.globals["severities"] = [one.value for one in Severity]
    made.globals["missing"] = [one.value for one in Missing]
    made.globals["sources"] = [one.value for one in NoticeSource]
    made.globals["results"] = [one.value for one in StepResult]
    made.globals["duties"] = [one.value for one in IncidentRole]
    made.globals["player_roles"] = [Role.COMMANDER.value, Role.RESPONDER.value, Role.SCRIBE.value]
    return made


def draw(template: str, **values: object) -> str:
    """One page or a part of one, as HTML."""
    return environment().get_template(template).render(**values)


@cache
def asset(name: str) -> bytes:
    """A style sheet or a script. Raises ``KeyError`` for any other name."""
    ASSETS[name]
    return files("chaos.console").joinpath("assets", name).read_bytes()


def _clock(instant: float | None) -> str:
    """An instant (seconds since the epoch) in UTC, as ``09:41:07``."""
    return "–" if instant is None else time.strftime("%H:%M:%S", time.gmtime(instant))
