"""The start: the database is asked before the first request is served, and never waited for without end."""

from __future__ import annotations

from dataclasses import replace

import pytest
from agente.database import Database
from agente.defects import parse_defects
from agente.levers.orders import Levers
from agente.main import make_app
from agente.metrics import make_metrics
from agente.settings import Settings


@pytest.mark.parametrize(("defect", "checks"), [("", 1), ("no_timeout", 0)])
async def test_the_database_is_checked_once_before_anything_is_served(
    defect: str, checks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[Database] = []

    async def check(database: Database) -> None:
        checked.append(database)

    monkeypatch.setattr(Database, "check", check)
    nowhere = "redis://127.0.0.1:1/0"
    settings = replace(Settings(), redis_url=nowhere, defects=parse_defects(defect), watch_period=3600.0)
    settings = replace(settings, db_timeout=None) if defect else settings
    app = make_app(settings, make_metrics(), Levers())
    async with app.router.lifespan_context(app):
        assert len(checked) == checks
