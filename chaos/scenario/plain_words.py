"""Translates the errors of the validation library for people who edit a YAML file."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from chaos.errors import Problem
from chaos.scenario.places import Document, Loc
from chaos.suggestions import known_words

_LONGEST = 100  # characters of a value in a message
_WANTED = {
    "string_type": "expected text",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "list_type": "expected a list",
    "tuple_type": "expected a list",
    "dict_type": "expected a mapping of keys to values",
    "mapping_type": "expected a mapping of keys to values",
    "model_type": "expected a mapping of keys to values",
    "model_attributes_type": "expected a mapping of keys to values",
}


def problems_of(
    error: ValidationError, model: type[BaseModel], document: Document, prefix: Loc = ()
) -> Iterator[Problem]:
    """One problem for each error; ``prefix`` is the place of the validated value in the file."""
    seen: set[Problem] = set()
    for detail in error.errors(include_url=False):
        loc: Loc = (*prefix, *detail["loc"])
        place = document.resolve(loc)
        written = document.at(place)
        given = detail["input"] if written is None or isinstance(written, dict | list) else written
        message, fix, at_key = _translate(detail, given, model, str(place[-1]) if place else "")
        problem = document.problem(loc, message, fix, key=at_key)
        if problem not in seen:
            seen.add(problem)
            yield problem


def _translate(
    detail: ErrorDetails, given: object, model: type[BaseModel], name: str
) -> tuple[str, str, bool]:
    """``name``: the key that the user wrote; a model may have split its value into fields of its own."""
    kind = detail["type"]
    context = detail.get("ctx", {})
    if kind in ("extra_forbidden", "missing"):
        key = str(detail["loc"][-1]) if detail["loc"] else ""
        if kind == "missing":
            return f"missing key {key!r}", "add it", False
        owner = model_at(model, detail["loc"][:-1])
        return f"unknown key {key!r}", known_words(key, file_keys(owner)) if owner else "", True
    if kind == "value_error":
        said = str(context.get("error", detail["msg"]))
        return (_of(name) + said if said.startswith("expected") else said), "", False
    if kind in _WANTED:
        return f"{_of(name)}{_WANTED[kind]}, got {_shown(given)}", _quote_hint(kind, given), False
    if kind in ("enum", "literal_error"):
        return f"{_of(name)}expected {context.get('expected')}, got {_shown(given)}", "", False
    if kind == "too_short":  # only lists that must hold something are bounded
        return f"{_of(name)}expected at least {context.get('min_length')} entry, got none", "", False
    if kind == "string_pattern_mismatch":
        return (
            f"{_of(name)}expected text of the form {context.get('pattern')}, got {_shown(given)}",
            "",
            False,
        )
    for bound, words in (("gt", "more than"), ("ge", "at least"), ("lt", "less than"), ("le", "at most")):
        if bound in context:
            return f"{_of(name)}expected {words} {context[bound]:g}, got {_shown(given)}", "", False
    return f"{_of(name)}{detail['msg']}", "", False


def _of(name: str) -> str:
    return f"{name}: " if name and not name.isdigit() else ""


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a mapping"
    text = "a list" if isinstance(value, list) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _quote_hint(kind: str, given: object) -> str:
    return "put it in quotes" if kind == "string_type" and isinstance(given, int | float) else ""


def file_keys(model: type[BaseModel]) -> list[str]:
    """The keys that a file may use for a model: aliases where there are any."""
    return [info.alias or name for name, info in model.model_fields.items()]


def model_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> type[BaseModel] | None:
    """The model that reads the value at ``loc`` below a value of ``model``; None if no single one does."""
    here: object = model
    for part in loc:
        if isinstance(here, type) and issubclass(here, BaseModel):
            info = next((f for name, f in here.model_fields.items() if part in (name, f.alias)), None)
            if info is None:
                return None
            here = _unwrap(info.annotation)
        else:
            inner = [arg for arg in get_args(here) if arg is not Ellipsis]
            if not inner:
                return None
            here = _unwrap(inner[-1])
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _unwrap(annotation: object) -> object:
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            inner = [arg for arg in get_args(annotation) if arg is not type(None)]
            if len(inner) != 1:
                return annotation
            annotation = inner[0]
        else:
            return annotation
