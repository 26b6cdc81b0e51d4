"""What the app shows of one outage: who is without power in it, and what speaks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from cim.network import Network
from dms_apps.outage import indicators, moves
from dms_apps.outage.indicators import Places
from dms_apps.outage.sections import RESET, TRIPPED, UNKNOWN
from dms_apps.outage.tables import critical, interruption, outage, signal, statement
from hub.interfaces import Asking
from hub.report import Cell, Column, Offer, Parameter, Report, Unanswerable

AFFECTED, EVIDENCE = "affected", "evidence"
MOST = 2_000
"""So many words of meters and people are told of one outage."""

_OF = (Parameter("outage", "mRID of the outage.", needed=True),)
_NOUNS = frozenset({"UnplannedOutages"})
OFFERS = (
    Offer(AFFECTED, "Who was without power, the critical ones first, from when until when.",
          _OF, _NOUNS),
    Offer(EVIDENCE,
          "What meters, callers, switches, fault indicators and crews have said, the newest first.",
          _OF, _NOUNS),
)  # fmt: skip

_BEFORE = timedelta(minutes=10)  # what was said so long before the outage began is shown, too
_SAID = {
    "dark": "no power",
    "restored": "power is back",
    "alive": "there is power",
    "mute": "the meter could not be reached",
    "confirm": "found open",
    "restore": "power is back",
    "close": "it is over",
    "void": "there was no outage",
    "hold": "placed by a dispatcher",
    "step": "power is back for some",
    "release": "taken back",
}
_SHOWN = {
    TRIPPED: "fault current went through",
    RESET: "no fault current",
    UNKNOWN: "not to be trusted",
}
_DONE = {
    (moves.CUT, moves.OPEN): "cut",
    (moves.CUT, moves.CLOSE): "joined again",
    (moves.JUMPER, moves.OPEN): "removed",
    (moves.JUMPER, moves.CLOSE): "placed",
    (moves.SERVICE, moves.OPEN): "out of service",
    (moves.SERVICE, moves.CLOSE): "in service",
    **dict.fromkeys([(moves.SOURCE, moves.OPEN), (moves.LOAD, moves.OPEN)], "disconnected"),
    **dict.fromkeys([(moves.SOURCE, moves.CLOSE), (moves.LOAD, moves.CLOSE)], "connected"),
}
_BY = {"meter": "meter", "call": "call", "answer": "call-back"}


def answer(
    name: str,
    asked: Mapping[str, str],
    given: Asking,
    places: Callable[[], Places],
    window: timedelta,
) -> Report:
    """One of `OFFERS`.  Raises: Unanswerable, there is no such outage.

    places: where fault indicators are; what they show counts so long before and after.
    """
    wanted = sa.select(outage).where(outage.c.mrid == asked["outage"])
    one = given.connection.execute(wanted).first()
    if one is None:
        raise Unanswerable(f"there is no outage {asked['outage'][:80]}", "outage")
    if name == AFFECTED:
        return _affected(one, given)
    return _evidence(one, given, list(_indications(one, given, places, window)))


def _affected(one: sa.Row[Any], given: Asking) -> Report:
    """By the ledger; who is still without stands before who is not."""
    named = sa.exists().where(critical.c.point == interruption.c.point)
    found = sa.select(interruption, named.label("critical")).where(
        interruption.c.outage == one.mrid
    )
    told = [(_name(given.network, row.point), row) for row in given.connection.execute(found)]
    told.sort(key=lambda it: (not it[1].critical, it[1].ended_at is not None, it[0], it[1].point))
    rows: list[tuple[Cell, ...]] = [
        (row.point, name, "yes" if row.critical else "no", row.started_at, row.ended_at)
        for name, row in told
    ]
    return Report(
        title=f"Without power in outage {one.mrid}",
        at=given.now,
        columns=(
            Column("usage point", personal=True), Column("name", personal=True),
            Column("critical"), Column("since"), Column("until"),
        ),
        rows=rows,
    )  # fmt: skip


_Said = tuple[datetime, str, str, str, datetime]


def _evidence(one: sa.Row[Any], given: Asking, shown: Sequence[_Said]) -> Report:
    """From shortly before it began until it ended."""
    first = one.started_at - _BEFORE
    last = one.closed_at or one.ended_at or given.now
    said = [
        *_words(one, first, last, given),
        *_moves(one, first, last, given),
        *_statements(one, given),
        *shown,
    ]
    said.sort(key=lambda row: row[0], reverse=True)
    remarks = (f"Only the newest {MOST:,} are shown.",) if len(said) > MOST else ()
    return Report(
        title=f"Evidence of outage {one.mrid}",
        at=given.now,
        columns=(Column("at"), Column("place"), Column("says"), Column("by"), Column("arrived")),
        rows=said[:MOST],
        remarks=remarks,
    )


def _words(one: sa.Row[Any], first: datetime, last: datetime, given: Asking) -> Iterator[_Said]:
    """Of meters and people at the usage points of the outage."""
    there = sa.select(interruption.c.point).where(interruption.c.outage == one.mrid)
    found = (
        sa.select(signal)
        .where(
            sa.or_(signal.c.point.in_(there), signal.c.point == one.anchor),
            signal.c.at.between(first, last),
        )
        .order_by(signal.c.at.desc(), signal.c.point, signal.c.kind, signal.c.by, signal.c.ref)
        .limit(MOST + 1)
    )
    for row in given.connection.execute(found):
        by = f"{_BY.get(row.by, row.by)} {row.ref}".strip()
        yield row.at, _name(given.network, row.point), _SAID[row.kind], by, row.arrived_at


def _moves(one: sa.Row[Any], first: datetime, last: datetime, given: Asking) -> Iterator[_Said]:
    """Of the device that is to blame."""
    network = given.network
    for move in moves.moves(given.connection, first, last):
        if moves.to_blame(network, move) == one.device:
            says = _DONE.get((move.what, move.kind), move.kind)
            says = f"{says} on {move.phases}" if move.phases else says
            yield move.at, _name(network, one.device), says, move.what, move.arrived_at


def _indications(
    one: sa.Row[Any], given: Asking, places: Callable[[], Places], window: timedelta
) -> Iterator[_Said]:
    """Of fault indicators above and below."""
    network, here = given.network, one.device or one.anchor
    if not network.knows(here):
        return
    last = one.closed_at or one.ended_at or given.now
    above = {here, *network.upstream(here)}
    for said, arrived_at in indicators.around(given.connection, one.started_at, last, window):
        at = places().place(network, said.indicator, said.place)
        if at.equipment in above or here in network.upstream(at.equipment or here)[1:]:
            on = f" on {said.phases}" if said.phases else ""
            by = "fault indicator"
            yield said.at, _name(network, at.mrid), f"{_SHOWN[said.says]}{on}", by, arrived_at


def _statements(one: sa.Row[Any], given: Asking) -> Iterator[_Said]:
    """Of crews and dispatchers."""
    found = sa.select(statement).where(statement.c.outage == one.mrid)
    for row in given.connection.execute(found):
        place = _name(given.network, row.device or one.device or one.anchor)
        yield row.at, place, _SAID.get(row.kind, row.kind), row.by, row.arrived_at


def _name(network: Network, mrid: str) -> str:
    return (network.name(mrid) if network.knows(mrid) else "") or mrid
