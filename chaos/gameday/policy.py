"""The response policy: deadlines by severity, escalation, phases."""

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


class UntimedDeadline(Frozen):
    """A deadline in words, such as "daily summary". An exercise cannot measure it."""

    words: str


def _read_term(value: object) -> object:
    try:
        return parse_duration(value)
    except ValueError:
        if isinstance(value, str) and value and not value[0].isdigit():
            return UntimedDeadline(words=value)
        raise


def _write_term(term: float | UntimedDeadline) -> str:
    return term.words if isinstance(term, UntimedDeadline) else format_duration(term)


Term = Annotated[
    float | UntimedDeadline, BeforeValidator(_read_term), PlainSerializer(_write_term, return_type=str)
]


class SeverityPolicy(Frozen):
    """The deadlines of one severity, in policy seconds or in words."""

    meaning: str
    respond_within: Term
    update_every: Term


class PeopleNotice(Frozen):
    """How soon after the alert people should notice, in policy seconds.

    Up to ``full`` they get all marks, from ``nothing`` on none, and between them a linear share.
    """

    full: Paced
    nothing: Paced


class EscalationPolicy(Frozen):
    """When an incident must be escalated. All times are policy seconds."""

    flow: tuple[str, ...] = ()
    immediately_for: tuple[Severity, ...] = ()
    immediate_within: Paced  # from the declaration of such a severity
    no_progress_after: Paced
    secondary_answers_within: Paced


class Policy(Frozen):
    """A response policy. ``communication``: severity -> message template -> time until its first message."""

    severities: dict[Severity, SeverityPolicy] = Field(min_length=1)
    communication: dict[Severity, dict[str, Term]] = Field(default_factory=dict)
    escalation: EscalationPolicy
    people_notice: PeopleNotice
    phases: tuple[str, ...] = ()


def read_policy(path: Path = OWN_POLICY, shown: str | None = None) -> Policy:
    """Read a response policy; gameday's own by default. ``shown``: the path for messages.

    Raises ``BadInput``.
    """
    document = read_document(path, shown)
    try:
        policy = Policy.model_validate(document.data)
    except ValidationError as error:
        raise BadInput([*document.problems, *problems_of(error, Policy, document)]) from None
    if document.problems:
        raise BadInput(document.problems)
    return policy
