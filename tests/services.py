"""Private RabbitMQ and PostgreSQL for the tests, on free loopback ports, stopped afterwards.

`python tests/services.py ensure` installs the two where they are missing and no URL is given.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

AMQP_URL = "GRIDBUS_TEST_AMQP_URL"
DATABASE_URL = "GRIDBUS_TEST_DATABASE_URL"
PACKAGES = {
    "rabbitmq": "rabbitmq-server",
    "postgresql": "postgresql",
    "chromium": "chromium chromium-driver",
    "node": "nodejs npm",
}
RABBITMQ = Path("/usr/lib/rabbitmq/bin")
START_SECONDS = 120
_STARTING = 1  # pg_isready: the port answers, but nobody is let in yet


class MissingService(RuntimeError):
    """A service is neither given, nor installed, nor installable here."""


def postgresql_bin() -> Path | None:
    """The newest installed PostgreSQL server's bin folder."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3])
    )
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def rabbitmq_installed() -> bool:
    return (RABBITMQ / "rabbitmq-server").exists()


def missing() -> list[str]:
    """What the tests need and this machine has not."""
    wanted = []
    if AMQP_URL not in os.environ and not rabbitmq_installed():
        wanted.append("rabbitmq")
    if DATABASE_URL not in os.environ and postgresql_bin() is None:
        wanted.append("postgresql")
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        wanted.append("chromium")
    if not (shutil.which("node") and shutil.which("npm")):
        wanted.append("node")
    return wanted


def ensure() -> None:
    """Install what is missing with apt.  Raises: MissingService, with the way out."""
    wanted = missing()
    if not wanted:
        return
    packages = " ".join(PACKAGES[name] for name in wanted).split()
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") is None or (prefix and not _sudo()):
        raise MissingService(
            f"The tests need {' and '.join(wanted)}: install {' '.join(packages)}, or start both"
            f" services with `docker compose -f tests/compose.yaml up -d` and set {AMQP_URL} and"
            f" {DATABASE_URL} as that file says."
        )
    sys.stderr.write(f"Installing {' '.join(packages)} with apt-get for the tests.\n")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    keep_env = ["env", "DEBIAN_FRONTEND=noninteractive"] if prefix else []
    with _no_autostart(prefix):
        for step in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends"]):
            tail = packages if step[0] == "install" else []
            subprocess.run(
                [*prefix, *keep_env, "apt-get", *step, *tail],
                check=True,
                env=env,
                stdout=sys.stderr,
            )
    if still := missing():
        raise MissingService(f"apt-get ran, but {' and '.join(still)} cannot be found.")


def _sudo() -> bool:
    return (
        shutil.which("sudo") is not None
        and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
    )


@contextmanager
def _no_autostart(prefix: Sequence[str]) -> Iterator[None]:
    """Keep the packages from starting system-wide servers: those would listen beyond loopback."""
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    script = (
        "printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d"
    )
    subprocess.run([*prefix, "sh", "-c", script], check=True)
    try:
        yield
    finally:
        subprocess.run([*prefix, "rm", "-f", str(policy)], check=True)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if _answers(port):
            return
        time.sleep(0.05)  # a port offers nothing to wait on
    raise MissingService(f"No answer on port {port}; its log ends:\n{_tail(log)}")


def _answers(port: int) -> bool:
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex(("127.0.0.1", port)) == 0


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:]) if log.exists() else ""


class Broker:
    """A private RabbitMQ node."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, distribution, epmd = free_port(), free_port(), free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}/%2F"
        self._process: subprocess.Popen[bytes] | None = None
        for name in ("mnesia", "log", "home"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "env.conf").write_text("")
        (folder / "enabled_plugins").write_text("[].\n")
        (folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\ndisk_free_limit.absolute = 200MB\n"
            "log.console = false\n"
        )
        self.environment = {
            **os.environ,
            "HOME": str(folder / "home"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "env.conf"),
            "RABBITMQ_NODENAME": f"gridbus{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
            "RABBITMQ_SCHEMA_DIR": str(folder / "schema"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(epmd),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }

    def start(self) -> None:
        log = self.folder / "out.log"
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [str(RABBITMQ / "rabbitmq-server")],
                env=self.environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        wait_for_port(self.port, self._process, log)
        self.ctl("await_startup", "--timeout", str(START_SECONDS))

    def kill9(self) -> None:
        """End the node as a power cut would."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        while _answers(self.port):  # the shell dies before the Erlang VM has let go of its ports
            time.sleep(0.02)

    def restart(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill9()
        self.start()

    def ctl(self, *args: str) -> str:
        """rabbitmqctl on this node."""
        done = subprocess.run(
            [str(RABBITMQ / "rabbitmqctl"), *args],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill9()
        subprocess.run(["epmd", "-kill"], env=self.environment, capture_output=True)


@contextmanager
def rabbitmq() -> Iterator[Broker]:
    """A private broker; for tests that also kill it."""
    ensure()
    folder = Path(tempfile.mkdtemp(prefix="gridbus-rabbitmq-"))
    broker = Broker(folder)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgresql(*, durable: bool = True) -> Iterator[str]:
    """A private server; yields the URL of its `postgres` database.

    durable: whether a commit is on the disk; what it has not, only a power cut would take.
    """
    ensure()
    binaries = postgresql_bin()
    assert binaries is not None
    folder = Path(tempfile.mkdtemp(prefix="gridbus-postgresql-"))
    user = "postgres" if os.geteuid() == 0 else None  # initdb refuses root
    if user is not None:
        shutil.chown(folder, user)
    port, data, log = free_port(), folder / "data", folder / "log"
    as_user: dict[str, Any] = {"user": user, "cwd": folder} if user else {"cwd": folder}
    subprocess.run(
        [
            str(binaries / "initdb"),
            "-D",
            str(data),
            "-U",
            "gridbus",
            "--auth=trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        **as_user,
    )
    with log.open("wb") as out:
        process: subprocess.Popen[bytes] = subprocess.Popen(
            [
                str(binaries / "postgres"),
                "-D",
                str(data),
                "-p",
                str(port),
                "-k",
                str(folder),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "max_connections=200",
                "-c",
                f"fsync={'on' if durable else 'off'}",
            ],
            stdout=out,
            stderr=out,
            **as_user,
        )
    try:
        wait_for_port(port, process, log)
        ready = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        while subprocess.run(ready, check=False).returncode == _STARTING:
            time.sleep(0.05)
        yield f"postgresql+psycopg://gridbus@127.0.0.1:{port}/postgres"
    finally:
        process.send_signal(signal.SIGINT)  # fast shutdown
        process.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    if sys.argv[1:] != ["ensure"]:
        raise SystemExit("usage: python tests/services.py ensure")
    try:
        ensure()
    except MissingService as error:
        raise SystemExit(str(error)) from None
