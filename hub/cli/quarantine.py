"""`gridbus quarantine ...`: what was not accepted; correct it, send it again, or reject it."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cim import override
from hub.cli import show
from hub.cli.journal import opened
from hub.config import Config
from hub.journal import attempts, queries
from hub.journal.tables import OPEN
from hub.security import audit

if TYPE_CHECKING:
    from hub.cli.models import Add, Commands
    from hub.dispatch import Hub
    from hub.dispatch.mending import Mended


def register(commands: Commands, add: Add) -> None:
    """Add the group to the command line."""
    says = "what was not accepted"
    group = commands.add_parser("quarantine", help=says, description=says).add_subparsers(
        required=True, metavar="COMMAND"
    )
    listed = add(group, "list", list_items, "what was not accepted, and why")
    listed.add_argument("--all", action="store_true", help="with what is closed")
    listed.add_argument("--limit", type=int, default=20)
    one = add(group, "show", show_item, "one item, why it was refused, and what was done about it")
    one.add_argument("number", type=int)
    one.add_argument("--body", action="store_true", help="only the bytes as received")
    right = add(group, "correct", correct, "take corrected bytes in its place")
    right.add_argument("number", type=int)
    right.add_argument("file", help="the corrected bytes; - reads stdin")
    right.add_argument("--remark", default="", help="goes into the audit")
    again = add(group, "resend", resend, "take the same bytes again, now that something changed")
    again.add_argument("number", type=int)
    again.add_argument("--remark", default="", help="goes into the audit")
    closed = add(group, "reject", reject, "close what nobody will send again")
    closed.add_argument("number", type=int)
    closed.add_argument("--reason", required=True, help="goes into the audit")


def list_items(config: Config, options: argparse.Namespace) -> int:
    """What was not accepted, and why; the newest first."""
    state = None if options.all else OPEN
    with opened(config) as journal, journal.reading() as connection:
        found = queries.quarantined(connection, state, limit=options.limit)
    state_too = ("state",) if options.all else ()
    columns = ("id", "at", *state_too, "times", "last_at", "channel", "origin", "reason")
    show.table(found, columns, as_json=options.json)
    return 0


def show_item(config: Config, options: argparse.Namespace) -> int:
    """One item with its attempts; a look at the bytes is audited; 2 when there is none."""
    with opened(config) as journal:
        with journal.reading() as connection:
            item = queries.quarantined_item(connection, options.number)
            made = attempts.attempts(connection, options.number)
        if item is None:
            show.say(f"There is no item {options.number} in quarantine.")
            return 2
        with journal.transaction() as transaction:
            subject, now = f"item {item.id}", transaction.now
            audit.record(
                transaction.connection, _actor(), "quarantine.view", subject, audit.OK, {}, now
            )
    if options.body:
        sys.stdout.buffer.write(item.received)
    elif options.json:
        show.data({"item": item, "attempts": made}, as_json=True)
    else:
        _print(item, made)
    return 0


def _print(item: queries.QuarantinedDetail, made: list[attempts.Attempt]) -> None:
    for name in ("id", "at", "state", "channel", "principal", "origin"):
        print(f"{name:10} {getattr(item, name)}")
    if item.seen:
        print(item.seen)
    print("\nwhy it was not accepted")
    _why(item.violations)
    for attempt in made:
        remark = f": {attempt.remark}" if attempt.remark else ""
        print(f"\n{attempt.at:%Y-%m-%d %H:%M:%S}  {attempt.actor}: {attempt.action}{remark}")
        if attempt.reason is not None:
            _why(attempt.violations)
        elif attempt.messages:
            print(f"  is in the journal as message {', '.join(map(str, attempt.messages))}")


def _why(violations: list[dict[str, object]]) -> None:
    for v in violations:
        place = [f"{name} {v[name]}" for name in ("line", "column") if v.get(name)]
        place += [str(v["xpath"])] if v.get("xpath") else []
        print(f"  {v['code']}  {', '.join(place)}{': ' if place else ''}{v['rule']}")


def correct(config: Config, options: argparse.Namespace) -> int:
    """0 when it was taken, 1 when it was refused again, 2 when it could not be done."""
    stdin = options.file == "-"
    data = sys.stdin.buffer.read() if stdin else Path(options.file).read_bytes()
    return _mend(config, options, data)


def resend(config: Config, options: argparse.Namespace) -> int:
    """As `correct`, with the bytes as they are."""
    return _mend(config, options, None)


def reject(config: Config, options: argparse.Namespace) -> int:
    """2 when it is not open."""
    from hub.dispatch import mending

    with opened(config) as journal:
        try:
            done = mending.reject(journal, options.number, _actor(), options.reason)
        except (mending.NoItem, mending.NotOpen) as error:
            show.say(str(error))
            return 2
    if options.json:
        show.data(done, as_json=True)
    else:
        show.say(f"Item {done.item} is rejected.")
    return 0


def _mend(config: Config, options: argparse.Namespace, data: bytes | None) -> int:
    from hub.dispatch import mending

    with _hub(config) as hub:
        try:
            done = mending.mend(
                hub, options.number, _actor(), data, options.remark, config.spoken()
            )
        except (mending.NoItem, mending.NotOpen) as error:
            show.say(str(error))
            return 2
    _tell(done, as_json=options.json)
    return 0 if done.refusal is None else 1


def _tell(done: Mended, *, as_json: bool) -> None:
    if as_json:
        violations = () if done.refusal is None else done.refusal.violations
        said = {"item": done.item, "state": done.state, "messages": done.messages}
        show.data({**said, "violations": violations}, as_json=True)
    else:
        show.say(done.sentence)


@contextmanager
def _hub(config: Config) -> Iterator[Hub]:
    """A hub that takes what it is given and runs nothing; another one may run beside it."""
    from hub.dispatch import Hub
    from hub.dispatch.rights import Rights
    from hub.main import components
    from hub.main.schemas import install
    from hub.security.roles import Roles

    install(config)
    apps = components.apps(config, os.environ)
    adapters = components.adapters(config, os.environ)
    with opened(config) as journal:
        journal.subscribe(*components.subscriptions(config, apps, adapters))
        rights = Rights(journal, Roles.read(config.folder / "roles.toml"))
        hub = Hub(
            journal,
            {},
            name=config.name,
            context=config.context,
            rights=rights,
            windows=components.windows(config),
        )
        hub.adapters.update(adapters)
        hub.live.catch_up()  # a request for an unknown usage point is refused
        yield hub
    override.clear()


def _actor() -> str:
    return f"{getpass.getuser()} at the command line"
