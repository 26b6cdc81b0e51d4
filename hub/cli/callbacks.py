"""`gridbus subscription ...`: callbacks of systems."""

from __future__ import annotations

import argparse
import getpass

from cim.message import Edition, Format
from hub.channels.addresses import Addresses
from hub.cli import show
from hub.cli.journal import opened
from hub.config import Config
from hub.dispatch.callbacks import subscribe, unsubscribe
from hub.journal import callbacks
from hub.security import systems

_COLUMNS = ("id", "system", "url", "topics", "format", "edition", "created_at")


def add(config: Config, options: argparse.Namespace) -> int:
    """Subscribe a system; the id of the subscription goes to stdout."""
    with opened(config) as journal, journal.transaction() as transaction:
        connection = transaction.connection
        system = systems.find(connection, options.system)
        if system is None:
            raise ValueError(f'there is no system "{options.system}"')
        one = subscribe(
            connection,
            _actor(),
            system,
            options.url,
            options.topic,
            Format(options.payload),
            Addresses.of(config),
            transaction.now,
            Edition(options.edition) if options.edition else None,
        )
    show.say(f"{system.name} is called at {one.url} from now on:")
    print(one.id)
    return 0


def show_all(config: Config, options: argparse.Namespace) -> int:
    """All subscriptions."""
    with opened(config) as journal, journal.reading() as connection:
        found = callbacks.everyone(connection, options.system)
    show.table(found, _COLUMNS, as_json=options.json)
    return 0


def remove(config: Config, options: argparse.Namespace) -> int:
    """Forget one, and what it has not got."""
    with opened(config) as journal, journal.transaction() as transaction:
        one = callbacks.find(transaction.connection, options.id)
        if one is None:
            raise ValueError(f'there is no subscription "{options.id}"')
        dropped = unsubscribe(transaction.connection, _actor(), one, transaction.now)
    show.say(f"{one.id} is no longer called; {dropped} messages were not delivered to it")
    return 0


def _actor() -> str:
    return f"{getpass.getuser()} at the command line"
