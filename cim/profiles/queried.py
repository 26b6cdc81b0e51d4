"""Objects as queries name them: those that are like this are asked for."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.kinds import CustomerKind, ServiceKind
from cim.profiles.plain_names import PlainName


class QueriedCustomer(Profile, cim="Customer"):
    """A customer, by mRID, by name or by kind."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the customer.", default=None
    )
    kind: CustomerKind | None = attribute("Customer.kind", "Kind of customer.", default=None)
    names: tuple[PlainName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the customer.", personal=True, default=()
    )


class QueriedMeter(Profile, cim="Meter"):
    """A meter, by mRID, by name or by metering system."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the meter.", default=None)
    amr_system: str | None = attribute(
        "EndDevice.amrSystem", "Metering system it talks to.", default=None
    )
    names: tuple[PlainName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the meter.", default=()
    )


class QueriedServiceCategory(Profile, cim="ServiceCategory"):
    """A category of service, by mRID, by name or by kind."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the category.", default=None
    )
    kind: ServiceKind | None = attribute("ServiceCategory.kind", "What is supplied.", default=None)
    names: tuple[PlainName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the category.", default=()
    )


class QueriedTimeSchedule(Profile, cim="TimeSchedule"):
    """The time that is asked about."""

    schedule_interval: DateTimeInterval = attribute(
        "TimeSchedule.scheduleInterval", "From when to when."
    )
