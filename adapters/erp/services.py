"""The work of a service order: what is done at a customer's (ServiceOrders, IEC 61968-6).

Its schemas want more than those of other orders: when the crew is expected, the current a usage
point is made for, and an address of every place.  What a record does not say is not made up.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from adapters.erp.fields import Fields, moment, needed
from adapters.erp.identity import Key, asset, crew, identifier, named
from adapters.erp.terms import Terms, WorkType
from cim.profiles.service_order_meters import Asset
from cim.profiles.service_order_usage_points import UsagePoint
from cim.profiles.service_orders import (
    Crew,
    Customer,
    CustomerAgreement,
    ServiceWorkLocation,
    Work,
    WorkTask,
)
from cim.profiles.work_locations import TownDetail, WorkStreetAddress, WorkStreetDetail

EXPECTED = ("creweta", "schedstart", "targstartdate")
"""Which says when the crew is expected: the first that is there."""


def work(
    fields: Fields, key: Key, work_type: WorkType, said: Mapping[str, Any], terms: Terms
) -> Work:
    """The work of one order, with its task.

    said: what is said of work in every order.
    Raises: ValueError naming record, field, value and rule.
    """
    return Work(
        **said,
        customers=tuple(_customers(fields, terms)),
        work_location=_place(fields, key.site, terms),
        work_tasks=(_task(fields, key, work_type, said, terms),),
    )


def _task(
    fields: Fields, key: Key, work_type: WorkType, said: Mapping[str, Any], terms: Terms
) -> WorkTask:
    return WorkTask(
        mrid=identifier("task", terms.system, *key.parts),
        crew_eta=_expected(fields, terms),
        status_kind=said["status_kind"],
        subject=needed(fields, "description"),
        task_kind=work_type.task,
        assets=tuple(
            Asset(critical=number in terms.critical_assets, utc_number=number, names=names)
            for number, names in asset(fields, key.site, terms.system)
        ),
        crews=tuple(Crew(mrid=mrid, names=names) for mrid, names in crew(fields, terms.system)),
        usage_point=_usage_point(fields, terms),
    )


def _expected(fields: Fields, terms: Terms) -> datetime:
    for column in EXPECTED:
        if found := moment(fields, column, terms.zone, local=terms.local):
            return found
    first, *others = EXPECTED
    raise fields.wrong(
        first,
        f"is empty, and so are {' and '.join(others)}: a service order says when its crew is"
        " expected",
    )


def _usage_point(fields: Fields, terms: Terms) -> UsagePoint | None:
    if not (name := fields["servicepoint"]):
        return None
    return UsagePoint(
        rated_current=_current(fields), names=named(name, "ServicePoint", terms.customer_system)
    )


def _current(fields: Fields) -> float:
    """In ampere."""
    try:
        current = float(needed(fields, "ratedcurrent"))
    except ValueError:
        current = math.nan
    if not 0 < current < math.inf:
        rule = "is no current in A, which a usage point in a service order must have"
        raise fields.wrong("ratedcurrent", rule)
    return current


def _customers(fields: Fields, terms: Terms) -> Iterator[Customer]:
    agreement = fields["agreement"]
    if not (number := fields["customer"]):
        if agreement:
            raise fields.wrong("agreement", "is of no customer: customer is empty")
        return
    system = terms.customer_system
    made = CustomerAgreement(names=named(agreement, "AgreementNumber", system))
    yield Customer(
        customer_agreements=(made,) if agreement else (),
        names=named(number, "CustomerNumber", system),
    )


def _place(fields: Fields, site: str, terms: Terms) -> ServiceWorkLocation | None:
    """None without an address; a place by its name alone has none in these messages."""
    if not (address := fields["address"]):
        return None
    name = fields["location"]
    return ServiceWorkLocation(
        main_address=WorkStreetAddress(
            street_detail=WorkStreetDetail(address_general=address),
            town_detail=TownDetail(name=needed(fields, "city")),
        ),
        names=named(name, "LocationName", f"{terms.system} {site}") if name else (),
    )
