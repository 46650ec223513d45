"""What ``psql`` is asked for, and what its answers mean, without a server."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from chaos.adapters.psql import _IN_ENGLISH, ContainerPostgres
from chaos.errors import ToolProblem
from chaos.faults.postgres_slow_queries import PostgresSlowQueries
from chaos.ports import CommandOutput

FULL = "psql: error: FATAL:  sorry, too many clients already"


class Server:
    """Answers each command as ``answer`` says."""

    def __init__(self, answer: Callable[[Sequence[str]], CommandOutput]) -> None:
        self.answer = answer
        self.commands: list[Sequence[str]] = []
        self.port = ContainerPostgres(self.execute, self.launch)

    async def execute(self, service: str, argv: Sequence[str], timeout: float) -> CommandOutput:
        self.commands.append(argv)
        return self.answer(argv)

    async def launch(self, service: str, argv: Sequence[str]) -> str:
        self.commands.append(argv)
        return "job"


def printed(text: str, error: str = "", code: int = 0) -> Callable[[Sequence[str]], CommandOutput]:
    return lambda argv: CommandOutput(code, text.encode(), error.encode(), (text + error).encode())


async def test_sessions_that_a_full_server_did_not_end_are_not_ended() -> None:
    """The fault itself fills the server with waiting clients; the undo tries again."""
    fault = PostgresSlowQueries.model_validate(
        {"at": "1s", "for": "4s", "fault": "postgres.slow_queries", "service": "db", "table": "t"}
    )

    def answer(argv: Sequence[str]) -> CommandOutput:
        ends = any("pg_terminate_backend" in word for word in argv)
        return CommandOutput(2, b"", FULL.encode()) if ends else CommandOutput(0, b"")

    server = Server(answer)
    with pytest.raises(
        ToolProblem, match=r"cannot end the sessions gameday-hold-slow-queries-1 in db: .*too many clients"
    ):
        await server.port.release("db", fault.sessions())


async def test_sessions_that_the_server_ended_are_ended() -> None:
    server = Server(printed("Time: 0.4 ms\n1\n"))
    await server.port.release("db", "gameday-hold-x")
    assert any("pg_terminate_backend" in word for word in server.commands[-1])


async def test_tools_and_server_answer_in_english() -> None:
    """``Time:`` and "due to lock timeout" are read from their texts."""
    server = Server(printed("Time: 0.4 ms\n1\nTime: 0.7 ms\n"))
    await server.port.query("db", "SELECT 1")
    ((shell, _, script, *words),) = server.commands
    assert (shell, "LC_ALL=C PGAPPNAME=$name exec psql" in script) == ("sh", True)
    assert words.index("\\timing on") < words.index(_IN_ENGLISH) < words.index("SELECT 1")


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (printed("1\n2\n"), True),
        (printed("1\n", "FATAL:  terminating connection due to administrator command", 2), False),
        (printed("", FULL, 2), None),
        (printed("", "psql: error: connection to server failed: Connection refused", 2), None),
        (printed("", "sh: psql: not found", 127), None),
    ],
    ids=["kept", "ended", "full", "no server", "no psql"],
)
async def test_a_session_that_was_never_open_was_not_ended(
    answer: Callable[[Sequence[str]], CommandOutput], kept: bool | None
) -> None:
    assert await Server(answer).port.idle_session("db", 2.0) is kept
