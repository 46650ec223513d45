"""What a terminal and a CI server get to read."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaos.app.command_context import CommandContext
from chaos.cli import main
from chaos.visible import one_line, visible

COMMANDS = (
    "::error::x",
    "  ::set-output name=a::b",
    "\t::add-mask::p",
    "##[error]x",
    "text ##[group]x",
    "##vso[task.setvariable variable=a]b",
    "##teamcity[buildStatus status='SUCCESS']",
    "a\n::stop-commands::t",
    "a\r::error::x",
    "\u2028::error::x",
    "\ufeff::error::x",
    "#" * 5 + "[x]",
)


def is_command(line: str) -> bool:
    return line.lstrip().startswith("::") or any(
        word in line.lower() for word in ("##[", "##vso[", "##teamcity[")
    )


@pytest.mark.parametrize("text", COMMANDS)
def test_no_line_is_a_command_to_a_ci_server(text: str) -> None:
    assert not any(is_command(line) for line in visible(text).splitlines())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x1b]0;t\x07", "\\u001b[2J\\u001b]0;t\\u0007"),
        ("a\rb", "a\\u000db"),
        ("\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("\x9b31m", "\\u009b31m"),
        ("\udcff", "\\udcff"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("a\tb\nc é → ✓ 日本 🏨", "a\tb\nc é → ✓ 日本 🏨"),
        ("1::2 and a::b", "1::2 and a::b"),
    ],
)
def test_what_is_invisible_is_spelt_out_and_the_rest_stays(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_whatever_comes_in_is_one_visible_text_and_can_be_written(text: str) -> None:
    shown = visible(text)
    assert all(letter in "\n\t" or letter.isprintable() or letter.isspace() for letter in shown)
    shown.encode("utf-8")
    assert not any(is_command(line) for line in shown.splitlines())
    assert "\n" not in one_line(text)


@settings(max_examples=40)
@given(st.recursive(st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner)))
def test_json_stays_the_same_value(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1)
    assert json.loads(visible(text)) == value


@pytest.mark.parametrize("word", ["\x1b[2J\u202e", "\n::error::x##[error]", "\udcff"])
def test_every_command_spells_out_what_it_was_given(tmp_path: Path, word: str) -> None:
    for words in (
        ["validate", word],
        ["run", word],
        ["judge", word],
        ["kinds", word],
        ["verify", word],
        [word],
    ):
        out, err = io.StringIO(), io.StringIO()
        main(words, CommandContext(out=out, err=err, env={}, cwd=tmp_path))
        said = out.getvalue() + err.getvalue()
        assert said
        assert word not in said
        assert not any(is_command(line) for line in said.splitlines())
