"""What the app shows beside messages: the plans, who was told of them, who decided what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from cim.network import Network
from dms_apps.planned_outages import store
from dms_apps.planned_outages.news import Kind
from dms_apps.planned_outages.outlook import counted
from dms_apps.planned_outages.plan import DeedKind, Plan, State
from dms_apps.planned_outages.tables import outage
from hub.report import Cell, Column, Offer, Parameter, Report, Unanswerable

PLANNED, NOTIFIED, DECIDED = "planned", "notified", "decided"
_STATUS = Parameter("status", "Only those; when left out, all that are not over.", False, (*State,))
_OUTAGE = Parameter("outage", "The mRID or a name of one planned outage.", needed=True)
_ONE = Parameter("outage", "The mRID or a name of a planned outage; all when left out.")
_NOUNS = frozenset({"PlannedOutages"})
_TOLD = frozenset({"PlannedOutages", "PlannedOutageNotifications"})
OFFERS = (
    Offer(PLANNED, "Planned outages: when, by which switches, who is without supply, and what"
          " speaks against them.", (_STATUS,), _NOUNS),
    Offer(NOTIFIED, "Who is without supply in a planned outage, and what they were told last.",
          (_OUTAGE,), _TOLD),
    Offer(DECIDED, "Who has planned, changed, begun, closed or cancelled outages, against which"
          " rule, and what was refused.", (_ONE,), _NOUNS),
)  # fmt: skip


def report(
    name: str, asked: Mapping[str, str], connection: sa.Connection, network: Network, now: datetime
) -> Report:
    """Raises: Unanswerable."""
    if name == PLANNED:
        return _planned(connection, network, asked.get("status", ""), now)
    wanted = asked.get("outage", "")
    plan = store.plan_of(connection, wanted) or store.plan_called(connection, None, [wanted])
    if wanted and plan is None:
        raise Unanswerable(f"there is no planned outage {wanted}", "outage")
    if name == DECIDED:
        return _decided(connection, plan, now)
    assert plan is not None  # noqa: S101 - it is needed
    return _notified(connection, network, plan, now)


def _planned(connection: sa.Connection, network: Network, status: str, now: datetime) -> Report:
    """The first to begin first."""
    columns = (
        Column("outage"), Column("name"), Column("status"), Column("begin"), Column("end"),
        Column("devices"), Column("customers"), Column("critical"), Column("told"),
        Column("without supply"), Column("overdue"), Column("began"), Column("ended"),
        Column("why"), Column("remarks"),
    )  # fmt: skip
    of_state = outage.c.state == status
    plans = store.plans(connection, of_state) if status else store.open_plans(connection)
    told = store.told_counts(connection)
    rows: list[tuple[Cell, ...]] = []
    for plan in plans:
        names = ", ".join(store.names_of(connection, plan.mrid))
        rows.append(
            (plan.mrid, names, plan.state, plan.begins_at, plan.ends_at, _devices(plan, network),
             plan.count, plan.critical, told.get(plan.mrid, 0), plan.dark,
             "yes" if plan.is_overdue else "", plan.started_at, plan.ended_at, plan.why,
             " ".join(plan.remarks))
        )  # fmt: skip
    return Report(title="Planned outages", at=now, columns=columns, rows=rows)


def _notified(connection: sa.Connection, network: Network, plan: Plan, now: datetime) -> Report:
    """Each usage point that was told, or is to be."""
    columns = (
        Column("usage point", personal=True), Column("name", personal=True),
        Column("customer", personal=True), Column("told"),
        Column("at"), Column("begin"), Column("end"),
    )  # fmt: skip
    points, told = store.points(connection, plan.mrid), store.told_of(connection, plan.mrid)
    names = store.names_at(connection, network, plan.mrid, {*points, *told})
    called = {name for pair in names.items() for name in pair if name}
    at = {row.point: row for row in store.customers(connection, called)}
    rows: list[tuple[Cell, ...]] = []
    nobody = 0
    for point in sorted(names):
        row, customer = told.get(point), at.get(point) or at.get(names[point] or "")
        nobody += customer is None
        who = (customer.account or customer.mrid) if customer else ""
        last = (
            (row.kind, row.told_at, row.begins_at, row.ends_at) if row else ("", None, None, None)
        )
        rows.append((point, names[point] or "", who, *last))
    remarks = (f"Of {counted(nobody, 'usage point')} no customer is known.",) if nobody else ()
    off = sum(row.kind == Kind.CANCELLATION for row in told.values())
    title = f"Told of planned outage {plan.mrid}: {len(told) - off:,} of {len(points):,}"
    return Report(title=title, at=now, columns=columns, rows=rows, remarks=remarks)


def _decided(connection: sa.Connection, plan: Plan | None, now: datetime) -> Report:
    columns = (Column("at"), Column("outage"), Column("who"), Column("what"), Column("why"))
    found = store.decisions(connection, plan.mrid if plan else "")
    rows = [(row.at, row.outage, row.who, row.what, row.why) for row in found]
    return Report(title="Decisions on planned outages", at=now, columns=columns, rows=rows)


def _devices(plan: Plan, network: Network) -> str:
    words = {DeedKind.OPEN: "open", DeedKind.CLOSE: "close", DeedKind.OUT: "out of service"}
    named = []
    for deed in plan.deeds:
        name = network.name(deed.device) if network.knows(deed.device) else ""
        poles = f" ({deed.phases})" if deed.phases else ""
        named.append(f"{words[deed.kind]} {name or deed.device}{poles}")
    return ", ".join(named)
