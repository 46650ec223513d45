"""A programme file, with every problem at ``file:line:column``."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from chaos.errors import BadInput
from chaos.programme.model import Programme
from chaos.scenario.places import read_document
from chaos.scenario.plain_words import problems_of

OWN_PROGRAMME = Path(__file__).with_name("programme.yaml")


def read_programme(path: Path = OWN_PROGRAMME, shown: str | None = None) -> Programme:
    """Read a programme; by default that of the incident guide. Raises ``BadInput``."""
    document = read_document(path, shown)
    try:
        programme = Programme.model_validate(document.data)
    except ValidationError as error:
        raise BadInput([*document.problems, *problems_of(error, Programme, document)]) from None
    if document.problems:
        raise BadInput(document.problems)
    return programme
