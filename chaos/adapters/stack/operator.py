"""The ``OperatorPort`` runs a procedure's commands on the stack of one run, as a person at a terminal would.

It only runs ``docker compose``, without a shell, in the folder of the compose file, with the run's
own files, project and profiles in the environment: the same words work there by hand, and a run's words reach
nothing but the run's own containers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chaos.adapters.levers import Address, request
from chaos.adapters.stack.compose_cli import call
from chaos.adapters.stack.runtime import StackRuntime
from chaos.errors import BadInput, GamedayError
from chaos.model.procedure import COMMAND_PREFIX
from chaos.model.stack import HttpCall
from chaos.ports import LeverAnswer
from chaos.redaction import redact

OUTPUT_BYTES = 64 * 1024  # end of a command's output to keep: enough for a list of many backups
_WORDS = tuple(COMMAND_PREFIX.split())


@dataclass(frozen=True)
class CommandResult:
    """How a command ended: ``code`` None when it was killed at its deadline. ``output``: the end of what it
    printed, both streams.
    """

    code: int | None
    output: str


class StackOperator:
    """Commands and questions of procedures. ``on_process`` is called with the process group of each."""

    def __init__(
        self,
        runtime: StackRuntime,
        profiles: Sequence[str],
        address: Address,
        on_process: Callable[[int], None] = lambda pid: None,
    ) -> None:
        self._runtime = runtime
        self._profiles = tuple(profiles)
        self._address = address
        self._on_process = on_process

    async def run(self, argv: Sequence[str], timeout: float) -> CommandResult:
        """One command to its end, for ``timeout`` real seconds at most; it and all that it started is then
        killed, as when the caller is cancelled.

        ``BadInput`` for anything but ``docker compose SUBCOMMAND``: an option before the subcommand could
        lead it to another project.
        """
        if tuple(argv[:2]) != _WORDS or len(argv) < 3 or argv[2].startswith("-"):
            raise BadInput(
                f"refused to run {' '.join(argv)!r}: expected {COMMAND_PREFIX} and then a subcommand"
            )
        prepared = self._runtime.prepared
        ended = False
        try:
            done = await call(
                self._runtime.engine,
                argv,
                timeout,
                self._on_process,
                self._environment(),
                prepared.plain[0].parent,
                OUTPUT_BYTES,
            )
            ended = done.code == 0
        finally:
            if not ended:
                self._runtime.unsettle()
        return CommandResult(done.code, redact(done.out, prepared.secrets))

    async def ask(self, question: HttpCall) -> LeverAnswer:
        """Is this the expected answer? A missing answer is not."""
        try:
            answer = await request(question, {}, self._address)
        except GamedayError as error:
            answer = LeverAnswer(False, str(error))
        return LeverAnswer(answer.holds, redact(answer.detail, self._runtime.prepared.secrets))

    def _environment(self) -> dict[str, str]:
        return {
            **self._runtime.prepared.files(self._profiles).environment,
            "COMPOSE_ANSI": "never",
            "COMPOSE_PROGRESS": "plain",
            "COMPOSE_IGNORE_ORPHANS": "true",  # the containers of its own `run` commands are not orphans
        }
