"""A console in a process of its own, over runs that need no engine: what the browser tests look at.

``python -m tests.browser.console_host FOLDER PORT`` serves the day in FOLDER. A run breaks, alerts and ends
by itself.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import uvicorn

from chaos.console.access import keep_secrets
from chaos.gameday.event_base import PEOPLE
from chaos.timing import SystemClock
from tests.console import FakeRun, hosted

BREAKS, ALERTS, RESOLVES = 0.2, 0.5, 4.0  # seconds after the start of a run


def plays_itself(run: FakeRun) -> None:
    loop = asyncio.get_running_loop()
    loop.call_later(BREAKS, run.breaks)
    loop.call_later(ALERTS, run.alerts)
    loop.call_later(RESOLVES, run.alerts, False)
    loop.call_later(RESOLVES, run.ends)


async def wait_until_started(server: uvicorn.Server) -> None:
    """uvicorn offers nothing to wait for."""
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.02)


async def serve(folder: Path, port: int) -> None:
    day = hosted(folder, SystemClock(), keep_secrets(folder, PEOPLE))
    day.runs.play = plays_itself
    config = uvicorn.Config(
        day.console.app(("127.0.0.1",)), host="127.0.0.1", port=port, log_level="warning", lifespan="off"
    )
    server = uvicorn.Server(config)
    conducting = asyncio.create_task(day.director.conduct())
    serving = asyncio.create_task(server.serve())
    await wait_until_started(server)
    ready = {
        "port": server.servers[0].sockets[0].getsockname()[1],
        "tokens": {role.value: token for role, token in day.kept.tokens.items()},
    }
    print(json.dumps(ready), flush=True)
    await serving
    conducting.cancel()


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(target, int(sys.argv[2])))
