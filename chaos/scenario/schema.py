"""JSON Schemas of scenario, stack and procedure files, by reflection over the models and the installed kinds.

``python -m chaos.scenario.schema`` writes them to ``chaos/schema/``; a test fails when they are stale.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from chaos.files import make_folder, write_file
from chaos.model.procedure import Procedure
from chaos.model.scenario import Scenario
from chaos.model.stack import Stack
from chaos.registry import Kinds
from chaos.registry import kinds as installed_kinds
from chaos.timeline.schemas import run_folder_schemas
from chaos.timing import DURATION_PATTERN, format_duration

FOLDER = Path(__file__).resolve().parent.parent / "schema"
SCENARIO_SCHEMA, STACK_SCHEMA = "scenario.schema.json", "stack.schema.json"
PROCEDURE_SCHEMA = "procedure.schema.json"

# A JSON document: values have no type of their own here, because they belong to another format.
Json = dict[str, Any]
_DIALECT = "http://json-schema.org/draft-07/schema#"
_MODE: Literal["validation"] = "validation"
_RATE: Json = {"type": "string", "pattern": r"^\d+(\.\d+)?\s*/\s*[sm]$", "examples": ["40/s", "90/m"]}


def scenario_schema(kinds: Kinds | None = None) -> Json:
    """The schema of a scenario file: ``fault`` distinguishes timeline entries, a key expectations."""
    known = kinds or installed_kinds()
    takers = {name: kind.params for name, kind in known.checks.items() if kind.takes_expectation}
    models: list[type[BaseModel]] = [Scenario, *known.faults.values(), *takers.values()]
    refs, definitions = _definitions(models)
    definitions["Rate"] = _RATE
    definitions["Load"]["properties"]["rate"]["default"] = "20/s"
    root = definitions.pop(refs[Scenario].rpartition("/")[2])
    steps = [{"$ref": refs[fault]} for fault in known.faults.values()]
    root["properties"]["timeline"]["items"] = {"oneOf": steps, "discriminator": {"propertyName": "fault"}}
    root["properties"]["timeline"]["minItems"] = 1
    root["anyOf"] = [{"required": ["timeline"]}, {"required": ["rehearse"]}]
    for name, fault in known.faults.items():
        # An editor shows only named properties; the constant distinguishes the kinds.
        step = _definition(definitions, refs[fault])
        step["properties"]["fault"] = {"const": name}
        step["oneOf"] = [{"required": ["for"]}, {"required": ["answer"]}]
    root["properties"]["expect"] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {
                "description": known.checks[name].summary,
                "oneOf": [
                    {"$ref": refs[params]},
                    {"type": "array", "minItems": 1, "items": {"$ref": refs[params]}},
                ],
            }
            for name, params in takers.items()
        },
    }
    return {"$schema": _DIALECT, **root, "$defs": _reachable(root, definitions)}


def stack_schema() -> Json:
    """The schema of a stack.yaml."""
    return plain_schema(Stack)


def procedure_schema() -> Json:
    """The schema of a procedure file."""
    return plain_schema(Procedure)


def plain_schema(model: type[BaseModel]) -> Json:
    """The schema of a file that one model reads."""
    refs, definitions = _definitions([model])
    root = definitions.pop(refs[model].rpartition("/")[2])
    return {"$schema": _DIALECT, **root, "$defs": definitions}


def _definitions(models: list[type[BaseModel]]) -> tuple[dict[type[BaseModel], str], Json]:
    refs, whole = models_json_schema([(model, _MODE) for model in models], ref_template="#/$defs/{model}")
    _tidy(whole)
    found = {model: refs[(model, _MODE)]["$ref"] for model in models}
    defined = {f"#/$defs/{name}": one for name, one in whole["$defs"].items()}
    named, unread = set[str](), [*found.values()]
    while unread:
        reference = unread.pop()
        if reference not in named:
            named.add(reference)
            unread += _references(defined[reference])
    return found, {name: one for name, one in whole["$defs"].items() if f"#/$defs/{name}" in named}


def _references(node: object) -> Iterator[str]:
    """Definitions that something refers to. Pydantic also defines models written as text, such as a link."""
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        yield node["$ref"]
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from _references(child)


def _tidy(node: object) -> None:
    """Removes the bounds and defaults of a number from a duration, which is text in a file."""
    if isinstance(node, list):
        for child in node:
            _tidy(child)
    if isinstance(node, dict):
        for key in ("gt", "ge", "lt", "le"):
            if node.get("type") == "string":
                node.pop(key, None)
        forms = [node, *node.get("anyOf", ())] if isinstance(node.get("anyOf", ()), list | tuple) else [node]
        if isinstance(node.get("default"), float) and any(
            form.get("pattern") == DURATION_PATTERN for form in forms
        ):
            node["default"] = format_duration(node["default"])
        for child in node.values():
            _tidy(child)


def _definition(definitions: Json, ref: str) -> Json:
    found: Json = definitions[ref.rpartition("/")[2]]
    return found


def _reachable(root: Json, definitions: Json) -> Json:
    """Keeps only what a file can hold: the base classes of kinds are in the models, but not in a file."""
    wanted: set[str] = set()
    todo: list[object] = [root]
    while todo:
        here = todo.pop()
        if isinstance(here, list):
            todo.extend(here)
        elif isinstance(here, dict):
            name = str(here.get("$ref", "")).rpartition("/")[2]
            if name and name not in wanted:
                wanted.add(name)
                todo.append(definitions[name])
            todo.extend(here.values())
    return {name: body for name, body in sorted(definitions.items()) if name in wanted}


def rendered() -> dict[str, str]:
    """File name -> text of every published schema."""
    schemas = {
        SCENARIO_SCHEMA: scenario_schema(),
        STACK_SCHEMA: stack_schema(),
        PROCEDURE_SCHEMA: procedure_schema(),
        **run_folder_schemas(),
    }
    return {name: schema_text(schema) for name, schema in schemas.items()}


def schema_text(schema: Json) -> str:
    """A schema as it is published."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def write_schemas() -> None:
    """Write the published schemas."""
    for name, text in rendered().items():
        write_file(make_folder(FOLDER) / name, text)


if __name__ == "__main__":
    write_schemas()
