"""What stands beside the figures of an objective: what policy allows, and what a name means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.drill.losses import losses_of
from chaos.drill.objectives import TargetState
from chaos.model.identity import RPO
from chaos.model.plan import Plan
from chaos.model.procedure import Procedure
from chaos.model.stack import BackupFacts
from chaos.model.verdict import Outcome
from tests.drills import RESTORE, SITE, Case, kept, part_of, plan_of, recovered
from tests.unit.drill.test_parts import LOSS, ROOT, drill, row


def backed_up(*prepare: str, log: bool = False, answer: Procedure | None = RESTORE) -> Plan:
    """Its fault hits ``dep``, of which there is a backup."""
    facts = {
        "dep": BackupFacts.model_validate({"service": "dep", "every": "1h", "max_age": "2h", "log": log}),
        "other": BackupFacts.model_validate({"service": "web", "every": "1m", "max_age": "1m"}),
    }
    plan = plan_of("database-loss", answer, stack=SITE.model_copy(update={"backups": facts}))
    return plan.model_copy(update={"scenario": plan.scenario.model_copy(update={"prepare": prepare})})


@pytest.mark.parametrize(
    ("plan", "note"),
    [
        (
            backed_up("take-backups"),
            "in database-loss; backup taken by policy every 1 h: up to that much may be lost",
        ),
        (
            backed_up("take-backups", log=True),
            "in database-loss; backup taken by policy every 1 h, its log archived as it is written",
        ),
        (backed_up(), "in database-loss"),
        (backed_up("take-backups", answer=None), "in database-loss"),
        (LOSS, "in database-loss"),
    ],
)
def test_an_rpo_measured_moments_after_a_backup_says_what_policy_allows(plan: Plan, note: str) -> None:
    part = replace(part_of(Case(plan, (recovered(4.0), kept(1, 14.2))), ROOT), objectives=("database",))
    one = row(replace(drill(), stacks=(plan.stack,), parts=(part,)))
    assert (one.rpo.value, one.rpo.note, one.rto.note) == ("14.2 s", note, "in database-loss")


def test_an_rpo_that_was_not_measured_says_nothing_of_policy() -> None:
    part = part_of(Case(backed_up("take-backups"), (recovered(4.0), kept(0, None))), ROOT)
    made = replace(drill(), stacks=(part.judged.recording.plan.stack,) if part.judged else (), parts=(part,))
    assert row(made).rpo.note == "not measured in database-loss"


def test_writes_that_no_rpo_allows_to_lose_miss_every_target() -> None:
    """Their RPO has no value, like an RTO without a recovery; that must not count as kept, or as unknown."""
    lost = kept(5, 0.0)
    none = tuple(one.model_copy(update={"value": None}) if one.key == RPO else one for one in lost.measures)
    lost = lost.model_copy(update={"outcome": Outcome.FAIL, "measures": none})
    part = replace(part_of(Case(LOSS, (recovered(4.0), lost)), ROOT), objectives=("database",))
    made = replace(drill(), stacks=(LOSS.stack,), parts=(part,))
    assert (row(made).rpo.state, row(made).rpo.value) == (TargetState.MISSED, "writes from after the failure")
    assert [one.rpo for one in losses_of(made).runs] == ["writes from after the failure"]


def test_an_objective_that_is_no_service_is_explained_by_its_procedure() -> None:
    made = drill(Case(LOSS, (recovered(40.0), kept())))
    assert (row(made).explained, row(made, "web").explained) == ("Restore database", "")
    assert row(made, "cache").explained == "", "no procedure of this drill is about it"


def test_an_objective_that_is_no_service_names_all_backups_that_its_answer_restores() -> None:
    plan = backed_up("take-backups")
    stack = plan.stack
    copies = BackupFacts.model_validate({"service": "dep", "every": "1d", "max_age": "1d", "log": True})
    stack = stack.model_copy(update={"backups": {**stack.backups, "copies": copies}})
    part = part_of(
        Case(plan.model_copy(update={"stack": stack}), (recovered(4.0), kept(1, 14.2))),
        ROOT,
    )
    note = row(replace(drill(), stacks=(stack,), parts=(part,))).rpo.note
    assert note.endswith(
        "backups taken by policy: dep every 1 h: up to that much may be lost, "
        "copies every 24 h, its log archived as it is written"
    )
