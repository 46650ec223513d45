"""Selects the requests of a traffic spike."""

from __future__ import annotations

from collections.abc import Mapping

from chaos.model.links import LinkName
from chaos.model.stack import LoadProfile, Stack

READING = ("GET ", "HEAD ")


def spike_profile(
    stack: Stack, link: LinkName, name: str | None, headers: Mapping[str, str] | None = None
) -> LoadProfile:
    """The profile with its GET and HEAD requests only; ``headers`` replace those of the same name. ``name``
    None: the only profile that uses ``link``.

    Raises ``ValueError``, which says what was expected, if there is no such profile or request.
    """
    entering = {key: profile for key, profile in stack.load.items() if profile.entry == link}
    names = ", ".join(entering) or "none"
    if name is None and len(entering) != 1:
        raise ValueError(f"expected the name of a load profile that uses {link}; known: {names}")
    found = next(iter(entering.values())) if name is None else entering.get(name)
    if found is None:
        raise ValueError(f"no load profile {name} uses {link}; known: {names}")
    reading = [request for request in found.requests if request.request.startswith(READING)]
    if not reading:
        raise ValueError("the load profile has no GET or HEAD request; a spike sends only these")
    given = {key.lower() for key in headers or {}}
    changed = [
        one.model_copy(
            update={
                "headers": {key: value for key, value in one.headers.items() if key.lower() not in given}
                | dict(headers or {})
            }
        )
        for one in reading
    ]
    return found.model_copy(update={"requests": changed})
