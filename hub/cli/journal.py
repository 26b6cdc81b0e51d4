"""`gridbus status` and `gridbus message ...`: questions to the journal."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from hub.cli import show
from hub.config import Config
from hub.journal import Journal, Transaction, attempts, corrections, holders, queries, source_clocks
from hub.security import audit


@contextmanager
def opened(config: Config) -> Iterator[Journal]:
    """The configured journal, closed afterwards."""
    journal = Journal.open(config.database_url)
    try:
        yield journal
    finally:
        journal.close()


def status(config: Config, options: argparse.Namespace) -> int:
    """Figures and backlog; 1 when something is dead or in quarantine."""
    with opened(config) as journal, journal.reading() as connection:
        counts = queries.counts(connection)
        backlog = queries.backlog(connection)
        corrected = corrections.totals(connection)
        rights = {holders.sending(name): name for name in config.adapters}
        held = holders.holders(connection, rights)
        clocks = [c for c in source_clocks.wrong(connection) if c.source in config.adapters]
    active = [{"adapter": rights[right], "active": who} for right, who in held.items()]
    if options.json:
        found = {"counts": counts, "backlog": backlog, "corrected": corrected}
        show.data(found | {"active": active, "clocks": clocks}, as_json=True)
    else:
        show.data(counts, as_json=False)
        if backlog:
            print()
            columns = ("subscriber", "accepted", "waiting", "dead", "oldest")
            show.table(backlog, columns, as_json=False)
        if corrected:
            print()
            show.table(corrected, ("source", "tolerance", "messages", "times"), as_json=False)
        if active:
            print()
            show.table(active, ("adapter", "active"), as_json=False)
        if clocks:
            print()
            show.table(clocks, ("source", "since", "why"), as_json=False)
    return 1 if counts.dead or counts.quarantined else 0


def list_messages(config: Config, options: argparse.Namespace) -> int:
    """The newest messages that match."""
    wanted = queries.Filter(
        noun=options.noun,
        verb=options.verb,
        source=options.source,
        mrid=options.mrid,
        correlation_id=options.correlation_id,
        state=options.state,
        text=options.text,
    )
    with opened(config) as journal, journal.reading() as connection:
        found = queries.search(connection, wanted, before_seq=options.before, limit=options.limit)
    columns = ("seq", "accepted_at", "verb", "noun", "source", "message_id", "cause")
    show.table(found, columns, as_json=options.json)
    return 0


def show_message(config: Config, options: argparse.Namespace) -> int:
    """One message with its deliveries and lineage; 2 when there is none."""
    with opened(config) as journal, journal.reading() as connection:
        detail = queries.message(connection, _key(options.id))
        lineage = queries.lineage(connection, detail.row.seq) if detail else None
        origin = attempts.made(connection, detail.row.seq) if detail else []
    if detail is None or lineage is None:
        show.say(f"There is no message {options.id}.")
        return 2
    if options.body:
        sys.stdout.buffer.write(detail.body)
        return 0
    if options.json:
        said = {"message": detail, "lineage": lineage, "quarantine": origin}
        show.data(said, as_json=True)
        return 0
    show.data(detail.row, as_json=False)
    for attempt in origin:
        print(attempt.sentence)
    notes = [{"tolerance": c.tolerance, **note} for c in detail.corrections for note in c.notes]
    for heading, rows, columns in (
        ("corrections", notes, ("tolerance", "line", "xpath", "before", "after")),
        ("deliveries", detail.deliveries, ("subscriber", "state", "attempts", "due_at", "error")),
        ("causes", lineage.causes, ("seq", "verb", "noun", "source", "message_id")),
        ("effects", lineage.effects, ("seq", "verb", "noun", "source", "message_id")),
    ):
        if rows:
            print(f"\n{heading}")
            show.table(rows, columns, as_json=False)
    return 0


def replay(config: Config, options: argparse.Namespace) -> int:
    """Hand a dead letter to its subscriber again; 2 when it is none."""
    with opened(config) as journal:
        with journal.reading() as connection:
            detail = queries.message(connection, _key(options.id))
        dead = [d.subscriber for d in detail.deliveries if d.state == "dead"] if detail else []
        chosen = [s for s in dead if options.subscriber in (None, s)]
        if detail is None or not chosen:
            show.say(
                f"Message {options.id} is no dead letter; `gridbus message list --state dead`."
            )
            return 2
        with journal.transaction() as transaction:
            again = [s for s in chosen if _again(transaction, detail.row.seq, s, options.reason)]
    if left := [s for s in chosen if s not in again]:
        show.say(f"Message {options.id} is no dead letter of {', '.join(left)} any more.")
    if again:
        show.say(f"Message {options.id} goes to {', '.join(again)} again.")
    return 2 if left else 0


def _again(transaction: Transaction, seq: int, subscriber: str, reason: str) -> bool:
    opened = transaction.replay(subscriber, seq)
    audit.record(
        transaction.connection,
        f"{getpass.getuser()} at the command line",
        "delivery.replay",
        subscriber,
        audit.OK if opened else audit.REFUSED,
        {"reason": reason, "messages": [seq] if opened else []},
        transaction.now,
    )
    return opened


def _key(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() else text
