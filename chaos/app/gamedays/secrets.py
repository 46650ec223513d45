"""Hides the secrets of a game day's stacks, and its tokens, in every file, page and stream."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from chaos.console.access import Secrets
from chaos.gameday.event_base import Role
from chaos.model.plan import Plan
from chaos.plan.stored import hiding_of
from chaos.redaction import Hiding, hideable

FindSecrets = Callable[[Plan], Awaitable[tuple[str, ...]]]


async def hiding_of_day(
    plans: Iterable[Plan], find_secrets: FindSecrets, access: Secrets, runbooks: Iterable[str]
) -> Hiding:
    """Hides what the runs of the ``plans`` hide in their own files, and the tokens of the roles.

    ``runbooks``: names of runbooks; they stay readable, as names of alerts do, because the journal uses them.
    """
    values: set[str] = {*access.tokens.values(), access.signing}
    names: set[str] = {Role.GAMEDAY.value, *runbooks}
    for plan in plans:
        own = hiding_of(plan, await find_secrets(plan))
        values |= set(own.secrets)
        names |= own.names
    return Hiding(hideable(values), frozenset(names))
