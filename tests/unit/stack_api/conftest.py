"""The reference stack's own code is no package of this project: make it importable for its tests."""

from __future__ import annotations

import sys
from pathlib import Path

STACK = Path(__file__).parents[3] / "stack"
MOCKS = STACK / "mocks"
MOCK_FOLDERS = (MOCKS, MOCKS / "pms", MOCKS / "nlp", MOCKS / "channels", STACK / "notifications")
for folder in (STACK / "api", *MOCK_FOLDERS, STACK.parent / "fixtures", Path(__file__).parent):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
