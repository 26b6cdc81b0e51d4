"""`gridbus user ...`, `gridbus system ...`, `gridbus audit verify`."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from hub.cli import show
from hub.cli.journal import opened
from hub.config import Config
from hub.security import audit, people, systems
from hub.security.roles import Roles, parse

Making = Callable[[Connection, str, datetime], str]
"""Connection, actor and time -> a secret that is shown once."""

_ONCE = "{} logs in with this password once, then chooses another:"
_SHOWN = "{} authenticates with this token; it is shown only now:"


def add_user(config: Config, options: argparse.Namespace) -> int:
    """Make an account; its one-time password goes to stdout."""
    roles, held = _roles(config), parse(options.role)
    return _secret(
        config,
        _ONCE.format(options.name),
        lambda connection, actor, now: people.add(
            connection, actor, options.name, held, roles, now
        ),
    )


def reset_user(config: Config, options: argparse.Namespace) -> int:
    """Unlock an account and give it a new one-time password."""
    return _secret(
        config,
        _ONCE.format(options.name),
        lambda connection, actor, now: people.reset(connection, actor, options.name, now),
    )


def add_system(config: Config, options: argparse.Namespace) -> int:
    """Register a system; its API token goes to stdout."""
    roles = _roles(config)
    system = systems.named(
        options.name,
        certificate=options.certificate,
        sources=options.source,
        nouns=options.noun,
        roles=parse(options.role or ["VIEWER"]),
    )
    return _secret(
        config,
        _SHOWN.format(options.name),
        lambda connection, actor, now: systems.add(connection, actor, system, roles, now),
    )


def renew_system(config: Config, options: argparse.Namespace) -> int:
    """Replace a system's API token; the old one is void."""
    return _secret(
        config,
        _SHOWN.format(options.name),
        lambda connection, actor, now: systems.renew(connection, actor, options.name, now),
    )


def list_systems(config: Config, options: argparse.Namespace) -> int:
    """Each system, and what it may say and do."""
    with opened(config) as journal, journal.reading() as connection:
        found = systems.everyone(connection)
    columns = ("name", "certificate", "sources", "nouns", "roles")
    show.table(found, columns, as_json=options.json)
    return 0


def verify_audit(config: Config, options: argparse.Namespace) -> int:
    """Check the hash chain; 1 when it is broken."""
    anchor = audit.Head.parse(options.anchor) if options.anchor else None
    with opened(config) as journal, journal.reading() as connection:
        broken = audit.verify(connection, anchor)
        head = audit.head(connection)
    for sentence in broken:
        print(sentence)
    show.say(f"head: {head}")
    return 1 if broken else 0


def _secret(config: Config, says: str, make: Making) -> int:
    """Make a secret in one transaction and print it once that is committed."""
    config.data.mkdir(parents=True, exist_ok=True)  # accounts may come before the first start
    with opened(config) as journal, journal.transaction() as transaction:
        actor = f"{getpass.getuser()} at the command line"
        secret = make(transaction.connection, actor, journal.clock())
    show.say(says)
    print(secret)
    return 0


def _roles(config: Config) -> Roles:
    return Roles.read(config.folder / "roles.toml")
