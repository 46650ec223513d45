"""The ``Postgres`` port: ``psql`` inside the container of a PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Sequence
from typing import Protocol

from chaos.errors import ToolProblem
from chaos.ports import Execute, SqlAnswer

COMMAND_SECONDS = 15.0  # real seconds for one command in addition to its wait

# $1 is the name under which the session appears in pg_stat_activity. User and database are those that the
# official image was started with. What psql itself prints is read in English.
_PSQL = (
    "name=$1; shift; LC_ALL=C PGAPPNAME=$name exec psql -X -q -A -t -v ON_ERROR_STOP=1 "
    '-U "${POSTGRES_USER:-postgres}" -d "${POSTGRES_DB:-${POSTGRES_USER:-postgres}}" "$@"'
)
# The session says first that it is open, and then that it still is.
_IDLE = (
    'name=$1; seconds=$2; { echo "SELECT 1;"; sleep "$seconds"; echo "SELECT 2;"; } '
    '| sh -c "$3" sh "$name" -f -'
)

# The errors of the server are read in English too; only a superuser may choose the language of a session. A
# server that refuses a session still says so in its own language.
_IN_ENGLISH = "DO $$ BEGIN SET lc_messages = 'C'; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$"

# Sessions that stay open until ``stop`` exists. Each psql reads its standard input from a pipe that only this
# process writes to: when the process ends, for whatever reason, the sessions end too. It reopens a session
# that ends early or is refused.
_HOLD = """
name=$1; count=$2; psql=$3; shift 3
folder=/tmp/$name
rm -rf "$folder"; mkdir "$folder" && mkfifo "$folder/input" || exit 1
exec 3<>"$folder/input" 4<"$folder/input"
i=0
while [ "$i" -lt "$count" ]; do
  i=$((i+1))
  ( exec 3>&-
    while [ -d "$folder" ] && [ ! -e "$folder/stop" ]; do
      sh -c "$psql" sh "$name" "$@" -f - <&4
      [ -e "$folder/stop" ] || sleep 3
    done ) >/dev/null 2>&1 &
done
while [ -d "$folder" ] && [ ! -e "$folder/stop" ]; do sleep 0.1; done
"""
_STOP = 'test ! -d "/tmp/$1" || touch "/tmp/$1/stop"'
# Runs under the name of the sessions to count or end.
_OTHERS = "application_name = current_setting('application_name') AND pid <> pg_backend_pid()"
_COUNT = " ".join(("SELECT count(*) FROM pg_stat_activity WHERE", _OTHERS))
_END = " ".join(("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE", _OTHERS))
_TIME = re.compile(r"^Time: ([\d.]+) ms", re.MULTILINE)
_FULL = ("too many clients", "remaining connection slots are reserved", "too many connections")


class Launch(Protocol):
    def __call__(self, service: str, argv: Sequence[str]) -> Awaitable[str]: ...


class ContainerPostgres:
    """Needs ``sh``, ``mkfifo`` and ``psql`` in the container, and a user that may end sessions."""

    def __init__(self, execute: Execute, launch: Launch) -> None:
        self._execute = execute
        self._launch = launch

    async def query(self, service: str, *statements: str) -> SqlAnswer:
        return await self._query(service, "gameday", *statements)

    async def _query(self, service: str, name: str, *statements: str) -> SqlAnswer:
        words = [
            word for statement in ("\\timing on", _IN_ENGLISH, *statements) for word in ("-c", statement)
        ]
        done = await self._execute(service, ["sh", "-c", _PSQL, "sh", name, *words], COMMAND_SECONDS)
        times = [float(found) / 1000 for found in _TIME.findall(done.stdout_text)]
        rows = "\n".join(row for row in done.stdout_text.splitlines() if not _TIME.match(row)).strip()
        error = done.stderr_text.strip() if done.exit_code else ""
        if done.exit_code and not error:
            raise ToolProblem(f"psql in {service} ended with exit code {done.exit_code} and printed nothing")
        return SqlAnswer(rows, times[-1] if times and not error else None, error, _is_full(error))

    async def idle_session(self, service: str, seconds: float) -> bool | None:
        argv = ["sh", "-c", _IDLE, "sh", "gameday", f"{seconds:g}", _PSQL]
        done = await self._execute(service, argv, seconds + COMMAND_SECONDS)
        opened, *later = done.stdout_text.split() or [""]
        if opened != "1":
            return None  # the server accepted no session, so it ended none
        return done.exit_code == 0 and later == ["2"]

    async def hold(self, service: str, name: str, count: int, *statements: str) -> None:
        if await self.held(service, name):
            return
        words = [word for statement in statements for word in ("-c", statement)]
        await self._launch(service, ["sh", "-c", _HOLD, "sh", name, str(count), _PSQL, *words])

    async def release(self, service: str, name: str) -> None:
        done = await self._execute(service, ["sh", "-c", _STOP, "sh", name], COMMAND_SECONDS)
        if done.exit_code:
            raise ToolProblem(f"cannot end the sessions {name} in {service}: {done.printed_text.strip()}")
        # A busy session does not see the end of its input, and goes on if this is refused.
        ended = await self._query(service, name, _END)
        if ended.error:
            raise ToolProblem(f"cannot end the sessions {name} in {service}: {ended.error}")

    async def held(self, service: str, name: str) -> bool:
        answer = await self._query(service, name, _COUNT)
        if answer.error and not answer.full:
            raise ToolProblem(f"cannot list the sessions of {service}: {answer.error}")
        return answer.full or answer.rows != "0"


def _is_full(error: str) -> bool:
    return any(words in error for words in _FULL)
