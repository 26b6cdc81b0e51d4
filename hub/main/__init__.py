"""Start the hub, or a worker, from its configuration."""

from __future__ import annotations

import gc
import logging
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from threading import Event
from types import FrameType

from cim import override
from cim.network.rehearsal import rehearse
from cim.plain import LOADED
from hub.config import Config, ConfigError
from hub.dispatch import Hub
from hub.dispatch.worker import Worker
from hub.journal import Journal
from hub.main import components
from hub.main.memory import give_back
from hub.main.running import Running, broker, retry
from hub.main.schemas import install
from hub.security.roles import Roles

__all__ = ["Running", "check", "install", "serve", "until_told", "work"]


_SELDOM = (20_000, 10, 10)  # objects more, and turns, before the collector looks again
_TURN = 0.0005  # seconds that a thread has the interpreter when others want it


def serve(config: Config, environ: Mapping[str, str]) -> int:
    """Run the hub until SIGINT or SIGTERM.  Raises: ConfigError."""
    logged()
    with Running(config, environ) as running:
        print(f"console, REST and SOAP at {running.url}", file=sys.stderr)
        if running.first_password is not None:
            print(
                f"first start: log in as admin with the one-time password {running.first_password}",
                file=sys.stderr,
                flush=True,
            )
        until_told(settle)
    return 0


def work(config: Config, environ: Mapping[str, str], names: Iterable[str] | None) -> int:
    """Run apps on tickets from the broker until SIGINT or SIGTERM.  Raises: ConfigError."""
    if not config.rabbitmq.url:
        raise ConfigError(
            f"{config.folder / 'hub.toml'}: a worker needs rabbitmq.url; on the embedded channel"
            " `gridbus serve` runs the applications"
        )
    logged()
    install(config)
    every = components.apps(config, environ)
    chosen = set(names or every)
    if unknown := sorted(chosen - every.keys()):
        raise ConfigError(f"there is no app {unknown[0]!r}; apps are {', '.join(every)}")
    attached = components.adapters(config, environ)
    subscribed = components.subscriptions(config, every, attached)
    journal = Journal.open(config.database_url, subscribed)
    apps = {n: a for n, a in every.items() if n in chosen}
    hub = Hub(journal, apps, retry=retry(config), name=config.name, context=config.context)
    worker = Worker(hub, broker(config), retry(config))
    worker.run()
    give_back()
    print(f"working for {', '.join(sorted(chosen))}", file=sys.stderr, flush=True)
    until_told(settle)
    worker.stop()
    journal.close()
    return 0


def check(config: Config, environ: Mapping[str, str]) -> list[Path]:
    """Read every configuration file that a start would read.  Raises: ConfigError, ValueError."""
    Roles.read(config.folder / "roles.toml")
    install(config)
    override.clear()
    components.apps(config, environ)
    components.adapters(config, environ)
    read = [config.folder / "hub.toml", config.folder / "roles.toml"]
    read += [config.folder / "apps" / f"{name}.toml" for name in config.apps]
    read += [config.folder / "adapters" / f"{name}.toml" for name in config.adapters]
    return [path for path in read if path.exists()]


def settle() -> None:
    """Keep threads from waiting for one another longer than they must, now that all is there.

    Every thread waits while the garbage collector looks through all that lives, a quarter of a
    second in a large hub; what has come by the end of the start will live as long as the process.
    So will the compiled loops, which the first model would bring otherwise: a hundred thousand
    objects more to look through for ever after, and who asks the network meanwhile would wait for
    them to be loaded.
    And a thread that asks the network, which takes some microseconds but lets go of the interpreter
    several times, would wait for its turn behind each busy thread for 5 ms each time: a question
    took 150 ms while models were updated, and 40 ms since.
    What a batch of a thousand records makes lives until the batch has been taken.  The collector
    would look at it some forty times, and after five batches at all that lives; hardly anything
    here is in a cycle, so that it finds next to nothing.
    """
    rehearse()
    LOADED.begin()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_SELDOM)
    sys.setswitchinterval(_TURN)


def until_told(first: Callable[[], None] = lambda: None) -> None:
    """Wait for SIGINT or SIGTERM; what is done `first` is finished when one comes meanwhile."""
    told = Event()

    def tell(_number: int, _frame: FrameType | None) -> None:
        told.set()

    before = {s: signal.signal(s, tell) for s in (signal.SIGINT, signal.SIGTERM)}
    first()
    told.wait()
    for number, handler in before.items():
        signal.signal(number, handler)


def logged() -> None:
    """Log lines to stderr."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for talkative in ("alembic", "pika", "uvicorn"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
