"""A ledger of a stack: how gameday writes as a client, and where it reads the writes back."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, JsonValue, model_validator

from chaos.model.base import Frozen
from chaos.model.calls import CommandCall, HttpCall
from chaos.model.headers import Headers
from chaos.model.links import LinkRef
from chaos.timing import Duration, Paced

BUILT_IN = ("id", "seq", "slot", "from", "to")  # the values that gameday fills in
LEAST_SETTLE = 5.0  # real seconds, at any pace


class LedgerWrite(Frozen):
    """One write with an id from the client: an HTTP request through the entry link, or a command.

    gameday fills in ``$id``, ``$seq``, ``$slot``, ``$from`` and ``$to``. Slot and dates are unique to a
    write, unless it is to conflict. A command acknowledges with exit code 0, and with ``prints`` if that is
    given; any other result is unknown.
    """

    request: str | None = Field(default=None, pattern=r"^[A-Z]+ /\S*$", description="METHOD /path?query")
    headers: Headers = {}
    json_body: JsonValue = Field(default=None, alias="json")
    acknowledged: list[int] = Field(
        default=[200, 201, 202], description="statuses that promise that the write is kept"
    )
    refused: list[int] = Field(
        default=[400, 404, 409, 422, 429],
        description="statuses that promise that it is not; the result of any other status is unknown",
    )
    command: CommandCall | None = None
    prints: str | None = Field(default=None, description="regular expression for an acknowledging output")
    timeout: Duration = Field(default=5.0, gt=0)

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.request is None) == (self.command is None):
            raise ValueError("expected exactly one of request, command")
        return self


class LedgerObserve(Frozen):
    """A read of one earlier acknowledged id through the entry link, during the run."""

    request: str = Field(pattern=r"^[A-Z]+ /\S*$", description="METHOD /path?query with $id")
    headers: Headers = {}
    present: int = 200
    absent: int = 404
    timeout: Duration = Field(default=5.0, gt=0)


class LedgerStore(Frozen):
    """One place from which gameday reads the whole ledger back in one call.

    gameday fills in ``$prefix``. ``rows``: the dotted path of the list in a JSON answer. ``format``: that of
    the output of a command: JSON lines, a JSON document, or CSV with a first line of names.
    """

    http: HttpCall | None = None
    command: CommandCall | None = None
    format: Literal["json", "jsonl", "csv"] = "json"
    rows: str = Field(default="", description="dotted path of the list of rows; empty: the whole answer")
    id: str = Field(description="field with the client's id")
    fields: dict[str, str] = Field(default={}, description="name in the ledger -> field of the row")

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.http is None) == (self.command is None):
            raise ValueError("expected exactly one of http, command")
        return self


class Exclusive(Frozen):
    """Two rows of the same resource must not overlap in ``[from, to)``. ``when``: only rows with these values
    count.
    """

    resource: str
    start: str = Field(alias="from")
    end: str = Field(alias="to")
    when: dict[str, str] = {}


class LedgerFacts(Frozen):
    """How gameday writes a ledger and reads it back. The first store decides which writes were kept."""

    entry: LinkRef | None = Field(default=None, description="link for the requests")
    write: LedgerWrite
    observe: LedgerObserve | None = None
    fields: dict[str, str] = Field(
        default={}, description="field -> written value ($slot, $from, ...), compared with every store"
    )
    exclusive: Exclusive | None = None
    repeat: float = Field(
        default=0.1, ge=0, le=1, description="share of writes to send again with the same id"
    )
    conflict: float = Field(
        default=0.0, ge=0, le=0.5, description="share of writes that request what another id already has"
    )
    settle: Paced = Field(
        default=30.0, description="time for the stores to agree before the final read counts"
    )
    stores: dict[str, LedgerStore] = Field(min_length=1)

    def settle_for(self, pace: float) -> float:
        """Real seconds that the stores get to agree: at least ``LEAST_SETTLE``, because replication takes
        real time at any pace.
        """
        return max(LEAST_SETTLE, self.settle / pace)

    @property
    def authority(self) -> str:
        """The name of the store that decides which writes were kept: the first."""
        return next(iter(self.stores))

    def all_headers(self) -> tuple[dict[str, str], ...]:
        """The headers of all its requests, which may contain secrets."""
        observed = [self.observe.headers] if self.observe is not None else []
        read = [store.http.headers for store in self.stores.values() if store.http is not None]
        return (self.write.headers, *observed, *read)
