"""`gridbus user add`, `gridbus system add`, `gridbus audit verify`."""

from __future__ import annotations

import argparse
import getpass

from hub.cli import show
from hub.config import Config
from hub.journal import Journal
from hub.security import audit, people, systems
from hub.security.roles import Roles, parse


def add_user(config: Config, options: argparse.Namespace) -> int:
    """Make an account; its one-time password goes to stdout."""
    journal = Journal.open(config.database_url)
    roles = Roles.read(config.folder / "roles.toml")
    with journal.transaction() as transaction:
        password = people.add(
            transaction.connection,
            _actor(),
            options.name,
            parse(options.role),
            roles,
            journal.clock(),
        )
    journal.close()
    show.say(f"{options.name} logs in with this password once, then chooses another:")
    print(password)
    return 0


def reset_user(config: Config, options: argparse.Namespace) -> int:
    """Unlock an account and give it a new one-time password."""
    journal = Journal.open(config.database_url)
    with journal.transaction() as transaction:
        password = people.reset(transaction.connection, _actor(), options.name, journal.clock())
    journal.close()
    show.say(f"{options.name} logs in with this password once, then chooses another:")
    print(password)
    return 0


def renew_system(config: Config, options: argparse.Namespace) -> int:
    """Replace a system's API token; the old one is void."""
    journal = Journal.open(config.database_url)
    with journal.transaction() as transaction:
        token = systems.renew(transaction.connection, _actor(), options.name, journal.clock())
    journal.close()
    show.say(f"{options.name} authenticates with this token; it is shown only now:")
    print(token)
    return 0


def add_system(config: Config, options: argparse.Namespace) -> int:
    """Register a system; its API token goes to stdout."""
    journal = Journal.open(config.database_url)
    roles = Roles.read(config.folder / "roles.toml")
    system = systems.named(
        options.name,
        certificate=options.certificate,
        sources=options.source,
        nouns=options.noun,
        roles=parse(options.role or ["VIEWER"]),
    )
    with journal.transaction() as transaction:
        token = systems.add(transaction.connection, _actor(), system, roles, journal.clock())
    journal.close()
    show.say(f"{options.name} authenticates with this token; it is shown only now:")
    print(token)
    return 0


def verify_audit(config: Config, options: argparse.Namespace) -> int:
    """Check the hash chain; 1 when it is broken."""
    anchor = audit.Head.parse(options.anchor) if options.anchor else None
    journal = Journal.open(config.database_url)
    with journal.reading() as connection:
        broken = audit.verify(connection, anchor)
        head = audit.head(connection)
    journal.close()
    for sentence in broken:
        print(sentence)
    show.say(f"head: {head}")
    return 1 if broken else 0


def _actor() -> str:
    return f"{getpass.getuser()} at the command line"
