"""The orders of an outage and the crews there are, as the app that sends crews reports them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cim.message import Outgoing, Property, Request, Verb
from cim.profiles.compounds import Status
from cim.profiles.operations_staff import Crew
from cim.profiles.trouble_orders import Priority, TroubleOrder, TroubleOrders, WorkTask
from hub.console.filled import WrongError
from hub.console.identity import Identity, RefusedError
from hub.console.reports import answered
from hub.console.site import Site

NOUN = TroubleOrders.__name__
CREWS = "crews"
"""The app: its reports `work-queue` and `crews` are what is read here."""
STAGES = ("assigned", "enroute", "arrived", "suspended", "fieldComplete", "awaitingCrewAssignment")
"""What may be said of the crews of an order; the last one takes them off."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Crewing:
    """The orders of one outage, the most urgent first, and all crews: who can go first."""

    orders: Sequence[Row]
    crews: Sequence[Row]

    def at(self, number: str) -> Sequence[str]:
        """mRIDs of the crews that have an order."""
        return [one["mRID"] for one in self.crews if number in (one["order"], *_next(one))]


def crewing(site: Site, identity: Identity, outage: str) -> Crewing:
    """Raises: RefusedError, when no app sends crews; Busy."""
    orders = [one for one in _rows(site, identity, "work-queue") if one["outage"] == outage]
    crews = _rows(site, identity, "crews") if orders else []
    return Crewing(orders, sorted(crews, key=lambda one: (one["on shift"] != "yes", one["order"])))


def send(order: str, crews: Sequence[str]) -> Outgoing:
    """These crews do it from now on."""
    return _change(order, WorkTask(crews=tuple(Crew(mrid=one) for one in crews)))


def stage(order: str, how_far: str) -> Outgoing:
    """All its crews are so far.  Raises: RefusedError."""
    if how_far not in STAGES:
        raise RefusedError(422, f"The state {how_far[:40]!r}: it is none of {', '.join(STAGES)}.")
    return _change(order, None, Status(value=how_far))


def first(order: str) -> Outgoing:
    """It goes before all others."""
    return _change(order, WorkTask(priority=Priority(rank=1)))


def hand_over(zone: str, dispatcher: str | None) -> Outgoing:
    """That dispatcher looks after the zone from now on; None: who asks; "": nobody.

    Raises: WrongError.
    """
    if not zone:
        raise WrongError({"zone": "The zone: it is missing."})
    to = () if dispatcher is None else (Property("dispatcher", dispatcher),)
    request = Request(options=(Property("zone", zone), *to))
    return Outgoing(Verb.CHANGE, TroubleOrders(), request=request)


def _change(order: str, task: WorkTask | None, status: Status | None = None) -> Outgoing:
    one = TroubleOrder(
        mrid=order,
        comment=None,  # type: ignore[arg-type]  # a change says what is new
        status=status,
        work_task=(task,) if task else (),
    )
    return Outgoing(Verb.CHANGE, TroubleOrders(trouble_order=(one,)))


def _rows(site: Site, identity: Identity, name: str) -> Sequence[Row]:
    report = answered(site, identity, CREWS, name, {})
    names = [column.name for column in report.columns]
    return [dict(zip(names, row, strict=True)) for row in report.rows]


def _next(crew: Row) -> Sequence[str]:
    return str(crew["next"] or "").split(", ")
