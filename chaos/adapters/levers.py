"""The ``Levers`` port: the application faults that a stack declares, as HTTP calls and commands in
containers.

``$name`` in a path, header, command or JSON text stands for a parameter of the lever, ``$$`` for a dollar
sign. A JSON value, or a status, that is nothing but ``$name`` takes the parameter's own type: ``{"status":
"$status"}`` sends a number.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from urllib.parse import quote

import httpx

from chaos.bounded_http import WholeAnswer, exchange
from chaos.errors import GamedayError, ToolProblem, foreign_errors
from chaos.json_subset import difference
from chaos.json_text import read_json
from chaos.local_target import local_url
from chaos.model.stack import CommandCall, HttpCall, Lever, LeverAction
from chaos.ports import Execute, LeverAnswer, LeverPhase
from chaos.templates import fill_value

Address = Callable[[str, int | None], str]
"""Base URL (``http://127.0.0.1:32768``) at which a port of a service is published; None: the port of a link
to it.
"""

NOT_RUN = (126, 127)  # exit codes of a shell or of the engine: the command is not there, or may not be run
_MOST_BYTES = 4_000_000  # of an answer to read
_SHOWN = 200  # characters of an answer that a detail quotes


class StackLevers:
    """Levers by name. ``inject`` and ``revert`` raise if the stack cannot be reached; a witness or readback
    then has no answer.
    """

    def __init__(self, levers: Mapping[str, Lever], address: Address, execute: Execute) -> None:
        self._levers = dict(levers)
        self._address = address
        self._execute = execute

    async def act(self, lever: str, phase: LeverPhase, params: Mapping[str, object]) -> LeverAnswer:
        declared = self._levers.get(lever)
        if declared is None:
            raise ToolProblem(
                f"the stack has no lever {lever}; known: {', '.join(sorted(self._levers)) or 'none'}"
            )
        given = parameters(lever, declared, params)
        action = declared.actions[phase]
        try:
            return await self._perform(action, given)
        except GamedayError as error:  # from the call, or from the search for the service's address
            if phase in (LeverPhase.INJECT, LeverPhase.REVERT):
                raise ToolProblem(f"lever {lever}, {phase.value}: {error}") from error
            return LeverAnswer(None, str(error))

    async def _perform(self, action: LeverAction, params: Mapping[str, object]) -> LeverAnswer:
        if action.http is not None:
            return await request(action.http, params, self._address)
        if action.command is not None:
            return await self._command(action.command, params)
        return LeverAnswer(True, "nothing to do")

    async def _command(self, call: CommandCall, params: Mapping[str, object]) -> LeverAnswer:
        argv = [str(fill(word, params)) for word in call.argv]
        done = await self._execute(call.service, argv, call.timeout)
        detail = f"{argv[0]} in {call.service} exited {done.exit_code}: {_short(done.printed_text)}"
        return LeverAnswer(None if done.exit_code in NOT_RUN else done.exit_code == 0, detail)


async def request(call: HttpCall, params: Mapping[str, object], address: Address) -> LeverAnswer:
    """Make one call and compare its answer with the expected one. ``ToolProblem`` without a complete answer
    within the call's timeout.
    """
    quoted = {name: quote(str(value), safe="") for name, value in params.items()}
    url = local_url(address(call.service, call.port), str(fill(call.path, quoted)))
    body = fill(call.json_body, params)
    headers = {name: str(fill(value, params)) for name, value in call.headers.items()}
    try:
        # No proxy from the environment: the stack is on this machine. httpx limits each read separately, so
        # an answer that arrives in small pieces would never be late.
        with foreign_errors(f"{call.method} {url}", passing=(TimeoutError, httpx.HTTPError)):
            async with (
                asyncio.timeout(call.timeout),
                httpx.AsyncClient(timeout=None, trust_env=False) as client,
            ):
                answer = await exchange(
                    client,
                    call.method,
                    url,
                    headers=headers,
                    json=body if call.json_body is not None else None,
                    most=_MOST_BYTES,
                )
    except TimeoutError as error:
        raise ToolProblem(f"{call.method} {url}: no complete answer within {call.timeout:g} s") from error
    except httpx.HTTPError as error:
        raise ToolProblem(f"{call.method} {url}: {type(error).__name__} {error}".rstrip()) from error
    return _judge(call, params, answer)


def parameters(name: str, lever: Lever, given: Mapping[str, object]) -> dict[str, object]:
    """Declared defaults, replaced by the values of the scenario. Raises for an undeclared parameter: it is a
    typo that would have no effect.
    """
    unknown = sorted(set(given) - set(lever.params))
    if unknown:
        raise ToolProblem(
            f"lever {name} has no parameter {', '.join(unknown)}; it has {', '.join(lever.params) or 'none'}"
        )
    return {param: declared.default for param, declared in lever.params.items()} | dict(given)


def fill(value: object, params: Mapping[str, object]) -> object:
    """``value`` with its ``$names`` replaced. Raises ``ToolProblem`` on an unknown name or a stray ``$``."""
    try:
        return fill_value(value, params)
    except KeyError as error:
        name = error.args[0]
        message = f"${name} is not a parameter of the lever; it has {', '.join(params) or 'none'}"
        raise ToolProblem(message) from error
    except ValueError as error:
        message = f"a $ in {value!r} does not begin a parameter; write $$ for a dollar sign"
        raise ToolProblem(message) from error


def _judge(call: HttpCall, params: Mapping[str, object], answer: WholeAnswer) -> LeverAnswer:
    detail = f"{call.method} {call.service}{call.path} answered {answer.status}: {_short(answer.text)}"
    if call.status is None:
        holds = answer.status < 400
    else:
        holds = str(answer.status) == str(fill(call.status, params))
    if holds and call.json_equals is not None:
        expected = fill(call.json_equals, params)
        try:
            holds = not difference(expected, read_json(answer.body))
        except ValueError:  # not JSON, or nested too deeply
            holds = False
        if not holds:
            detail += f"; expected {json.dumps(expected)}"
    return LeverAnswer(holds, detail)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
