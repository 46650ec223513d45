"""A scenario whose run broke before there was anything to judge."""

from __future__ import annotations

from chaos.model.base import Frozen


class BrokenRun(Frozen):
    """``detail`` is the message that the user saw; it says nothing about the system."""

    scenario: str
    detail: str
