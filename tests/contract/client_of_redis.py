"""Runs inside a container: what a client of a Redis sees during a fault and after it, on stdout as JSON.

Asked in turn on one connection that is open before the fault and on one that is dialled during it. Stages are
controlled by files: it makes ``ready`` and ``during``, and waits for ``broken`` and ``undone``.
"""

import json
import os
import socket
import sys
import time

HOST, FOLDER = sys.argv[1:]
TIMEOUT = 1.5


def dial() -> socket.socket | None:
    try:
        return socket.create_connection((HOST, 6379), timeout=TIMEOUT)
    except ConnectionRefusedError:
        return None


def ask(connection: socket.socket | None) -> tuple[str, float | None]:
    if connection is None:
        return "refused", None
    began = time.monotonic()
    try:
        connection.sendall(b"PING\r\n")
        outcome = "answered" if connection.recv(100) else "closed"
    except TimeoutError:
        outcome = "timeout"
    except ConnectionResetError:
        outcome = "reset"
    except BrokenPipeError:
        outcome = "broken pipe"
    return outcome, time.monotonic() - began


def tell(stage: str) -> None:
    open(os.path.join(FOLDER, stage), "w").close()


def wait_for(stage: str) -> None:
    while not os.path.exists(os.path.join(FOLDER, stage)):
        time.sleep(0.02)


opened = dial()
assert ask(opened)[0] == "answered"
tell("ready")
wait_for("broken")
seen = {"open": ask(opened)}
dialled = dial()
seen["dialled"] = ask(dialled)
tell("during")
wait_for("undone")
seen["open, afterwards"] = ask(opened)
seen["anew, afterwards"] = ask(dial())
print(json.dumps(seen))
