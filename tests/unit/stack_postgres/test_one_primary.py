"""An old primary stays down once its standby has taken over, and exactly one primary is what passes."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

BIN = Path(__file__).parents[3] / "stack" / "postgres" / "bin"
# Answers as the file named by the host that it is asked at says; how many follow is in `followers`.
PSQL = """#!/bin/sh
while [ $# -gt 1 ]; do
  case $1 in -h) host=$2;; esac
  shift
done
echo "$host: $1" >> ROOT/asked
case "$1" in
  *pg_stat_replication*) cat ROOT/followers;;
  *) cat "ROOT/servers/$host" 2>/dev/null || { echo "could not connect" >&2; exit 2; };;
esac
"""


@dataclass(frozen=True)
class Site:
    """A server's data folder, and the servers that answer; the scripts are the stack's own."""

    root: Path

    def server(self, host: str, in_recovery: bool) -> None:
        (self.root / "servers" / host).write_text("t\n" if in_recovery else "f\n")

    def run(self, script: str, **env: str) -> subprocess.CompletedProcess[str]:
        given = {
            "PATH": f"{self.root / 'bin'}:{BIN}:{os.environ['PATH']}",
            "PGDATA": str(self.root / "data"),
            **{f"POSTGRES_{name}": "agente" for name in ("USER", "DB", "PASSWORD")},
            **env,
        }
        return subprocess.run(
            [str(BIN / script)], env=given, capture_output=True, text=True, check=False, timeout=30
        )

    def asked(self) -> str:
        file = self.root / "asked"
        return file.read_text() if file.exists() else ""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """That of a primary that has had a standby: the slot lies in its data."""
    for folder in ("bin", "servers", "data/pg_replslot/standby"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "data" / "PG_VERSION").write_text("17\n")
    (tmp_path / "followers").write_text("1\n")
    for name, text in (("psql", PSQL), ("clone-from", '#!/bin/sh\necho "cloned from $1"\n')):
        (tmp_path / "bin" / name).write_text(text.replace("ROOT", str(tmp_path)))
        (tmp_path / "bin" / name).chmod(0o755)
    return Site(tmp_path)


def test_an_old_primary_stays_down_when_its_standby_has_taken_over(site: Site) -> None:
    site.server("replica", in_recovery=False)
    done = site.run("keep-one-primary", PEER="replica")
    assert done.returncode == 1
    assert "refuses to start: replica is the primary now" in done.stderr


def test_it_starts_while_its_standby_follows_or_no_one_answers(site: Site) -> None:
    assert site.run("keep-one-primary", PEER="replica").returncode == 0
    site.server("replica", in_recovery=True)
    assert site.run("keep-one-primary", PEER="replica").returncode == 0
    assert site.asked().count("replica") == 2


@pytest.mark.parametrize("standby", [True, False])
def test_a_standby_and_a_server_that_never_had_one_ask_no_one(site: Site, standby: bool) -> None:
    site.server("replica", in_recovery=False)
    if standby:
        (site.root / "data" / "standby.signal").touch()
    else:
        (site.root / "data" / "pg_replslot" / "standby").rmdir()
    assert site.run("keep-one-primary", PEER="replica").returncode == 0
    assert site.asked() == ""


def test_a_new_standby_is_cloned_before_it_starts(site: Site) -> None:
    (site.root / "data" / "PG_VERSION").unlink()
    assert site.run("keep-one-primary", CLONE_OF="postgres").stdout == "cloned from postgres\n"


@pytest.mark.parametrize(
    ("postgres", "replica", "followers", "said"),
    [
        (True, False, 1, "one primary: replica"),
        (False, True, 1, "one primary: postgres"),
        (False, False, 1, "expected one primary, found 2"),
        (True, True, 1, "expected one primary, found 0"),
        (None, False, 1, "expected one primary, found 2"),
        (True, False, 0, "no standby follows replica"),
    ],
    ids=["failed over", "as built", "two", "none", "one of them cannot be asked", "alone"],
)
def test_exactly_one_primary_that_is_followed_passes(
    site: Site, postgres: bool | None, replica: bool, followers: int, said: str
) -> None:
    if postgres is not None:
        site.server("postgres", postgres)
    site.server("replica", replica)
    (site.root / "followers").write_text(f"{followers}\n")
    done = site.run("one-primary")
    assert said in done.stdout + done.stderr
    assert (done.returncode == 0) is said.startswith("one primary")
