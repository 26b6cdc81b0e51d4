"""What was said before: a duplicate, something else under its id, or a state that came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cim.message import Header, Message
from cim.objects import identity, objects
from cim.profile import Profile
from cim.violation import Refusal
from hub.journal import Entry, Transaction, known, queries
from hub.journal.canonical import decode


def conflict(transaction: Transaction, entry: Entry) -> Refusal | None:
    """Why what looks like a duplicate is none: its id was used for something else."""
    header = entry.message.header
    if entry.external_id is not None:
        return _contradiction(transaction, entry, entry.external_id)
    if header.message_id is None:
        return None
    before = queries.message(transaction.connection, header.message_id)
    if before is None or same_fact(before.body, entry):
        return None
    return Refusal.of(
        "2.15",
        f"MessageID {header.message_id} was used before by {before.row.source} for another"
        f" message ({before.row.verb} {before.row.noun})",
        xpath="/Header/MessageID",
    )


def _contradiction(transaction: Transaction, entry: Entry, external_id: str) -> Refusal | None:
    """Why what is told of a fact of a source contradicts what was told of it before."""
    if entry.exact is None:
        return None
    before = known.fact(transaction.connection, entry.source, external_id)
    if before is None or same_fact(before, entry):
        return None
    return used_otherwise(entry.source, entry.message, before)


def came_back(transaction: Transaction, entry: Entry, entries: Sequence[Entry]) -> Entry | None:
    """The state of an object that was told before, when another one was told since.

    entries: told with it; None, too, when those go on to yet another one.
    """
    state_of, fact = entry.state_of, entry.external_id
    if state_of is None or fact is None:
        return None
    if next((one for one in reversed(entries) if one.state_of == state_of), entry) is not entry:
        return None
    other = known.since(transaction.connection, entry.source, fact, state_of)
    return other and replace(entry, external_id=f"{fact} after {other.seq}")


def same_fact(known: bytes, entry: Entry) -> bool:
    """Whether `entry` says again what the journal holds as `known`."""
    return known == entry.body or same_content(known, entry.message)


def same_content(known: bytes, now: Message) -> bool:
    """Whether a message says what the journal holds as `known`, whenever and as which one."""
    before = decode(known)
    return (*_said(before.header), before.payload) == (*_said(now.header), now.payload)


def used_otherwise(name: str, message: Message, said: bytes) -> Refusal:
    """Why what `name` says now is no duplicate of what it said under the same external id."""
    before, now = decode(said).header, message.header
    return Refusal.of(
        "2.15",
        f"{name} has said {before.verb} {before.noun} of {_called(message)} before, with other"
        f" content: {now.verb} {now.noun} is neither new nor a duplicate",
    )


def _called(message: Message) -> str:
    """The first object of a message by its name, else by its mRID."""
    if not isinstance(message.payload, Profile):
        return "it"
    first = next((one.value for one in objects(message.payload)), None)
    names = getattr(first, "names", ())
    return (names[0].name if names else first and identity(first)) or "it"


def _said(header: Header) -> tuple[str | None, ...]:
    return header.source, header.verb, header.noun, header.correlation_id
