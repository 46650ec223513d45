"""JSON Schemas of the files in a run folder, for other programs that read them. See docs/run-folder.md."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, TypeAdapter

from chaos.model.verdict import Verdict
from chaos.timeline.events import EVENT
from chaos.timeline.ledger import LedgerOp
from chaos.timeline.recording import Metrics, Unanswered
from chaos.timeline.requests import Request

Json = dict[str, Any]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SEQ = {"type": "integer", "minimum": 1, "description": "number of the line in its file"}
_END: Json = {
    "title": "The last line: how many lines the file has before it",
    "type": "object",
    "properties": {"lines": {"type": "integer", "minimum": 0}},
    "required": ["lines"],
    "additionalProperties": False,
}


def run_folder_schemas() -> dict[str, Json]:
    """File name -> schema: of one line for a .jsonl file, of the whole file for a .json file."""
    load: TypeAdapter[Request | Unanswered] = TypeAdapter(Request | Unanswered)
    return {
        "journal.schema.json": _of_lines(EVENT.json_schema()),
        "load.schema.json": _of_lines(load.json_schema()),
        "ledger.schema.json": _of_lines(LedgerOp.model_json_schema()),
        "metrics.schema.json": _whole(Metrics),
        "verdict.schema.json": _whole(Verdict),
    }


def _whole(model: type[BaseModel]) -> Json:
    return {"$schema": _DIALECT, **model.model_json_schema(mode="serialization")}


def _of_lines(schema: Json) -> Json:
    """The schema of one line: a value with its number, or the count at the end. Changes ``schema``."""
    definitions: Json = schema.pop("$defs", {})
    for definition in (*definitions.values(), schema):
        if "properties" in definition:
            definition["properties"] = {"seq": _SEQ, **definition["properties"]}
            if "event" in definition["properties"]:  # it says which of the classes the line is
                definition["required"] = ["event", *definition.get("required", [])]
    schema.pop("discriminator", None)
    return {"$schema": _DIALECT, "anyOf": [schema, _END], "$defs": definitions}
