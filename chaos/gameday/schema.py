"""The JSON Schema of a game-day file, for editors. It is generated from the model.

``python -m chaos.gameday.schema`` writes it to ``chaos/schema/``. A test fails if that file is out of date.
"""

from __future__ import annotations

from chaos.files import write_file
from chaos.gameday.model import GameDay
from chaos.scenario.schema import FOLDER, plain_schema, schema_text

FILE = "gameday.schema.json"


def rendered_schema() -> str:
    """The text of the published schema."""
    return schema_text(plain_schema(GameDay))


if __name__ == "__main__":
    write_file(FOLDER / FILE, rendered_schema())
