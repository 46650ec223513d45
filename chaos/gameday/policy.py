"""How people must respond, as figures: deadlines by severity, escalation, phases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, ValidationError

from chaos.errors import BadInput
from chaos.model.base import Frozen
from chaos.model.scenario import Severity
from chaos.scenario.places import read_document
from chaos.scenario.plain_words import problems_of
from chaos.timing import Paced, format_duration, parse_duration

OWN_POLICY = Path(__file__).with_name("response.yaml")


class Untimed(Frozen):
    """A deadline in words, such as "daily summary": an exercise cannot time it."""

    words: str


def _read_term(value: object) -> object:
    try:
        return parse_duration(value)
    except ValueError:
        if isinstance(value, str) and value and not value[0].isdigit():
            return Untimed(words=value)
        raise


def _write_term(term: float | Untimed) -> str:
    return term.words if isinstance(term, Untimed) else format_duration(term)


Term = Annotated[float | Untimed, BeforeValidator(_read_term), PlainSerializer(_write_term, return_type=str)]


class SeverityPolicy(Frozen):
    meaning: str
    respond_within: Term
    update_every: Term


class PeopleNotice(Frozen):
    """Policy seconds after the alert: up to ``full`` all marks, from ``nothing`` on none."""

    full: Paced
    nothing: Paced


class EscalationPolicy(Frozen):
    flow: tuple[str, ...] = ()
    immediately_for: tuple[Severity, ...] = ()
    immediate_within: Paced  # what counts as immediately
    no_progress_after: Paced
    secondary_answers_within: Paced


class Policy(Frozen):
    """``communication``: for each severity the messages that are due, with the time that each may take."""

    severities: dict[Severity, SeverityPolicy] = Field(min_length=1)
    communication: dict[Severity, dict[str, Term]] = Field(default_factory=dict)
    escalation: EscalationPolicy
    people_notice: PeopleNotice
    phases: tuple[str, ...] = ()


def read_policy(path: Path = OWN_POLICY, shown: str | None = None) -> Policy:
    """Read a file of response deadlines; gameday's own by default. Raises ``BadInput``."""
    document = read_document(path, shown)
    try:
        policy = Policy.model_validate(document.data)
    except ValidationError as error:
        raise BadInput([*document.problems, *problems_of(error, Policy, document)]) from None
    if document.problems:
        raise BadInput(document.problems)
    return policy
