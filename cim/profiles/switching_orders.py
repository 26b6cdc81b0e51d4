"""SwitchingOrders (IEC 61968-3): a switching plan is to be executed."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.field_locations import Location
from cim.profiles.identification import Name
from cim.profiles.operations_documents import SwitchingPlan


class SwitchingOrder(Profile):
    """One order; the plan says which crew does what."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the order.", default=None)
    author_name: str | None = attribute("Document.authorName", "Who gives it.", default=None)
    comment: str | None = attribute(
        "SwitchingOrder.comment", "What the crew should know besides the plan.", default=None
    )
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When it was given.", default=None
    )
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    type: str | None = attribute("Document.type", "The utility's own kind of order.", default=None)
    location: tuple[Location, ...] = attribute(
        "SwitchingOrder.Location", "Where it is executed.", default=()
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the order, e.g. its number.", default=()
    )
    planned_execution_interval: DateTimeInterval | None = attribute(
        "SwitchingOrder.plannedExecutionInterval", "When it is to be executed.", default=None
    )
    status: Status | None = attribute(
        "Document.status", "How far it has come, e.g. accepted or done.", default=None
    )
    switching_plan: SwitchingPlan = attribute(
        "SwitchingOrder.SwitchingPlan", "The plan to execute."
    )


class SwitchingOrders(
    Profile,
    namespace="urn:gridbus:61968-3:2021:SwitchingOrders#",
    standard="IEC 61968-3",
    ordering=(
        "switching_order.mrid",
        "switching_order.names.name",
        "switching_order.switching_plan.mrid",
        "switching_order.switching_plan.names.name",
    ),
):
    """Orders to execute switching plans."""

    switching_order: tuple[SwitchingOrder, ...] = attribute(
        "SwitchingOrders.SwitchingOrder", "The orders.", default=()
    )
