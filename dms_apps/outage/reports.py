"""What the outage app shows beside messages: how an outage went, and what waits for somebody."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from cim.network import Network
from dms_apps.outage import audit, store
from dms_apps.outage.calls import open_calls
from dms_apps.outage.episodes import RESTORED, VERIFY
from dms_apps.outage.incidents import dangers
from dms_apps.outage.outages import Outage
from hub.interfaces import Asking
from hub.report import Cell, Column, Offer, Parameter, Report, Unanswerable

HISTORY, UNRESOLVED, TO_VERIFY, REFUSED = "history", "unresolved", "verify", "refused"
_OUTAGES, _TICKETS = frozenset({"UnplannedOutages"}), frozenset({"TroubleTickets"})
OFFERS = (
    Offer(
        HISTORY,
        "What was changed of one outage, when, and by whom.",
        (Parameter("outage", "mRID of the outage.", needed=True),),
        _OUTAGES,
    ),
    Offer(
        UNRESOLVED,
        "Calls and dangers of which nobody knows the place, dangers first.",
        (),
        _TICKETS | {"Incidents"},
    ),
    Offer(
        TO_VERIFY,
        "Troubles to be cleared with the customer, and restorations that meters have not"
        " confirmed, dangers first.",
        (),
        _OUTAGES,
    ),
    Offer(
        REFUSED,
        "What was asked of outages and incidents and not done, and why, the newest first; of"
        " outages that nobody knows, too.",
        (),
        _OUTAGES | {"Incidents"},
    ),
)
NAMES = frozenset(offer.name for offer in OFFERS)


def answer(name: str, asked: Mapping[str, str], given: Asking) -> Report:
    """Raises: Unanswerable for an outage that nobody knows."""
    match name:
        case "history":
            return _history(given.connection, asked["outage"])
        case "unresolved":
            return _unresolved(given.connection)
        case "refused":
            return _refused(given.connection)
        case _:
            return _to_verify(given.connection, given.network)


def _history(connection: sa.Connection, mrid: str) -> Report:
    rows = audit.history(connection, mrid)
    if not rows and not store.named_outages(connection, [mrid]):
        raise Unanswerable(f"there is no outage {mrid[:80]}", "outage")
    return Report(
        title=f"History of outage {mrid}",
        columns=(
            Column("at"), Column("since"), Column("who"), Column("request"), Column("field"),
            Column("before"), Column("after"),
        ),
        rows=[
            (r.at, r.said_at, r.who or "evidence", r.verb, r.field, r.before, r.after)
            for r in rows
        ],
    )  # fmt: skip


def _unresolved(connection: sa.Connection) -> Report:
    known = (*open_calls(connection), *dangers(connection))
    calls = [one for one in known if not one.point]
    calls.sort(key=lambda one: (not one.hazards, one.reported_at, one.id))
    return Report(
        title="Calls and dangers without a place",
        columns=(
            Column("call"), Column("reported"), Column("dangers"), Column("without power"),
            Column("place as told", personal=True),
        ),
        rows=[
            (one.name or one.id, one.reported_at, ", ".join(one.hazards),
             "yes" if one.is_out else "no", ", ".join(one.called))
            for one in calls
        ],
    )  # fmt: skip


def _refused(connection: sa.Connection) -> Report:
    rows = audit.refusals(connection)
    known = {one.mrid for one in store.named_outages(connection, {row.outage for row in rows})}
    return Report(
        title="Refused requests",
        columns=(
            Column("at"), Column("who"), Column("request"), Column("outage"), Column("unknown"),
            Column("why"),
        ),
        rows=[
            (r.at, r.who, r.verb, r.outage if r.outage in known else "",
             "" if r.outage in known else r.outage, r.after)
            for r in rows
        ],
    )  # fmt: skip


def _to_verify(connection: sa.Connection, network: Network) -> Report:
    waiting = [
        one
        for one in store.open_outages(connection)
        if one.state == VERIFY or (one.state == RESTORED and not one.verified)
    ]
    waiting.sort(key=lambda one: (not one.hazards, one.state != VERIFY, one.started_at, one.mrid))
    return Report(
        title="To be verified",
        columns=(
            Column("outage"), Column("what"), Column("place"), Column("since"), Column("calls"),
            Column("dangers"), Column("why"),
        ),
        rows=[_waiting(one, network) for one in waiting],
    )  # fmt: skip


def _waiting(outage: Outage, network: Network) -> tuple[Cell, ...]:
    place = outage.device or outage.anchor
    what = "trouble of one customer" if outage.state == VERIFY else "restoration"
    return (
        outage.mrid,
        what,
        (network.name(place) or place) if network.knows(place) else place,
        outage.started_at if outage.state == VERIFY else outage.ended_at,
        outage.calls,
        ", ".join(cause for cause, _ in outage.hazards),
        outage.said,
    )
