"""The parameters of a kind as a user writes them into a YAML file."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, WithJsonSchema
from pydantic.fields import FieldInfo

from chaos.timing import PacedMark, format_duration, parse_duration

_WORDS = {str: "text", bool: "true or false", int: "whole number", float: "number"}
_LISTS = (list, tuple, set, frozenset)


def parameter_lines(model: type[BaseModel], indent: str = "  ") -> Iterator[str]:
    """``name: required|optional (default ...), type; description``, and below it the keys of its entries."""
    for name, info in model.model_fields.items():
        needed = "required" if info.is_required() else f"optional{_default(info)}"
        note = f"; {info.description}" if info.description else ""
        yield f"{indent}{info.alias or name}: {needed}, {type_words(info.annotation, info.metadata)}{note}"
        for entry in () if _from_text(info.metadata) else _entries(info.annotation):
            yield from parameter_lines(entry, f"{indent}  ")


def type_words(annotation: Any, metadata: list[Any] | tuple[Any, ...] = ()) -> str:
    """``duration, production time``, ``upstream|downstream|both``, ``number``, ``list`` and so on."""
    if any(isinstance(mark, BeforeValidator) and mark.func is parse_duration for mark in metadata):
        paced = any(isinstance(mark, PacedMark) for mark in metadata)
        return f"duration, {'production' if paced else 'real'} time"
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_words(arguments[0], arguments[1:])
    if origin is Literal:
        return "|".join(map(shown, arguments))
    if origin in (Union, types.UnionType):
        return " or ".join(type_words(one) for one in arguments if one is not type(None))
    if origin in _LISTS or annotation in _LISTS:
        return "list"
    if _from_text(metadata):
        return "text"
    if (isinstance(origin, type) and issubclass(origin, Mapping)) or _is(annotation, (Mapping, BaseModel)):
        return "mapping"
    if _is(annotation, (Enum,)):
        return "|".join(shown(one) for one in annotation)
    return _WORDS.get(annotation, "any value")


def shown(value: object) -> str:
    """A value as it is written in a file: ``true``, ``[a, b]``, ``{a: 1}``."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, _LISTS):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {shown(one)}" for key, one in value.items()) + "}"
    return str(value)


def _default(info: FieldInfo) -> str:
    value = info.get_default(call_default_factory=True)
    if value is None:
        return ""
    timed = isinstance(value, float) and type_words(info.annotation, info.metadata).startswith("duration")
    return f" (default {format_duration(value) if timed else shown(value)})"


def _from_text(metadata: list[Any] | tuple[Any, ...]) -> bool:
    """Is it a type that a file writes as text, such as a link?"""
    schemas = (mark.json_schema for mark in metadata if isinstance(mark, WithJsonSchema))
    return any(schema is not None and schema.get("type") == "string" for schema in schemas)


def _entries(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models inside a list, a mapping or an alternative."""
    if _is(annotation, (BaseModel,)):
        yield annotation
    for argument in get_args(annotation):
        if get_origin(annotation) is not Literal:
            yield from _entries(argument)


def _is(annotation: Any, kinds: tuple[type, ...]) -> bool:
    return isinstance(annotation, type) and get_origin(annotation) is None and issubclass(annotation, kinds)
