"""Runs inside a container: what a client of a Redis sees during a fault and after it, on stdout as JSON.

Asked in turn on one connection that is open before the fault and on one that is dialled during it. Stages are
controlled by files: it makes ``ready`` and ``during``, and waits for ``broken`` and ``undone``. The last
three arguments are how many seconds an answer may take: on the open connection during the fault, on the
dialled one, and on the open one afterwards.
"""

import json
import os
import socket
import sys
import time

HOST, FOLDER = sys.argv[1:3]
ON_OPEN, ON_NEW, AFTERWARDS = map(float, sys.argv[3:])
PATIENT = 15.0  # seconds for a dial, and for an answer that must come


def dial() -> socket.socket | str:
    """The connection, or why there is none."""
    try:
        return socket.create_connection((HOST, 6379), timeout=PATIENT)
    except ConnectionRefusedError:
        return "refused"
    except ConnectionResetError:
        return "reset"
    except TimeoutError:
        return "dial timeout"


def ask(connection: socket.socket | str, patience: float = PATIENT) -> tuple[str, float]:
    if isinstance(connection, str):
        return connection, 0.0
    connection.settimeout(patience)
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
seen = {"open": ask(opened, ON_OPEN)}
dialled = dial()
seen["dialled"] = ask(dialled, ON_NEW)
tell("during")
wait_for("undone")
outcome, took = ask(opened, AFTERWARDS)
if outcome == "answered":
    # A single answer may be late on a busy machine; the least of five shows what the link itself takes.
    took = min([took, *(more for again, more in (ask(opened) for _ in range(4)) if again == "answered")])
seen["open, afterwards"] = (outcome, took)
seen["anew, afterwards"] = ask(dial())
print(json.dumps(seen))
