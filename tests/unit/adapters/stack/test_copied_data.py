"""A copy of the owner's data ends when the run is interrupted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chaos.adapters.overlay.data import DataCopy
from chaos.adapters.overlay.wiring import Wiring
from chaos.adapters.stack import runtime as runtime_module
from chaos.adapters.stack.copied_data import CopyLimits, copy_data
from chaos.errors import StackProblem
from tests.unit.adapters.overlay.specimens import shop, stack
from tests.unit.adapters.stack.stand_in import play_compose
from tests.unit.adapters.stack.test_runtime import Engine, runtime

WIRING = Wiring(project="p", labels={}, ports={}, proxy_configs={}, environment={}, mounts={})
COPIES = [DataCopy("bind", "/srv/one", "one"), DataCopy("bind", "/srv/two", "two")]


class CopyingEngine:
    """Gives ten chunks of each source; ``happens`` is called before each."""

    def __init__(self, happens: Any) -> None:
        self.api = self
        self.happens = happens
        self.taken: list[bytes] = []
        self.containers = 0

    def create_volume(self, name: str, labels: object) -> None:
        return None

    def create_host_config(self, **_: object) -> None:
        return None

    def create_container(self, *_: object, **__: object) -> dict[str, str]:
        self.containers += 1
        return {"Id": "1"}

    def remove_container(self, made: str, force: bool) -> None:
        self.containers -= 1

    def _url(self, *_: object) -> str:
        return ""

    def _get(self, *_: object, **__: object) -> Any:
        return SimpleNamespace(iter_content=self._chunks, close=lambda: None)

    def _raise_for_status(self, answer: object) -> None:
        return None

    def put_archive(self, writer: str, path: str, data: Iterator[bytes]) -> None:
        for chunk in data:
            self.taken.append(chunk)

    def _chunks(self, size: int) -> Iterator[bytes]:
        for _ in range(10):
            self.happens()
            yield b"x"


def test_a_copy_that_is_stopped_takes_no_further_chunk_and_leaves_no_container() -> None:
    limits = CopyLimits(1)

    def stop_after_three() -> None:
        if len(engine.taken) == 3:
            limits.stop.set()

    engine = CopyingEngine(stop_after_three)
    with pytest.raises(StackProblem, match="interrupted"):
        copy_data(cast(Any, engine), COPIES, WIRING, limits)
    assert (len(engine.taken), engine.containers) == (3, 0)


def test_a_copy_that_is_stopped_between_two_sources_does_not_begin_the_next() -> None:
    limits = CopyLimits(1)
    engine = CopyingEngine(lambda: None)

    def sources() -> Iterator[DataCopy]:
        yield COPIES[0]
        limits.stop.set()
        yield COPIES[1]

    with pytest.raises(StackProblem, match="interrupted"):
        copy_data(cast(Any, engine), sources(), WIRING, limits)
    assert len(engine.taken) == 10


async def test_an_interruption_stops_the_copy_and_awaits_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, began, ended = asyncio.get_running_loop(), asyncio.Event(), list[bool]()

    def copying(client: object, copies: object, wiring: object, limits: CopyLimits) -> int:
        loop.call_soon_threadsafe(began.set)
        ended.append(limits.stop.wait(5.0))
        raise StackProblem("interrupted")

    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(runtime_module, "copy_data", copying)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "docker-compose.yml").write_text("{}")
    play_compose(tmp_path / "bin", shop())
    made = await runtime(tmp_path / "shop", Engine(), stack(data="copy"))
    starting = asyncio.ensure_future(made.up(20))
    await began.wait()
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert ended == [True]
