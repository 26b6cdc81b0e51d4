"""The installed command `gridbus` as its user has it: processes, exit codes, what they print."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

import httpx

T = TypeVar("T")

GRIDBUS = Path(sys.executable).parent / "gridbus"
REPOSITORY = Path(__file__).parents[1]
PATIENCE = 30.0  # seconds, on a busy machine


def until(look: Callable[[], T], what: str | Callable[[], str], *, pace: float = 0.2) -> T:
    """What `look` finds, as soon as it is anything; fails after a long while saying `what`."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        if time.monotonic() > deadline:
            said = what if isinstance(what, str) else what()
            raise AssertionError(f"{said}: not in {PATIENCE:.0f} s")
        Event().wait(pace)
    return found


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Its JSON."""
        return json.loads(self.out)


class Running:
    """A command that goes on, its stderr in a file."""

    def __init__(self, command: list[str], folder: Path, env: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as err:
            self._process = subprocess.Popen(
                command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=err, stderr=err
            )

    @property
    def said(self) -> str:
        return self.log.read_text()

    def says(self, pattern: str) -> str:
        """The first group of `pattern`, once it has been said."""

        def look() -> re.Match[str] | None:
            assert self._process.poll() is None, f"ended with {self.end()}: {self.said}"
            return re.search(pattern, self.said)

        return until(look, f"{self.log.name} says {pattern}", pace=0.05)[1]

    def kill9(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()

    def terminate(self) -> int:
        """Ask it to end, as an init system does; its exit code."""
        self.ask_to_end()
        return self.end()

    def ask_to_end(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    def end(self) -> int:
        """Its exit code, once it has ended."""
        return self._process.wait(PATIENCE)

    def kill_if_alive(self) -> None:
        if self._process.poll() is None:
            self.kill9()


class Rest:
    """REST as its client sees it."""

    def __init__(self, url: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False)

    def get(self, path: str, **parameters: Any) -> Any:
        return self._client.get(f"/api/v1/{path}", params=parameters).raise_for_status().json()

    def outages(self) -> list[dict[str, Any]]:
        """The active ones."""
        return list(self.get("outages", active=True))

    def is_idle(self) -> bool:
        """Whether nothing waits for any subscriber."""
        return self.get("status")["waiting"] == 0

    def close(self) -> None:
        self._client.close()


@dataclass
class Site:
    """One installation: a folder with its configuration, in which commands are run.

    compiled: folder for compiled modules, so that not every process has to compile them.
    """

    folder: Path
    compiled: Path
    started: list[Running] = field(default_factory=list)
    clients: list[Rest] = field(default_factory=list)

    def configure(self, hub: str = "", **overrides: str) -> None:
        """Write hub.toml, and the settings of adapters and apps for impatient people.

        overrides: text of the file of an adapter or app.
        """
        config = self.folder / "config"
        for part in ("adapters", "apps"):
            (config / part).mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / "config" / "roles.toml", config)
        (config / "hub.toml").write_text(hub)
        quick = "settle = 0.2\ninterval = 0.1\n"
        for name in ("gis", "cis", "ami"):
            text = overrides.get(name, quick)
            (config / "adapters" / f"{name}.toml").write_text(text)
        outage = overrides.get("outage", "hold_off = 1.0\npace = 0.2\n")
        (config / "apps" / "outage.toml").write_text(outage)

    def run(self, *arguments: str, **env: str) -> Done:
        """Run a command to its end."""
        done = subprocess.run(
            [str(GRIDBUS), *arguments],
            cwd=self.folder,
            env=self._env() | env,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str) -> Running:
        """Start a command that goes on; it is ended with the test at the latest."""
        log = self.folder / f"{len(self.started)}-{arguments[0]}.log"
        running = Running([str(GRIDBUS), *arguments], self.folder, self._env(), log)
        self.started.append(running)
        return running

    def serve(self) -> tuple[Running, str]:
        """Start the hub; the process, and where it listens."""
        hub = self.start("serve")
        return hub, hub.says(r"console, REST and SOAP at (\S+)")

    def status(self) -> Any:
        """`gridbus status --json`."""
        return self.run("status", "--json").data

    def messages(self, *arguments: str) -> list[dict[str, Any]]:
        """`gridbus message list --json`, the oldest first."""
        command = ("message", "list", "--json", "--limit", "100000", *arguments)
        return list(reversed(self.run(*command).data))

    def add_system(self, name: str, *arguments: str) -> str:
        """Register a system; its token."""
        done = self.run("system", "add", name, *arguments)
        assert done.code == 0, done.err
        return done.out.strip()

    def drop(self, feed: str, name: str, content: bytes | str) -> Path:
        """Put a file into a feed's folder, as its system would; where it goes when it is taken."""
        folder = self.folder / "var" / "feeds" / feed
        folder.mkdir(parents=True, exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        (folder / f".{name}").write_bytes(data)
        (folder / f".{name}").rename(folder / name)
        return folder / "done" / name

    def rest(self, url: str, token: str) -> Rest:
        """A client of REST with a system's token."""
        self.clients.append(Rest(url, token))
        return self.clients[-1]

    def end(self) -> None:
        """End what was started in it and is not over."""
        for client in self.clients:
            client.close()
        for running in self.started:
            running.kill_if_alive()

    def _env(self) -> dict[str, str]:
        env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        return env | {"PYTHONPYCACHEPREFIX": str(self.compiled)}
