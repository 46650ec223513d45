"""What the reference stack's database image promises an operator: restores that are exact or fail, one user
of the data at a time, damage that is named, and scratch copies that never archive.
"""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chaos.adapters.levers import fill
from chaos.model.stack import LeverAction
from chaos.scenario.stackfile import load_stack

pytestmark = pytest.mark.containers
STACK = Path(__file__).parents[2] / "stack"
SERVER = "postgres"


class Database:
    """The stack's database alone, in a project of its own. ``once`` runs a command beside its data."""

    def __init__(self, folder: Path) -> None:
        override = folder / "override.yml"
        override.write_text("services: {postgres: {ports: !reset []}}\n")
        files = ["-f", str(STACK / "docker-compose.yml"), "-f", str(override)]
        self._compose = ["docker", "compose", "-p", f"agente-test-{uuid.uuid4().hex[:8]}", *files]

    def compose(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*self._compose, *words], capture_output=True, text=True, timeout=180)

    def must(self, *words: str) -> str:
        done = self.compose(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def up(self) -> None:
        self.must("up", "-d", "--no-deps", "--wait", SERVER)

    def once(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.compose("run", "--rm", "--no-deps", "-T", SERVER, *words)

    def must_once(self, *words: str) -> str:
        done = self.once(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sql(self, statement: str) -> str:
        return self.must(
            "exec", "-T", SERVER, "psql", "-v", "ON_ERROR_STOP=1", "-U", "agente", "-qAtc", statement
        )

    def book(self, key: str) -> None:
        self.sql(
            "INSERT INTO reservations SELECT gen_random_uuid(),"
            f" '{key}', '{key}', 'double', 'test', '2031-05-01', '2031-05-03', 'confirmed'"
        )

    def booked(self) -> list[str]:
        return self.sql(
            "SELECT idempotency_key FROM reservations WHERE idempotency_key LIKE 'test-%' ORDER BY 1"
        ).split()

    def now(self) -> str:
        """By the server's clock, as a procedure's ``$failed_at``."""
        micros = int(self.sql("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"))
        return f"{datetime.fromtimestamp(micros / 1e6, UTC):%Y-%m-%d %H:%M:%S.%f}+00"

    def lever(self, name: str, phase: str) -> bool:
        """One phase of a lever of stack.yaml with its defaults: whether its command passed."""
        declared = load_stack(STACK / "stack.yaml").stack.levers[name]
        action = getattr(declared, phase)
        assert isinstance(action, LeverAction)
        assert action.command is not None
        given = {param: facts.default for param, facts in declared.params.items()}
        words = [str(fill(word, given)) for word in action.command.argv]
        return self.compose("exec", "-T", SERVER, *words).returncode == 0

    def archived(self) -> str:
        return self.once("find", "/offsite/pgbackrest/archive", "-type", "f").stdout


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    images = [str(Path(sys.executable).parent / "gameday"), "images", str(STACK)]
    subprocess.run(images, check=True, timeout=900, cwd=STACK.parent)
    database = Database(tmp_path)
    try:
        database.up()
        database.must("exec", "-T", SERVER, "take-backup")
        yield database
    finally:
        database.must("--profile", "*", "down", "-v", "-t", "2", "--remove-orphans")


def test_a_restore_to_an_instant_is_exact_and_one_that_is_not_reached_fails(database: Database) -> None:
    database.book("test-before")
    instant = database.now()
    database.book("test-after")

    in_use = database.once("restore-to", instant)
    assert in_use.returncode != 0
    assert "another container uses the data" in in_use.stderr
    assert database.booked() == ["test-after", "test-before"]

    database.must("stop", SERVER)
    database.must_once("restore-to", instant)
    assert "WAL not yet replayed" in database.once("data-state").stdout
    database.must_once("apply-wal")
    assert "shut down; timeline 2; all WAL archived" in database.once("data-state").stdout
    database.up()
    assert database.booked() == ["test-before"]

    database.must("stop", SERVER)
    database.must_once("restore-to", "2037-01-01 00:00:00+00")
    unreached = database.once("apply-wal")
    assert unreached.returncode != 0
    assert "recovery ended" in unreached.stderr
    assert "WAL not yet replayed" in database.once("data-state").stdout


def test_damage_is_named_and_mended_without_giving_anything_up(database: Database) -> None:
    levers = ("postgres.broken_foreign_key", "postgres.damaged_page")
    assert [database.lever(name, "witness") for name in levers] == [False, False]
    assert [database.lever(name, "readback") for name in levers] == [True, True]
    instant = database.now()
    assert database.lever(levers[0], "inject")
    named = database.must("exec", "-T", SERVER, "find-damage")
    assert "payments_reservation_id_fkey: 5 rows refer to none in reservations" in named
    assert [database.lever(name, "witness") for name in levers] == [True, False]
    assert not database.lever("postgres.corruption", "witness")  # that takes both

    assert database.lever(levers[1], "inject")
    assert "past_rates: invalid page in block 0" in database.must("exec", "-T", SERVER, "find-damage")
    assert database.compose("exec", "-T", SERVER, "validate-database").returncode != 0
    assert [database.lever(name, "witness") for name in levers] == [True, True]
    assert database.lever("postgres.corruption", "witness")
    assert not database.lever(levers[1], "readback")
    assert not database.lever("postgres.corruption", "readback")

    database.book("test-late")
    database.must("stop", SERVER)
    database.must_once("restore-latest")
    database.must_once("apply-wal")
    before = database.archived()
    assert "restored 5 rows" in database.must_once("restore-rows", instant)
    # The fixed server archives what it wrote; the scratch copy, on a timeline of its own, does not.
    assert [path for path in database.archived().split() if path not in before and "00000003" in path] == []
    assert "sound: reservations=201 payments=200" in database.once("validate-database").stdout
    database.up()
    assert [database.lever(name, "witness") for name in levers] == [False, False]
    assert [database.lever(name, "readback") for name in levers] == [True, True]
    assert not database.lever("postgres.corruption", "witness")
    assert database.lever("postgres.corruption", "readback")
    assert database.booked() == ["test-late"]


def test_a_bad_statement_takes_effect_until_it_is_undone(database: Database) -> None:
    lever = "postgres.bad_statement"
    assert not database.lever(lever, "witness")
    assert database.lever(lever, "readback")
    assert database.lever(lever, "inject")
    assert database.lever(lever, "witness")
    assert not database.lever(lever, "readback")
    assert database.sql("SELECT count(*) FROM reservations") == "0"
    # Sound, but empty: that is not valid.
    assert database.compose("exec", "-T", SERVER, "validate-database").returncode != 0
