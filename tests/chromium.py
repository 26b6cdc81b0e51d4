"""Chromium, a real browser, driven by WebDriver (W3C) over plain HTTP.

`GRIDBUS_SCREENSHOTS=<folder>` keeps its pictures.
"""

from __future__ import annotations

import base64
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1280,900",
)


@dataclass
class Chromium:
    """One browser window."""

    driver: httpx.Client
    home: str

    def ask(self, method: str, path: str, **body: Any) -> Any:
        answer = self.driver.request(method, path, json=body if method == "POST" else None)
        assert answer.is_success, answer.text
        return answer.json()["value"]

    def open(self, path: str) -> None:
        self.ask("POST", "url", url=self.home + path)

    def find(self, css: str) -> str:
        """The first element that fits; waits for it."""
        return str(self.ask("POST", "element", using="css selector", value=css)[ELEMENT])

    def text(self, css: str) -> str:
        return str(self.ask("GET", f"element/{self.find(css)}/text"))

    def sees(self, tag: str, text: str) -> None:
        """Wait for the page on which such an element holds that text."""
        value = f'//{tag}[contains(normalize-space(.), "{text}")]'
        self.ask("POST", "element", using="xpath", value=value)

    def click(self, css: str) -> None:
        self.ask("POST", f"element/{self.find(css)}/click")

    def write(self, css: str, text: str) -> None:
        self.ask("POST", f"element/{self.find(css)}/value", text=text)

    def press(self, key: str) -> None:
        """A key for whatever has the focus."""
        keys = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self.ask("POST", "actions", actions=[{"type": "key", "id": "k", "actions": keys}])

    def run(self, script: str) -> Any:
        return self.ask("POST", "execute/sync", script=script, args=[])

    def wait_for(self, event: str) -> None:
        """Until the page raises that event."""
        script = "const done = arguments[0]; document.body.addEventListener("
        script += f"'{event}', () => done(true), {{once: true}})"
        assert self.ask("POST", "execute/async", script=script, args=[])

    def path(self) -> str:
        return str(self.ask("GET", "url")).removeprefix(self.home)

    def emulate(self, width: int, scheme: str) -> None:
        """Take another window and another colour scheme."""
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        for name, params in {
            "Emulation.setDeviceMetricsOverride": metrics,
            "Emulation.setEmulatedMedia": media,
        }.items():
            self.ask("POST", "goog/cdp/execute", cmd=name, params=params)

    def complaints(self) -> list[str]:
        """What the browser has written into its console since the last look."""
        return [line["message"] for line in self.ask("POST", "se/log", type="browser")]

    def picture(self, name: str) -> None:
        if folder := os.environ.get("GRIDBUS_SCREENSHOTS"):
            image = base64.b64decode(self.ask("GET", "screenshot"))
            (Path(folder) / f"{name}.png").write_bytes(image)


@contextmanager
def driven(profile: Path) -> Iterator[httpx.Client]:
    """A running Chromium with a profile of its own, spoken to through chromedriver."""
    command = ["chromedriver", "--port=0", "--allowed-ips=127.0.0.1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            started = re.compile(r"successfully on port (\d+)")
            port = next(m[1] for line in process.stdout if (m := started.search(line)))
            base = f"http://127.0.0.1:{port}"
            with httpx.Client(timeout=60) as client:
                body = {"capabilities": {"alwaysMatch": capabilities(profile)}}
                session = client.post(f"{base}/session", json=body).json()["value"]["sessionId"]
                client.base_url = httpx.URL(f"{base}/session/{session}/")
                yield client
                # Of the address with a slash at its end chromedriver knows nothing.
                client.delete(f"{base}/session/{session}").raise_for_status()
        finally:
            process.terminate()


def capabilities(profile: Path) -> dict[str, Any]:
    """What the browser shall be: headless, its log kept, patient for 10 s."""
    return {
        "goog:chromeOptions": {"args": [*FLAGS, f"--user-data-dir={profile}"]},
        "goog:loggingPrefs": {"browser": "ALL"},
        "timeouts": {"implicit": 10_000, "script": 20_000},
    }
