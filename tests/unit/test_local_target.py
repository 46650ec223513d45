import pytest

from chaos.errors import BadInput, ToolProblem
from chaos.local_target import local_target, local_url


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
    with pytest.raises(BadInput, match="may only go to"):
        local_target(elsewhere)


@pytest.mark.parametrize(
    "path", ["@otherhost/", "@otherhost:80/x", ".otherhost/", "0/x", "", "x", "/a b", "/a\r\nHost: x", "/\\x"]
)
def test_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(ToolProblem, match="expected a path"):
        local_url("http://127.0.0.1:8000", path)


@pytest.mark.parametrize("path", ["/", "/a?b=c@d", "//otherhost/x", "/@otherhost"])
def test_a_path_stays_on_this_machine(path: str) -> None:
    assert local_url("http://127.0.0.1:8000/", path) == f"http://127.0.0.1:8000{path}"
