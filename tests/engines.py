"""The engine that tests with containers use: the one that gameday would."""

from __future__ import annotations

import os

from chaos.engine import EngineAddress, local_engine


def here() -> EngineAddress:
    return local_engine(os.environ)
