"""Versions of models: each from the message that put it in force to the one that ended it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from cim.model import Model
from cim.model.header import MD, Header, Said
from cim.network import Network
from cim.network.models import Held, Models, key_of
from cim.network.statements import Statements
from cim.profiles.network_models import NetworkModel, NetworkModels
from hub.history import pieces
from hub.history.fold import At, Step, steps
from hub.history.tables import model_version
from hub.journal import Journal, queries
from hub.journal.canonical import decode
from hub.journal.tables import message

log = logging.getLogger(__name__)

_KEY = 200  # characters of an mRID that are kept
_PAGE = 50
_EVERY = 2**31 - 1


_HEADER = (
    ("created", "created", False),
    ("scenarioTime", "scenario_time", False),
    ("description", "description", False),
    ("version", "version", False),
    ("modelingAuthoritySet", "authority", False),
    ("profile", "profiles", False),
    ("DependentOn", "dependent_on", True),
    ("Supersedes", "supersedes", True),
)
"""Attributes of md:Model, the names under which they are kept, and whether they are references."""


def _many(value: Any) -> Sequence[str]:
    return value if isinstance(value, list) else [value] if value else []


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of a model, without the model.

    id:         "<seq of its message>.<place in it>", which the command line and REST take.
    since:      when its message was accepted.
    until:      seq of the message that replaced or deleted it, `ended` when; None while in force.
    source:     Header.Source of its message.
    header:     of IEC 61970-552, what is known of created, scenario_time, description, version,
                authority, profiles, dependent_on, supersedes; and difference, where it came as one.
    statements: how many the model makes.
    """

    seq: int
    place: int
    mrid: str
    since: datetime
    until: int | None
    ended: datetime | None
    source: str
    header: Mapping[str, Any]
    statements: int

    @property
    def id(self) -> str:
        return f"{self.seq}.{self.place}"

    def as_header(self) -> Header:
        """What is known of it as a header, for a model that came without one."""
        said = [
            Said(f"{MD}Model.{name}", f"urn:uuid:{one}" if is_link else one, is_link=is_link)
            for name, kept, is_link in _HEADER
            for one in _many(self.header.get(kept))
        ]
        return Header(f"urn:uuid:{self.mrid}", said=tuple(said))


@dataclass(frozen=True)
class Fresh:
    """A version that has just come into force; `model` is None when there was no room for it."""

    place: int
    mrid: str
    header: Mapping[str, Any]
    statements: int
    model: Model | None

    @classmethod
    def of(cls, place: int, said: NetworkModel, model: Model) -> Fresh:
        return cls(place, said.mrid, facts(said, model.header), len(model), model)


@dataclass(frozen=True)
class Change:
    """What one message did to the models: who is there now, and the keys of who is not."""

    seq: int
    fresh: tuple[Fresh, ...]
    gone: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.fresh or self.gone)

    @classmethod
    def of(cls, step: Step) -> Change:
        """Costs little: the models are held, not looked at."""
        before, after = (network.models.held for network in (step.before, step.after))
        gone = tuple(key for key, held in before.items() if after.get(key) is not held)
        payload = step.message.payload if step.message else None
        if not isinstance(payload, NetworkModels) or before is after:
            return cls(step.seq, (), gone)
        fresh = []
        for place, said in enumerate(payload.network_model, 1):
            held = after.get(key_of(said.mrid))
            if held is not None and before.get(key_of(said.mrid)) is not held:
                fresh.append(Fresh.of(place, said, held.model))
        return cls(step.seq, tuple(fresh), gone)

    def without_content(self) -> Change:
        """The same, holding no model."""
        fresh = (Fresh(f.place, f.mrid, f.header, f.statements, None) for f in self.fresh)
        return Change(self.seq, tuple(fresh), self.gone)


def facts(said: NetworkModel, header: Header | None) -> dict[str, Any]:
    """What is known of a version beside what it says: by its message, and by its own header."""
    found: dict[str, Any] = {
        "created": said.created and said.created.isoformat(),
        "description": said.description,
        "version": said.version,
        "profiles": list(said.profile),
        "dependent_on": list(said.dependent_on),
        "supersedes": list(said.supersedes),
        "difference": said.document.find(b"DifferenceModel") >= 0,
    }
    if header is not None:
        found["scenario_time"] = header.value("Model.scenarioTime")
        found["authority"] = header.value("Model.modelingAuthoritySet")
    return {name: value for name, value in found.items() if value}


def write(journal: Journal, change: Change) -> None:
    """Keep what a message did; once, however often it is told."""
    rows = [_row(journal, change.seq, fresh) for fresh in change.fresh]
    dialect = postgresql if journal.engine.dialect.name == "postgresql" else sqlite
    ended = update(model_version).where(
        model_version.c.key.in_([k[:_KEY] for k in change.gone]),
        model_version.c.until.is_(None),
        model_version.c.seq < change.seq,
    )
    with journal.transaction() as transaction:
        if change.gone:
            transaction.connection.execute(ended.values(until=change.seq))
        if rows:
            kept = dialect.insert(model_version).on_conflict_do_nothing()
            transaction.connection.execute(kept, rows)


def _row(journal: Journal, seq: int, fresh: Fresh) -> dict[str, Any]:
    digests = None if fresh.model is None else pieces.keep(journal, fresh.model.to_bytes())
    return {
        "seq": seq,
        "place": fresh.place,
        "mrid": fresh.mrid[:_KEY],
        "key": key_of(fresh.mrid)[:_KEY],
        "header": dict(fresh.header),
        "statements": fresh.statements,
        "pieces": digests,
    }


def drop_content(journal: Journal, before: int) -> int:
    """Forget the bytes of versions that ended before a message; of how many.

    They are made again from the journal when somebody asks.
    """
    old = update(model_version).where(
        model_version.c.until < before, model_version.c.pieces.is_not(None)
    )
    with journal.transaction() as transaction:
        dropped: int = transaction.connection.execute(old.values(pieces=None)).rowcount
    return dropped


def last_seq(connection: Connection) -> int:
    """Of the newest version; 0 when there is none."""
    last = connection.scalar(select(func.max(model_version.c.seq)))
    return last or 0


# -- questions


def listed(
    connection: Connection,
    *,
    mrid: str | None = None,
    at: int | None = None,
    before: int | None = None,
    limit: int = _PAGE,
) -> list[Version]:
    """Versions, the newest first.

    mrid:   only of this model.
    at:     only those in force after this message.
    before: only of messages before this one.
    """
    rows = _versions()
    if mrid is not None:
        rows = rows.where(model_version.c.key == key_of(mrid)[:_KEY])
    if at is not None:
        rows = rows.where(
            model_version.c.seq <= at,
            or_(model_version.c.until.is_(None), model_version.c.until > at),
        )
    if before is not None:
        rows = rows.where(model_version.c.seq < before)
    rows = rows.order_by(model_version.c.seq.desc(), model_version.c.place).limit(limit)
    return [_version(row) for row in connection.execute(rows)]


def find(connection: Connection, wanted: str) -> Version | None:
    """By its id ("17.1", or "17" for the first of a message), or the newest of an mRID."""
    seq, _, place = wanted.partition(".")
    if seq.isdecimal() and seq.isascii() and len(seq) < 19 and (place or "1").isdecimal():
        rows = _versions().where(
            model_version.c.seq == int(seq), model_version.c.place == int((place or "1")[:9])
        )
        if found := connection.execute(rows).first():
            return _version(found)
    return next(iter(listed(connection, mrid=wanted, limit=1)), None)


def content(connection: Connection, version: Version) -> Model | None:
    """The model, where its bytes are kept and can be read."""
    digests = connection.scalar(
        select(model_version.c.pieces).where(
            model_version.c.seq == version.seq, model_version.c.place == version.place
        )
    )
    if digests is None:
        return None
    try:
        return Model.from_bytes(pieces.fetch(connection, digests))
    except (ValueError, KeyError) as error:  # of another format, or damaged: the journal is there
        log.warning(
            "what is kept of version %s of model %s cannot be read and is made again from its"
            " message: %s", version.id, version.mrid, error,
        )  # fmt: skip
        return None


class Fetching:
    """Fetches the models that were in force after a message (`cim.network.models.Fetch`)."""

    def __init__(self, engine: Engine, seq: int) -> None:
        self._journal = Journal(engine)
        self._seq = seq

    def __call__(self, mrid: str) -> Model:
        """From its version; where that is not there, from the journal, whatever it takes.

        Raises: KeyError.
        """
        with self._journal.reading() as connection:
            found = listed(connection, mrid=mrid, at=self._seq, limit=1)
        if found:
            with suppress(KeyError):
                return model(self._journal, found[0])
        log.warning("no version of model %s is kept; it is made from the beginning", mrid)
        return self._from_the_beginning().models[mrid]

    def _from_the_beginning(self) -> Network:
        network = Network.empty()
        with self._journal.reading() as connection:
            at = At(0, network)
            with closing(steps(connection, at, lambda _, body: decode(body), self._seq)) as moves:
                for step in moves:
                    network = step.after
        return network


def model(journal: Journal, version: Version) -> Model:
    """What a version says: as it is kept, or made again from its message.

    Raises: KeyError, when it cannot be had.
    """
    with journal.reading() as connection:
        kept = content(connection, version)
        if kept is not None:
            return kept
        found = queries.message(connection, version.seq)
    payload = decode(found.body).payload if found else None
    said = payload.network_model if isinstance(payload, NetworkModels) else ()
    after = _in_force(journal, version.seq - 1).plus(said)
    if version.mrid not in after:
        why = after.refused.get(key_of(version.mrid), f"message {version.seq} does not bring it")
        raise KeyError(f"version {version.id} cannot be made again: {why}")
    return after[version.mrid]


def _in_force(journal: Journal, seq: int) -> Models:
    """The models after a message; each is fetched when somebody looks at it."""
    with journal.reading() as connection:
        found = listed(connection, at=seq, limit=_EVERY)
    fetch = Fetching(journal.engine, seq)
    held = {key_of(v.mrid): Held(v.mrid, Statements.none(), fetch=fetch) for v in found}
    return Models(held)


_ended = message.alias("ended")
_COLUMNS = ("seq", "place", "mrid", "until", "header", "statements")


def _versions() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(model_version.c[name] for name in _COLUMNS),
            message.c.accepted_at.label("since"),
            message.c.source,
            _ended.c.accepted_at.label("ended"),
        )
        .join(message, message.c.seq == model_version.c.seq)
        .join(_ended, and_(_ended.c.seq == model_version.c.until), isouter=True)
    )


def _version(row: Any) -> Version:
    return Version(**row._mapping)


def described(versions: Sequence[Version]) -> str:
    """Versions in a few words."""
    return ", ".join(f"{v.mrid} ({v.id})" for v in versions) or "none"
