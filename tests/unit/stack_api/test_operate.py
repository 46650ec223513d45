"""The operator's command, against the real endpoint over a real socket."""

from __future__ import annotations

import asyncio
import socket

import pytest
import uvicorn
from agente import operate
from api_fakes import make_api


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_TOKEN", "admin")


async def run_against_api(words: list[str]) -> int:
    api = await make_api(admin_token="admin")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        app = api.client._transport.app  # type: ignore[attr-defined]  # httpx gives no public way to it
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="critical"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/admin/features"
        code = await asyncio.to_thread(operate.main, words, url)
        server.should_exit = True
        await serving
    return code


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize(
    ("words", "printed"),
    [
        ([], "recommendations: on\naudio: on\n"),
        (["audio", "off"], "recommendations: on\naudio: off\n"),
        (["audio", "auto"], "recommendations: on\naudio: on\n"),
    ],
)
async def test_a_feature_is_switched_and_all_are_shown(
    words: list[str], printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run_against_api(words) == 0
    assert capsys.readouterr().out == printed


async def test_without_the_token_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ADMIN_TOKEN", raising=False)
    assert await run_against_api(["audio", "off"]) == 1
    assert "401" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["audio"], ["singing", "off"], ["audio", "maybe"]])
def test_other_words_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert operate.main(words) == 2
    assert "recommendations | audio" in capsys.readouterr().err
