"""How placeholders of a load profile get their values."""

import json
from pathlib import Path

import pytest

from chaos.errors import BadInput
from chaos.load.fill import check_placeholders, fill, read_rows, values_of
from chaos.model.stack import LoadProfile, LoadRequest


def request(**fields: object) -> LoadRequest:
    return LoadRequest.model_validate(fields)


def profile(*requests: dict[str, object]) -> LoadProfile:
    return LoadProfile.model_validate({"entry": "clients->web", "requests": list(requests)})


def test_values_reach_path_headers_and_every_depth_of_the_body() -> None:
    kind = request(
        request="POST /things/$colour?note=$note",
        headers={"Idempotency-Key": "$uuid"},
        json={"list": [{"colour": "$colour"}, 7, None, True], "seq": "no. $seq"},
    )
    filled = fill(kind, {"colour": "red/green", "note": "a b", "uuid": "u-1", "seq": "4"})
    assert filled.method == "POST"
    assert filled.path == "/things/red%2Fgreen?note=a%20b"
    assert filled.headers["Idempotency-Key"] == "u-1"
    assert filled.headers["Content-Type"] == "application/json"
    assert json.loads(filled.body) == {"list": [{"colour": "red/green"}, 7, None, True], "seq": "no. 4"}


def test_a_content_type_of_the_profile_stands() -> None:
    filled = fill(request(request="POST /", json={}, headers={"content-type": "application/x+json"}), {})
    assert dict(filled.headers) == {"content-type": "application/x+json"}


def test_without_a_body_nothing_is_sent() -> None:
    filled = fill(request(request="GET /"), {})
    assert (filled.body, dict(filled.headers)) == (b"", {})


def test_two_dollars_are_one() -> None:
    filled = fill(request(request="GET /price?in=$$&x=$seq"), {"seq": "1"})
    assert filled.path == "/price?in=$&x=1"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("GET /a?b=$seq", "GET /a"),
        ("PUT /a/$uuid/x", "PUT /a/$uuid/x"),
        ("GET /$$", "GET /$"),
    ],
)
def test_one_kind_has_one_name(written: str, name: str) -> None:
    assert request(request=written).name == name


def test_rows_come_round_again() -> None:
    rows = [{"c": "x"}, {"c": "y"}]
    assert [values_of(rows, number, "u")["c"] for number in range(3)] == ["x", "y", "x"]
    assert values_of((), 5, "u") == {"uuid": "u", "seq": "5"}


def test_every_unknown_placeholder_is_reported_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        check_placeholders(
            profile({"request": "GET /$colour"}, {"request": "POST /", "json": {"a": ["$size", "$seq"]}}),
            ("shape",),
        )
    assert [problem.message for problem in caught.value.problems] == [
        "GET /$colour: unknown placeholder $colour",
        "POST /: unknown placeholder $size",
    ]
    assert "shape" in caught.value.problems[0].fix


def test_a_stray_dollar_is_an_error() -> None:
    with pytest.raises(BadInput, match=r"write \$\$"):
        check_placeholders(profile({"request": "GET /costs?5$"}), ())


def test_known_placeholders_are_fine() -> None:
    check_placeholders(profile({"request": "GET /$colour", "headers": {"K": "$uuid"}}), ("colour",))


def test_rows_of_a_csv_file(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text('colour,size\nred,1\n"light, blue",2\n', encoding="utf-8")
    assert read_rows(file) == ({"colour": "red", "size": "1"}, {"colour": "light, blue", "size": "2"})
    assert read_rows(None) == ()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a,b\n1,2\n3\n", "data.csv:3:1: expected 2 columns"),
        ("a,b\n1,2,3\n", "data.csv:2:1: expected 2 columns"),
        ("a,b\n", "has no data rows"),
        ("", "has no data rows"),
    ],
)
def test_a_bad_csv_file_says_where(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "data.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=complaint):
        read_rows(file)


def test_a_missing_csv_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere\.csv"):
        read_rows(tmp_path / "nowhere.csv")
