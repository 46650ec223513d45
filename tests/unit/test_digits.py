"""Numbers from outside: of any length, in any script."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.digits import port, whole
from chaos.errors import BadInput
from chaos.scenario.draft import write_drafts

ODD = ("9" * 5000, "0" * 5000 + "8", "²", "٣", "-1", "1e3", "", " 1")


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("008", 8), ("70", 70), ("71", None)])
def test_a_whole_number_up_to_a_limit(text: str, number: int | None) -> None:
    assert whole(text, 70) == number


@pytest.mark.parametrize("text", ODD)
def test_anything_else_is_none(text: str) -> None:
    assert whole(text, 10**9) == (8 if text.endswith("08") else None)


def test_ports() -> None:
    assert [port(text) for text in ("0", "1", "65535", "65536")] == [None, 1, 65_535, None]


PLACES = (
    'ports: ["{0}:{0}"]',
    'ports: ["8000:{0}"]',
    'ports: ["{0}-{0}"]',
    'expose: ["{0}"]',
    "scale: {0}",
    'environment: {{PORT: "{0}", DB_HOST: store, DB_PORT: "{0}", URL: "redis://store:{0}/0"}}',
    'healthcheck: {{test: [CMD, curl, "http://localhost:{0}/alive"]}}',
    'command: ["serve", "--port", "{0}"]',
)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", ODD[:4])
def test_a_compose_file_may_hold_any_of_them(tmp_path: Path, place: str, text: str) -> None:
    file = tmp_path / "compose.yaml"
    entry = place.format(text).replace(f"scale: {text}", f'scale: "{text}"')
    file.write_text(
        f"services:\n  web:\n    image: shop/web\n    {entry}\n  store:\n    image: redis:8\n",
        encoding="utf-8",
    )
    problem = ""
    try:
        write_drafts(file, tmp_path)
    except BadInput as error:
        problem = str(error)
    assert len(problem) < 1000
