"""What YAML itself lets pass must end as one line at its place, whichever parser reads it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from chaos import yaml_text
from chaos.errors import BadInput
from chaos.scenario.compose import read_compose_project
from chaos.scenario.places import read_document


def refused(path: Path, content: str | bytes) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(BadInput) as bad:
        read_document(path)
    return str(bad.value).removeprefix(f"{path}:")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[" * 3000, "1:101"),
        ("{a: " * 100_000, "1:401"),
        ("- " * 100_000, "1:201"),
        ("? " * 50_000, "1:201"),
        ("a: " + "[" * 2000 + "]" * 2000, "1:103"),
        ("".join(" " * n + "a:\n" for n in range(1000)), "101:101"),
    ],
)
def test_a_file_that_is_nested_without_end_is_refused_at_its_place(
    tmp_path: Path, text: str, place: str
) -> None:
    assert refused(tmp_path / "deep.yaml", text).startswith(f"{place}: not valid YAML: nested too deeply")


def test_a_file_that_is_not_utf_8_is_refused_at_its_first_bad_byte(tmp_path: Path) -> None:
    assert refused(tmp_path / "latin.yaml", b"a: 1\nb: \xe4\n").startswith("2:4: not UTF-8")


def test_a_character_that_yaml_does_not_allow_is_refused_at_its_place(tmp_path: Path) -> None:
    assert refused(tmp_path / "bell.yaml", "a: 1\nb: x\a\n").startswith("2:5: not valid YAML")


def test_a_file_of_more_than_a_mebibyte_is_refused(tmp_path: Path) -> None:
    assert "longer than 1048576 characters" in refused(tmp_path / "long.yaml", "a: " + "x" * (1 << 20))


def test_a_fifo_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "fifo.yaml"
    os.mkfifo(path)
    with pytest.raises(BadInput, match="not a regular file"):
        read_document(path)


@pytest.mark.parametrize("name", ["x" * 5000 + ".yaml", "nul\0.yaml"])
def test_a_path_that_no_file_can_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_document(tmp_path / name)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("9" * 5000, "not a valid int"),
        ("9" * 400, "a number of at most"),
        ("-" + "9" * 400, "a number of at most"),
        (".inf", "a number of at most"),
        (".nan", "a number of at most"),
        ('"a\\0b"', "a NUL character"),
        ('"a\\ud800b"', "half a character"),
        ("!!int x", "not a valid int"),
        ("!!python/name:os.system x", "unknown YAML tag"),
    ],
)
def test_a_value_that_nothing_can_use_is_a_problem_at_its_place(
    tmp_path: Path, value: str, message: str
) -> None:
    path = tmp_path / "value.yaml"
    path.write_text(f"a: 1\nb: {value}\n")
    (problem,) = read_document(path).problems
    assert (problem.line, problem.column) == (2, 4)
    assert message in problem.message


@pytest.mark.parametrize("key", ["k" * 300, '"a\\0b"', '"\\ud800"'])
def test_a_key_that_no_file_could_be_named_after_is_a_problem(tmp_path: Path, key: str) -> None:
    path = tmp_path / "key.yaml"
    path.write_text(f"a: 1\n{key}: 2\n")
    assert [problem.line for problem in read_document(path).problems] == [2]


@pytest.mark.parametrize("value", ["9" * 5000, "!!int x", "2024-99-99", "!!float ''"])
def test_what_is_no_number_or_date_in_a_compose_file_is_text(tmp_path: Path, value: str) -> None:
    path = tmp_path / "compose.yaml"
    path.write_text(f"services:\n  a:\n    image: x\nx-more:\n  k: {value}\n")
    assert list(read_compose_project(path).services) == ["a"]


@pytest.mark.parametrize("value", ["!!binary é", "? [a]\n  : b"])
def test_a_value_that_yaml_cannot_build_in_a_compose_file_is_bad_input_at_its_place(
    tmp_path: Path, value: str
) -> None:
    path = tmp_path / "compose.yaml"
    path.write_text(
        f"services:\n  a:\n    image: x\nx-more:\n  {'k: ' * (value[0] != '?')}{value}\n".replace(
            "\n: b", "\n  : b"
        )
    )
    with pytest.raises(BadInput) as bad:
        read_compose_project(path)
    assert bad.value.problems[0].line == 5


@pytest.mark.parametrize("text", ["a: [1,\nb: 2\n", "a: 'x\n", "a: b: c\n", "\t- a\n"])
def test_a_mistake_is_reported_in_the_same_words_by_both_parsers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises(BadInput) as fast:
        read_document(path)
    monkeypatch.setattr(yaml_text, "_FAST", yaml.SafeLoader)
    with pytest.raises(BadInput) as slow:
        read_document(path)
    assert str(fast.value) == str(slow.value)
