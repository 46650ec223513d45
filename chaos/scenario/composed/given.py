"""What a service reads from the ``configs:`` and ``secrets:`` of its project."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chaos.files import open_file

_MOST_BYTES = 16_384  # of a file with an address in it; a certificate is shorter
_SECRETS = "/run/secrets/"
_FILE = re.compile(r"_FILE$", re.IGNORECASE)
# Variables that may hold the address of a neighbour; a password or a key holds none.
_ADDRESSING = re.compile(r"URL|URI|DSN|HOST|ADDR|CONN|ENDPOINT|SERVER|BROKER", re.IGNORECASE)


@dataclass(frozen=True)
class ServiceTexts:
    """``texts``: (variable, text) of what could be read; a config has no variable. ``unread``: names of what
    may hold addresses and was not read.
    """

    texts: tuple[tuple[str, str], ...] = ()
    unread: tuple[str, ...] = ()


NOTHING = ServiceTexts()


def given_files(
    body: Mapping[str, object],
    configs: Mapping[str, Mapping[str, object]],
    secrets: Mapping[str, Mapping[str, object]],
) -> ServiceTexts:
    """Inline configs, and the files that variables such as DATABASE_URL_FILE name. A config in a file of its
    own is not read: its form is the application's.
    """
    texts: list[tuple[str, str]] = []
    unread: list[str] = []
    for name, _ in _uses(body.get("configs")):
        declared = configs.get(name, {})
        if isinstance(content := declared.get("content"), str):
            texts.append(("", content))
        elif declared.get("file"):
            unread.append(Path(str(declared["file"])).name)
    mounted = {place: secrets.get(name, {}) for name, place in _uses(body.get("secrets"))}
    environment = body.get("environment")
    for variable, value in environment.items() if isinstance(environment, Mapping) else ():
        if not (_FILE.search(variable) and _ADDRESSING.search(variable)):
            continue
        source = mounted.get(str(value), {}).get("file")
        text = _read(Path(str(source))) if source else None
        if text is None:
            unread.append(f"the file of {variable}")
        else:
            texts.append((_FILE.sub("", variable), text.strip()))
    return ServiceTexts(tuple(texts), tuple(dict.fromkeys(unread)))


def _uses(value: object) -> list[tuple[str, str]]:
    """(name, path inside) of each entry of a service's ``configs`` or ``secrets``."""
    found = []
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, Mapping):
            name = str(entry.get("source", ""))
            target = str(entry.get("target") or name)
        else:
            name = target = str(entry)
        found.append((name, target if target.startswith("/") else f"{_SECRETS}{target}"))
    return found


def _read(path: Path) -> str | None:
    """None for what cannot be read, and for what is too long or no text."""
    try:
        with open_file(path) as stream:
            data = stream.read(_MOST_BYTES + 1)
        return data.decode("utf-8") if len(data) <= _MOST_BYTES else None
    except (OSError, UnicodeDecodeError):
        return None
