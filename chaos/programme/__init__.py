"""The exercise programme: which exercise is planned how often, when it was done, and what is overdue."""

from chaos.programme.load import OWN_PROGRAMME, read_programme
from chaos.programme.model import (
    Exercise,
    ExerciseKind,
    ExerciseRecord,
    ExerciseStanding,
    ExerciseState,
    Programme,
)
from chaos.programme.standing import standings

__all__ = [
    "OWN_PROGRAMME",
    "Exercise",
    "ExerciseKind",
    "ExerciseRecord",
    "ExerciseStanding",
    "ExerciseState",
    "Programme",
    "read_programme",
    "standings",
]
