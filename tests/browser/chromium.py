"""Headless Chromium that a test holds by the hand: pages are opened, clicked, typed into and photographed.

It speaks the DevTools protocol (https://chromedevtools.github.io/devtools-protocol/) over a WebSocket on the loopback
interface, at a port that the browser chooses. Profile and trust store lie in a folder that the test gives it.
"""

import base64
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

from websockets.sync.client import ClientConnection, connect

T = TypeVar("T")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CERTUTIL = shutil.which("certutil")
LISTENING = re.compile(r"DevTools listening on ws://([^/]+)/")
START_S = 60
ANSWER_S = 60
PATIENCE_S = 40
LOOK_EVERY_S = 0.05
KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowDown": 40, "ArrowLeft": 37, "ArrowRight": 39}
FLAGS = (
    *("--headless", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"),
    *("--disable-component-update", "--no-first-run", "--hide-scrollbars", "--remote-debugging-port=0"),
)


class Browser:
    """One browser; use it as a context manager, or its process stays."""

    def __init__(self, folder: Path, *flags: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        self.log = folder / "chromium.log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(CHROMIUM), *FLAGS, *root, *flags, f"--user-data-dir={folder / 'profile'}", "about:blank"],
                env={"HOME": str(folder), "PATH": os.environ["PATH"]},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._held = ExitStack()
        self._connection: ClientConnection | None = None

    def __enter__(self) -> "Browser":
        try:
            self._begin()
        except BaseException:
            self.close()
            raise
        return self

    def _begin(self) -> None:
        found = until(lambda: LISTENING.search(self.log.read_text()), START_S, "the browser's port")
        # A page's own door: there is one page, and its messages need no session.
        there = connect(self._page(found.group(1)), max_size=None, open_timeout=START_S, ping_interval=None, proxy=None)
        self._connection = self._held.enter_context(there)
        self._ids = itertools.count(1)
        self.problems: list[str] = []
        for domain in ("Page", "Runtime", "Network"):
            self.call(f"{domain}.enable")

    def _page(self, address: str) -> str:
        with connect(f"ws://{address}/devtools/browser/{self._browser_id()}", proxy=None) as connection:
            connection.send(json.dumps({"id": 1, "method": "Target.getTargets"}))
            targets = json.loads(connection.recv(ANSWER_S))["result"]["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        return f"ws://{address}/devtools/page/{page}"

    def _browser_id(self) -> str:
        found = re.search(r"/devtools/browser/(\S+)", self.log.read_text())
        assert found is not None
        return found.group(1)

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the browser and whatever it started."""
        self._held.close()
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def call(self, method: str, **parameters: Any) -> Any:
        """Call a method of the protocol. What the page complains of meanwhile is kept in `problems`."""
        assert self._connection is not None
        number = next(self._ids)
        self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._connection.recv(ANSWER_S))
            if message.get("id") == number:
                assert "error" not in message, message["error"]
                return message["result"]
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        match message.get("method"):
            case "Runtime.exceptionThrown":
                self.problems.append(json.dumps(message["params"]["exceptionDetails"])[:2000])
            case "Page.javascriptDialogOpening":
                assert self._connection is not None
                answer = {"method": "Page.handleJavaScriptDialog", "params": {"accept": True}}
                self._connection.send(json.dumps({"id": next(self._ids), **answer}))

    def run(self, script: str) -> Any:
        """The value of an expression in the page; promises are waited for."""
        said = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    def open(self, url: str) -> None:
        """Go there; returns once the page and its scripts are there, so that what is clicked is heard."""
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'")

    def text(self, selector: str = "body") -> str:
        """What is to be read in an element; empty where there is none."""
        return str(self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    def sees(self, text: str, within: float = PATIENCE_S) -> None:
        """Wait until a text is to be read on the page."""
        try:
            until(lambda: text in self.text(), within, text)
        except AssertionError as error:
            raise AssertionError(f"{text!r} is not on the page:\n{self.text()}\n{self.problems}") from error

    def wait(self, script: str, within: float = PATIENCE_S) -> Any:
        """Wait until an expression is true in the page, and give its value."""
        try:
            return until(lambda: self.run(script), within, script)
        except AssertionError as error:
            raise AssertionError(f"{error}; the page says:\n{self.text()}\n{self.problems}") from error

    def click(self, selector: str) -> None:
        quoted = json.dumps(selector)
        self.wait(f"!!document.querySelector({quoted})")
        self.run(f"document.querySelector({quoted}).click()")

    def fill(self, selector: str, value: str) -> None:
        """Put a value into a field as a reader would: its listeners hear of it."""
        field = json.dumps(selector)
        self.wait(f"!!document.querySelector({field})")
        self.run(
            f"(() => {{ const field = document.querySelector({field}); field.value = {json.dumps(value)};"
            " for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, {bubbles: true})); })()"
        )

    def type(self, text: str) -> None:
        self.call("Input.insertText", text=text)

    def press(self, key: str) -> None:
        code = KEYS[key]
        text = {"text": "\r"} if key == "Enter" else {}
        about = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", **about, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def tab_to(self, selector: str, most: int = 60) -> None:
        """Go to an element with the keyboard alone."""
        for _ in range(most):
            if self.run(f"document.activeElement?.matches({json.dumps(selector)}) ?? false"):
                return
            self.press("Tab")
        raise AssertionError(f"{selector} cannot be reached in {most} steps of the keyboard")

    def look(self, *, width: int = 1100, height: int = 800, dark: bool = False, phone: bool = False) -> None:
        """What the page is looked at with."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.call("Emulation.setEmulatedMedia", features=[scheme, still])

    def photograph(self, path: Path) -> None:
        """A PNG or WebP of what is to be seen now."""
        kind = {"format": "webp", "quality": 82} if path.suffix == ".webp" else {"format": "png"}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", **kind)["data"]))


def trust(folder: Path, authority: str) -> None:
    """Make a trust store with the world's authority in it for a browser in that folder."""
    store = folder / ".pki" / "nssdb"
    store.mkdir(parents=True)
    for arguments in (["-N", "--empty-password"], ["-A", "-n", "world", "-t", "C,,", "-i", authority]):
        subprocess.run([str(CERTUTIL), *arguments, "-d", f"sql:{store}"], check=True, env={"HOME": str(folder)})


def until(check: Callable[[], T | None], within: float, what: str) -> T:
    """Look until there is something true, and return it."""
    deadline = time.monotonic() + within
    while True:
        found = check()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        time.sleep(LOOK_EVERY_S)
