"""The words of the recording for the errors of a request."""

import http.client

import pytest

from chaos.load.client import error_word


@pytest.mark.parametrize(
    ("problem", "word"),
    [
        (ConnectionRefusedError(), "refused"),
        (ConnectionResetError(), "reset"),
        (BrokenPipeError(), "reset"),
        (TimeoutError(), "timeout"),
        (http.client.RemoteDisconnected("x"), "closed"),
        (http.client.IncompleteRead(b""), "closed"),
        (http.client.BadStatusLine("x"), "closed"),
        (OSError(24, "Too many open files"), "overload"),
    ],
)
def test_words_of_the_recording(problem: Exception, word: str) -> None:
    assert error_word(problem) == word
