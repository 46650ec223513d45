"""Controls who may open which page: each role has a token, which a browser exchanges for a signed cookie.

A token is sent in the body of a POST only. In an address it is behind ``#``, which browsers do not send, so
it is in no log. Requests that change something also need a form token and the right origin.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from itsdangerous import BadSignature, URLSafeTimedSerializer
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from pydantic import Field

from chaos.errors import DamagedRecording
from chaos.files import exists, read_file, write_file
from chaos.gameday.event_base import Role
from chaos.gameday.projections import Viewer
from chaos.model.base import Frozen

FILE = "access.json"  # readable by its owner only
COOKIE = "gameday_session"
LONGEST_SESSION = 24 * 3600  # seconds
LOGINS, PRESSES, READS, STREAMS = 20, 240, 1200, 120  # a minute; LOGINS per address, the others per session
_TOKEN_BYTES = 18


@dataclass(frozen=True)
class Secrets:
    """The tokens of a day by role, and the key that signs its cookies. They are stored, so that sessions
    survive a restart of the server.
    """

    tokens: Mapping[Role, str]
    signing: str

    @classmethod
    def new(cls, roles: tuple[Role, ...]) -> Secrets:
        tokens = {role: secrets.token_urlsafe(_TOKEN_BYTES) for role in roles}
        return cls(tokens, secrets.token_urlsafe(32))


class _Stored(Frozen):
    tokens: dict[Role, str]
    signing: str = Field(min_length=1)


def keep_secrets(folder: Path, roles: tuple[Role, ...]) -> Secrets:
    """The secrets of the day in ``folder``; creates and stores them if there are none.

    Raises ``DamagedRecording`` if the file cannot be read, ``EnvironmentProblem`` if it cannot be written.
    """
    path = folder / FILE
    if exists(path):
        try:
            stored = _Stored.model_validate_json(read_file(path))
            return Secrets(stored.tokens, stored.signing)
        except (OSError, ValueError) as error:
            raise DamagedRecording(f"{path}: cannot be read: {error}") from error
    made = Secrets.new(roles)
    body = {"tokens": {role.value: token for role, token in made.tokens.items()}, "signing": made.signing}
    write_file(path, json.dumps(body), mode=0o600)
    return made


class Access:
    """Checks tokens, sessions, form tokens and request rates."""

    def __init__(self, kept: Secrets, observers_see_all: bool = False) -> None:
        self._kept = kept
        self._all = observers_see_all
        self._signer = URLSafeTimedSerializer(kept.signing, salt="session")
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def role_of(self, token: str) -> Role | None:
        """The role of a token; None if it is unknown. Compares all tokens, each in constant time."""
        found = None
        given = token.encode()
        for role, known in self._kept.tokens.items():
            if hmac.compare_digest(given, known.encode()):
                found = role
        return found

    def session(self, name: str, role: Role) -> str:
        """The value of the cookie for a participant who has sent the token of ``role``."""
        return str(self._signer.dumps([name, role.value, secrets.token_hex(8)]))

    def viewer(self, cookie: str) -> Viewer | None:
        """The participant that a cookie names; None if it is not from this day or too old."""
        try:
            name, role, _ = self._signer.loads(cookie, max_age=LONGEST_SESSION)
            return Viewer(name, Role(role), self._all and role == Role.OBSERVER)
        except (BadSignature, ValueError, TypeError):
            return None

    def form_token(self, cookie: str) -> str:
        """The token that every form of this session must send."""
        return hmac.new(self._kept.signing.encode(), b"form:" + cookie.encode(), "sha256").hexdigest()

    def is_form_token(self, cookie: str, given: str) -> bool:
        return hmac.compare_digest(self.form_token(cookie).encode(), given.encode())

    def allows(self, kind: str, who: str, a_minute: int) -> bool:
        """Count one request of ``who``. False if there were more than ``a_minute`` in the last minute."""
        return bool(self._limiter.hit(RateLimitItemPerMinute(a_minute), kind, who))
