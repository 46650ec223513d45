"""An undo runs to its end whoever cancels it, and the cancellation is not lost."""

from __future__ import annotations

import asyncio

import pytest

from chaos.cancellation import outlasting, uninterrupted


async def test_the_result_comes_back() -> None:
    async def work() -> int:
        return 7

    assert await uninterrupted(work()) == 7


async def test_cancelled_twice_the_work_is_still_done() -> None:
    go, done = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await go.wait()
        done.set()

    task = asyncio.create_task(uninterrupted(work()))
    for _ in range(2):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done.is_set()


async def test_an_error_of_the_work_outweighs_the_cancellation() -> None:
    go = asyncio.Event()

    async def work() -> None:
        await go.wait()
        raise ValueError("broke")

    task = asyncio.create_task(uninterrupted(work()))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    go.set()
    with pytest.raises(ValueError, match="broke"):
        await task


async def test_work_that_is_not_over_is_cancelled() -> None:
    async def work() -> int:
        await asyncio.get_running_loop().create_future()
        return 7

    task = asyncio.create_task(outlasting(work(), lambda: False))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_work_that_is_over_ends_in_order_and_the_cancellation_is_told() -> None:
    go = asyncio.Event()

    async def work() -> int:
        await go.wait()
        return 7

    task = asyncio.create_task(outlasting(work()))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    go.set()
    assert await task == (7, True)
    assert await outlasting(work()) == (7, False)
