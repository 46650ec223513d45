"""What ``gameday kinds KIND`` says of each parameter, and that the loader takes what it says."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pydantic import BaseModel, Field

from chaos.app.command_context import CommandContext
from chaos.app.parameters import parameter_lines
from chaos.cli import main
from chaos.timing import Duration, Paced


class Inner(BaseModel):
    word: str


class Outer(BaseModel):
    number: float = 0.5
    count: int
    flag: bool = True
    words: tuple[str, ...] = ("a", "b")
    keys: dict[str, str] = {}
    real: Duration = Field(default=0.0, description="how long")
    paced: Paced | None = None
    either: int | str = 1
    inner: tuple[Inner, ...] = ()


def test_each_parameter_says_whether_it_is_needed_and_what_it_takes() -> None:
    assert list(parameter_lines(Outer)) == [
        "  number: optional (default 0.5), number",
        "  count: required, whole number",
        "  flag: optional (default true), true or false",
        "  words: optional (default [a, b]), list",
        "  keys: optional (default {}), mapping",
        "  real: optional (default 0s), duration, real time; how long",
        "  paced: optional, duration, production time",
        "  either: optional (default 1), whole number or text",
        "  inner: optional (default []), list",
        "    word: required, text",
    ]


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("link.latency", "  at: required, duration, production time; time since the steady state"),
        ("link.latency", "  latency: required, duration, real time; added delay"),
        ("link.latency", "  jitter: optional (default 0s), duration, real time; the delay varies"),
        (
            "link.latency",
            "  direction: optional (default downstream), upstream|downstream|both; the affected direction",
        ),
        ("link.latency", "  link: required, text; the link, written client->target"),
        ("degradation", "  while: optional (default [fault]), list; fault"),
        ("degradation", "  header: optional (default {}), mapping; headers"),
        ("recovery", "  budget: optional, duration, real time; tight"),
        ("detection", "    alert: required, text"),
        ("degradation", "  collects: http; An HTTP request through the clients' link"),
        ("http", "http: An HTTP request through the clients' link"),
        ("http", "  condition: required, mapping"),
    ],
)
def test_the_installed_kinds_are_reported_in_these_words(kind: str, line: str) -> None:
    out = io.StringIO()
    assert main(["kinds", kind], CommandContext(out=out, err=out, env={}, cwd=Path.cwd())) == 0
    assert any(said.startswith(line) for said in out.getvalue().splitlines()), out.getvalue()
