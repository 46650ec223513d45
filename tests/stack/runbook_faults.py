"""Reads ``runbook_faults.yaml``: the faults in which a test types the commands of the runbooks."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import TypeAdapter

from chaos.model.base import Frozen


class RunbookFault(Frozen):
    """``cause`` and ``clear`` are shell commands, typed in `stack/`."""

    cause: tuple[str, ...]
    clear: tuple[str, ...] = ()
    sample: bool = False


_TEXT = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
FAULTS = TypeAdapter(dict[str, RunbookFault]).validate_python(yaml.safe_load(_TEXT))
SAMPLE = tuple(name for name, fault in FAULTS.items() if fault.sample)
