"""Reads and writes the rows of the history. All SQL is parameterised; every write is one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from chaos.history.rows import CheckRow, MeasureRow, ProcedureRow, RunRow
from chaos.model.identity import Subject
from chaos.model.past import PastDrill, PastTier
from chaos.model.verdict import DimensionScore
from chaos.sqlite_file import SqliteStore

_RUNS = (
    "SELECT id, run_id, scenario, suite, stack, pace, variables, began, took, outcome, reason, score,"
    " certifiable, git_commit, exit_code, folder FROM runs"
    " WHERE (?1 IS NULL OR scenario = ?1) AND (?2 IS NULL OR run_id = ?2) ORDER BY began, run_id"
)
REMEDY = "gameday history --rebuild rebuilds it from the run folders"


class History(SqliteStore):
    """An open history. Every method raises ``EnvironmentProblem`` if SQLite fails or a row is invalid."""

    name, remedy = "history", REMEDY

    def keep(self, runs: Iterable[RunRow]) -> None:
        """Store all of ``runs`` or none. A run with the same ``run_id`` and ``began`` is replaced."""
        with self._writing() as connection:
            for row in runs:
                _put_run(connection, row)

    def keep_drills(self, drills: Iterable[PastDrill]) -> None:
        """Store all of ``drills`` or none. A drill with the same id is replaced."""
        with self._writing() as connection:
            for drill in drills:
                connection.execute("DELETE FROM drills WHERE drill = ?", (drill.drill,))
                key = connection.execute(
                    "INSERT INTO drills (drill, began, score, grade, certifiable, folder)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (drill.drill, drill.began, drill.score, drill.grade, drill.certifiable, drill.folder),
                ).lastrowid
                connection.executemany(
                    "INSERT INTO drill_tiers (drill, tier, score) VALUES (?, ?, ?)",
                    [(key, tier.tier, tier.score) for tier in drill.tiers],
                )

    def runs(self, scenario: str | None = None) -> tuple[RunRow, ...]:
        """All runs, or those of one scenario, oldest first."""
        return self._runs(scenario, None)

    def runs_named(self, run_id: str) -> tuple[RunRow, ...]:
        """The runs with this id, oldest first. Ids are not unique over time, so there may be several."""
        return self._runs(None, run_id)

    def drills(self) -> tuple[PastDrill, ...]:
        """All drills, oldest first."""
        with self._using() as connection:
            tiers: dict[int, list[PastTier]] = {}
            for key, tier, score in connection.execute(
                "SELECT drill, tier, score FROM drill_tiers ORDER BY drill, tier"
            ):
                tiers.setdefault(key, []).append(PastTier(tier=tier, score=score))
            found = connection.execute(
                "SELECT id, drill, began, score, grade, certifiable, folder FROM drills ORDER BY began, drill"
            )
            return tuple(
                PastDrill(
                    drill=drill,
                    began=began,
                    score=score,
                    grade=grade,
                    certifiable=bool(certifiable),
                    tiers=tuple(tiers.get(key, ())),
                    folder=folder,
                )
                for key, drill, began, score, grade, certifiable, folder in found
            )

    def _runs(self, scenario: str | None, run_id: str | None) -> tuple[RunRow, ...]:
        with self._using() as connection:
            found = connection.execute(_RUNS, (scenario, run_id))
            names = [column[0] for column in found.description][1:]
            return tuple(
                _run(connection, key, dict(zip(names, values, strict=True)))
                for key, *values in found.fetchall()
            )


def _put_run(connection: sqlite3.Connection, row: RunRow) -> None:
    connection.execute("DELETE FROM runs WHERE run_id = ? AND began = ?", (row.run_id, row.began))
    key = connection.execute(
        "INSERT INTO runs (run_id, scenario, suite, stack, pace, variables, began, took, outcome, reason,"
        " score, certifiable, git_commit, exit_code, folder)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(row.run_id, row.scenario, row.suite, row.stack, row.pace, row.variables, row.began, row.took),
            *(str(row.outcome), row.reason, row.score, row.certifiable, row.git_commit, row.exit_code),
            row.folder,
        ),
    ).lastrowid
    connection.executemany(
        "INSERT INTO dimensions (run, position, dimension, weight, points, inconclusive)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [
            (key, n, str(part.dimension), part.weight, part.points, part.inconclusive)
            for n, part in enumerate(row.dimensions)
        ],
    )
    connection.executemany(
        "INSERT INTO checks (run, position, check_name, result_key, subject_kind, subject, title, outcome)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (key, n, c.check, c.key, str(c.subject.kind), c.subject.name, c.title, str(c.outcome))
            for n, c in enumerate(row.checks)
        ],
    )
    connection.executemany(
        "INSERT INTO measures (run, position, check_name, result_key, subject_kind, subject, title,"
        " measure_key, part, label, value, unit, bound, note, outcome)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(key, n, m.check, m.key, str(m.subject.kind), m.subject.name, m.title, m.measure, m.part),
                *(m.label, m.value, str(m.unit), m.limit, m.note, m.outcome and str(m.outcome)),
            )
            for n, m in enumerate(row.measures)
        ],
    )
    connection.executemany(
        "INSERT INTO procedures (run, position, name, purpose, ok, measured, planned, ended)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (key, n, p.name, p.purpose, p.ok, p.measured, p.planned, p.ended)
            for n, p in enumerate(row.procedures)
        ],
    )


def _measures(connection: sqlite3.Connection, key: int) -> list[MeasureRow]:
    found = connection.execute(
        "SELECT check_name, result_key, subject_kind, subject, title, measure_key, part, label, value, unit,"
        " bound, note, outcome FROM measures WHERE run = ? ORDER BY position",
        (key,),
    )
    return [
        MeasureRow(
            check=check,
            key=result_key,
            subject=Subject(kind=kind, name=subject),
            title=title,
            measure=measure_key,
            part=part,
            label=label,
            value=value,
            unit=unit,
            limit=bound,
            note=note,
            outcome=outcome,
        )
        for check, result_key, kind, subject, title, measure_key, part, label, *rest in found
        for value, unit, bound, note, outcome in (rest,)
    ]


def _run(connection: sqlite3.Connection, key: int, plain: dict[str, object]) -> RunRow:
    dimensions = connection.execute(
        "SELECT dimension, weight, points, inconclusive FROM dimensions WHERE run = ? ORDER BY position",
        (key,),
    )
    checks = connection.execute(
        "SELECT check_name, result_key, subject_kind, subject, title, outcome FROM checks"
        " WHERE run = ? ORDER BY position",
        (key,),
    )
    procedures = connection.execute(
        "SELECT name, purpose, ok, measured, planned, ended FROM procedures WHERE run = ? ORDER BY position",
        (key,),
    )
    return RunRow.model_validate(
        {
            **plain,
            "dimensions": [
                DimensionScore(dimension=d, weight=w, points=p, inconclusive=bool(i))
                for d, w, p, i in dimensions
            ],
            "checks": [
                CheckRow(check=c, key=r, subject=Subject(kind=k, name=s), title=t, outcome=o)
                for c, r, k, s, t, o in checks
            ],
            "measures": _measures(connection, key),
            "procedures": [
                ProcedureRow(name=n, purpose=u, ok=bool(o), measured=m, planned=p, ended=e)
                for n, u, o, m, p, e in procedures
            ],
        }
    )
