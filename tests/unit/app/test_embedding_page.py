"""The page on embedding shows code that runs."""

from __future__ import annotations

import re
from pathlib import Path

from chaos.runner import Observer, RunControl

PAGE = Path(__file__).parents[3] / "docs" / "embedding.md"


def test_the_code_of_the_page_is_importable_and_its_tables_name_what_there_is() -> None:
    text = PAGE.read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, object] = {"__name__": "page"}
    exec(compile(code, str(PAGE), "exec"), names)
    assert callable(names["rehearse"])
    called = re.findall(r"^\| `(\w+)\(", text, re.MULTILINE)
    public = {
        name
        for kind in (Observer, RunControl)
        for name in vars(kind)
        if not name.startswith("_") and name not in ("received", "drained")
    }
    assert set(called) == public
