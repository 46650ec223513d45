"""The identities of results, measures and evidence.

Programs compare these. Titles, labels and sentences are for people and may be reworded at any time.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

from chaos.model.base import Frozen

ResultKey = NewType("ResultKey", str)
"""The question that a result answers, such as ``detection.fires``: CHECK.QUESTION. Never reworded."""

MeasureKey = NewType("MeasureKey", str)
"""What a figure measures, ``recovery.rto``. Two checks may measure the same thing under one key."""


class SubjectKind(StrEnum):
    """What kind of thing a result is about."""

    RUN = "run"  # the whole run
    CLIENTS = "clients"
    ALERT = "alert"
    BACKUP = "backup"
    BREAKER = "breaker"
    LEDGER = "ledger"  # its name, or ``ledger/store`` where one store is judged
    LINK = "link"
    PROBE = "probe"
    PROCEDURE = "procedure"
    REQUEST = "request"  # METHOD /path
    SERVICE = "service"
    STEP = "step"  # of the timeline: the fault and its target
    OTHER = "other"  # anything else; the name says what


class Subject(Frozen):
    """The thing that a result is about."""

    kind: SubjectKind
    name: str = ""


RUN = Subject(kind=SubjectKind.RUN)
CLIENTS = Subject(kind=SubjectKind.CLIENTS)


class EvidenceKind(StrEnum):
    """The kind of a piece of evidence. Programs that look for ids or instants select by it."""

    FACT = "fact"  # anything else, for people
    ALERT = "alert"  # a change of an alert's state; id: the alert
    ANSWER = "answer"  # an answer to a client
    BACKUP = "backup"  # a backup or a finding against it; id: the backup
    BREAKER = "breaker"  # a change of a breaker's state; id: the state
    CONDITION = "condition"  # of the steady state
    LEFT_OVER = "left_over"  # id: what was left behind
    MEASUREMENT = "measurement"  # of a witness
    STAGE = "stage"  # of a recovery; id: the key of its measure
    STEP = "step"  # of a procedure; ids: procedure and step
    WRITE_LOST = "write_lost"  # id: the write; likewise below
    WRITE_SPOILT = "write_spoilt"  # unexpected, duplicated, mismatched or stale
    WRITE = "write"  # any other


# Measures that other modules read. Any check may measure them.
RTO = MeasureKey("recovery.rto")  # s, from the start of the first fault
BUDGET = MeasureKey("recovery.budget")  # s, from the end of the last fault
STEADY = MeasureKey("recovery.steady")  # s, from the start of the first fault to the healthy window
RPO = MeasureKey("data.rpo")  # s, age of the oldest lost write at the failure; None: no RPO allows the loss
LOST = MeasureKey("data.lost")  # writes, acknowledged and gone
KEPT = MeasureKey("data.kept")  # writes, acknowledged and there
RECOVERED = MeasureKey("data.recovered")  # writes, of unknown fate and there
GONE_BY_DESIGN = MeasureKey("data.gone_by_design")  # writes
UNEXPECTED = MeasureKey("data.unexpected")  # writes
DUPLICATED = MeasureKey("data.duplicated")  # writes
MISMATCHED = MeasureKey("data.mismatched")  # writes
STALE = MeasureKey("data.stale")  # writes
SPOILT = (UNEXPECTED, DUPLICATED, MISMATCHED, STALE)
TIME_TO_DETECT = MeasureKey("detection.time_to_detect")  # s, from the injection; the subject is the alert
PROCEDURE_TOOK = MeasureKey("procedure.took")  # s, of a whole procedure
PROCEDURE_STEP = MeasureKey("procedure.step")  # s, of one step, which ``Measure.part`` names
COMPARED = frozenset({RTO, RPO, TIME_TO_DETECT})  # with earlier runs, also where no limit was set
