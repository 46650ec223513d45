import pytest

from chaos.errors import BadInput
from chaos.local_target import local_target


def test_a_port_of_this_machine_is_fine() -> None:
    assert local_target("http://127.0.0.1:8000") == ("127.0.0.1", 8000)
    assert local_target("http://127.0.0.1:8000/") == ("127.0.0.1", 8000)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://192.0.2.1:80",
        "http://localhost:8000",
        "http://127.0.0.1.example.net:80",
        "http://127.0.0.1:80@192.0.2.1:80",
        "http://user:secret@127.0.0.1:80",
        "http://[::1]:80",
        "https://127.0.0.1:443",
        "http://127.0.0.1",
        "http://127.0.0.1:0",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:80/prefix",
        "http://127.0.0.1:80?x",
        "",
    ],
)
def test_everything_else_is_refused(elsewhere: str) -> None:
    with pytest.raises(BadInput, match="nowhere else"):
        local_target(elsewhere)
