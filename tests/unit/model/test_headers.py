"""Headers that a file gives."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from chaos.model.headers import Headers

HEADERS = TypeAdapter(Headers)


@pytest.mark.parametrize("value", ["", "a", "a b\tc", "$client_ip", "Zürich", "max-age=0, no-cache"])
def test_what_can_be_sent_is_accepted(value: str) -> None:
    assert HEADERS.validate_python({"X-Forwarded-For": value}) == {"X-Forwarded-For": value}


@pytest.mark.parametrize("value", ["a\r\nHost: b", "a\nb", "a\r", "\x00", " a", "a ", "Łódź", "a\x7fb"])
def test_what_would_begin_another_header_or_break_the_client_is_refused(value: str) -> None:
    with pytest.raises(ValidationError, match="expected the value of a header"):
        HEADERS.validate_python({"X": value})


@pytest.mark.parametrize("name", ["", "a b", "a:", "a\n", "é"])
def test_a_name_is_a_token(name: str) -> None:
    with pytest.raises(ValidationError, match="expected the name of a header"):
        HEADERS.validate_python({name: "x"})
