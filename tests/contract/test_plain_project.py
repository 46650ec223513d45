"""What the real ``docker compose config`` prints is read as the owner of the project wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.adapters.stack.plain_project import read_plain
from tests.engines import here

pytestmark = pytest.mark.containers

COMPOSE = """
services:
  web:
    image: acme/web
    environment: {TOKEN: "a$$b$$$$c ${UNSET:-d}"}
    volumes: ["./x$$y:/z"]
    secrets: [key, handed]
secrets:
  key: {file: "./k$$ey.txt"}
  handed: {environment: HANDED}
"""


async def test_a_dollar_sign_is_one_and_secrets_are_named(tmp_path: Path) -> None:
    file = tmp_path / "compose.yml"
    file.write_text(COMPOSE)
    read = await read_plain([file], here())
    web = read.services["web"]
    assert web.environment == {"TOKEN": "a$b$$c d"}
    assert [(mount.source, mount.target) for mount in web.mounts] == [(str(tmp_path / "x$y"), "/z")]
    assert (read.secret_files, read.secret_variables) == ((str(tmp_path / "k$ey.txt"),), ("HANDED",))
