"""A headless Chromium, driven over its own debugging protocol: the few calls that a test of a page needs."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed
from websocket import WebSocket, create_connection

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
PATIENCE = 30.0  # seconds for Chromium to start, and for any one answer


class Page:
    """One tab. ``requests``: what it asked the network for; ``complaints``: what its console says."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._last = 0
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._loaded: set[str] = set()  # the documents that are loaded, by the id of their loader
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command and its answer; events that arrive meanwhile are kept."""
        self._last += 1
        self._socket.send(json.dumps({"id": self._last, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == self._last:
                assert "error" not in message, f"{method}: {message['error']}"
                return dict(message["result"])
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        method, params = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(params["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
            self.complaints.append(json.dumps(params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.complaints.append(params["entry"]["text"])
        elif method == "Page.lifecycleEvent" and params["name"] == "load":
            self._loaded.add(params["loaderId"])

    def show(self, file: Path, width: int = 1280, dark: bool = False, scripts: bool = True) -> None:
        """Open a local file, in light or dark, with or without scripts, and wait until it is loaded."""
        self.visit(file.as_uri(), width, dark, scripts)

    def visit(self, url: str, width: int = 1280, dark: bool = False, scripts: bool = True) -> None:
        """Open an address, in light or dark, with or without scripts, and wait until it is loaded."""
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", media="", features=features)
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=844,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        loader = self.call("Page.navigate", url=url).get("loaderId")
        if loader is None:  # it was there already, but for the fragment: nothing would be loaded
            self.call("Page.navigate", url="about:blank")
            loader = self.call("Page.navigate", url=url)["loaderId"]
        # The load of an earlier document may end only now, so any load does not do.
        while loader not in self._loaded:
            self._note(json.loads(self._socket.recv()))

    def type(self, text: str) -> None:
        """Enter text where the focus is."""
        self.call("Input.insertText", text=text)

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press and release one key, such as Tab (9) or Enter (13)."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, text=text)

    def picture(self, path: Path, whole: bool = False) -> None:
        """Save what is shown as PNG; ``whole``: the page beyond the screen too."""
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(data))

    def ask(self, script: str) -> Any:
        """The value of a JavaScript expression."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def point_at(self, x: float, y: float) -> None:
        """Move the mouse there, from somewhere else, and let the page draw two frames."""
        for dx in (-3, 0):
            self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x + dx, y=y)
        self.ask("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def find_chromium() -> str:
    """The browser's path; a failure with its fix where there is none: not looked at is not passed."""
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    pytest.fail(
        "no Chromium on this machine; fix: run bootstrap/browser.sh (make test does), or make test-quick"
    )


@contextmanager
def chromium(profile: Path) -> Iterator[Page]:
    """A browser of our own with an empty profile; it is gone afterwards."""
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    command = [find_chromium(), *FLAGS, *root, f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        socket = create_connection(_tab(profile), timeout=PATIENCE, suppress_origin=True)
        try:
            yield Page(socket)
        finally:
            socket.close()
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@retry(
    stop=stop_after_delay(PATIENCE),
    wait=wait_fixed(0.1),
    retry=retry_if_exception_type((OSError, LookupError, ValueError)),
    reraise=True,
)
def _tab(profile: Path) -> str:
    """The debugging address of the first tab, as soon as Chromium has written down its port."""
    port = int((profile / "DevToolsActivePort").read_text().splitlines()[0])
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=5) as answer:
        tabs = json.load(answer)
    return str(next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page"))
