"""Calls to a stack, declared as data: one HTTP request, or one command in a container."""

from __future__ import annotations

from pydantic import Field, JsonValue

from chaos.model.base import Frozen
from chaos.model.headers import Headers
from chaos.timing import Duration


class HttpCall(Frozen):
    """One HTTP request to a service, and the answer that counts as success."""

    service: str
    port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="port inside the network; default: the port of a link to the service",
    )
    method: str = "GET"
    path: str = "/"
    headers: Headers = {}
    json_body: JsonValue = Field(default=None, alias="json")
    status: int | str | None = Field(
        default=None, description="expected status; may be a $parameter of the lever"
    )
    json_equals: JsonValue = Field(
        default=None, description="keys that the JSON answer must hold, with their values"
    )
    timeout: Duration = Field(default=5.0, gt=0)


class CommandCall(Frozen):
    """One command in a container of the stack. Exit code 0 counts as success."""

    service: str
    argv: list[str] = Field(min_length=1)
    timeout: Duration = Field(default=10.0, gt=0)
