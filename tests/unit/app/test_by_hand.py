"""Ctrl-C while a test waits for gameday: it is raised when the work has ended, and not before."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.app.stacks.by_hand import Gameday


class Opened(Gameday):
    """A thread and its loop without a stack."""

    def __init__(self) -> None:
        super().__init__(Path("stack.yaml"), Path("reports"))
        self._thread.start()

    def wait(self, work: Work) -> None:
        self._wait(work.does())


class Work:
    """An injection that is interrupted, and undone then. ``interruptions``: how often."""

    def __init__(self, interruptions: int) -> None:
        self.left = interruptions
        self.undone = False

    async def does(self) -> None:
        try:
            self.interrupt()
            await asyncio.Event().wait()
        finally:
            while self.left:
                self.interrupt()
            await asyncio.sleep(0.05)  # an undo that takes a moment
            self.undone = True

    def interrupt(self) -> None:
        self.left -= 1
        main = threading.main_thread().ident
        assert main is not None
        signal.pthread_kill(main, signal.SIGINT)


@pytest.fixture
def opened() -> Iterator[Opened]:
    opened = Opened()
    yield opened
    opened.close()


@pytest.mark.parametrize("interruptions", [1, 2])
def test_the_work_has_ended_before_ctrl_c_is_raised(opened: Opened, interruptions: int) -> None:
    work = Work(interruptions)
    with pytest.raises(KeyboardInterrupt):
        opened.wait(work)
    assert work.undone


def test_the_error_of_the_work_is_raised_as_it_is(opened: Opened) -> None:
    async def breaks() -> None:
        raise LookupError("as it is")

    with pytest.raises(LookupError, match="as it is"):
        opened._wait(breaks())
