"""The edges of a stack: links between two services, written ``client->target``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from chaos.model.base import Frozen

CLIENTS = "clients"  # stands for callers from outside the stack in the name of a link


class LinkName(Frozen):
    """An edge between two services, written ``client->target``."""

    client: str
    target: str

    def __str__(self) -> str:
        return f"{self.client}->{self.target}"

    def __hash__(self) -> int:
        return hash((self.client, self.target))


def read_link_name(value: object) -> object:
    """A text as a ``LinkName``; any other value as it is. ValueError for a text of another form."""
    if isinstance(value, str):
        client, arrow, target = value.partition("->")
        if not arrow or not client.strip() or not target.strip():
            raise ValueError(f"expected a link as client->target, got {value!r}")
        return LinkName(client=client.strip(), target=target.strip())
    return value


LinkRef = Annotated[
    LinkName,
    BeforeValidator(read_link_name),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\S+\s*->\s*\S+$", "examples": ["api->db"]}),
]


def as_link(name: str) -> LinkName:
    """The link that ``"api->db"`` names. ValueError for a text of another form."""
    read = read_link_name(name)
    assert isinstance(read, LinkName)
    return read
