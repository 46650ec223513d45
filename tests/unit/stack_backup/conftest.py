"""The examiner is no package of this project either: make it importable for its tests."""

from __future__ import annotations

import sys
from pathlib import Path

STACK = Path(__file__).parents[3] / "stack"
for folder in (STACK / "backup", STACK / "mocks", STACK / "mocks" / "pms"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
