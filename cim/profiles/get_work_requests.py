"""GetWorkRequests: a query for WorkRequests (IEC 61968-6), as public schemas add it."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.identification import IdentifiedObject
from cim.profiles.work_queries import (
    Asset,
    Crew,
    Organisation,
    Work,
    WorkLocation,
    WorkTimeSchedule,
)


class WorkRequest(IdentifiedObject):
    """This request, by mRID or by name."""


class GetWorkRequests(
    Profile,
    namespace="http://iec.ch/TC57/2015/GetWorkRequests#",
    standard="IEC 61968-6",
):
    """What the requests asked for have in common; it stands in a Request, and is no noun."""

    asset: tuple[Asset, ...] = attribute(
        "GetWorkRequests.Asset", "On one of these assets.", default=()
    )
    crew: tuple[Crew, ...] = attribute("GetWorkRequests.Crew", "Of one of these crews.", default=())
    organization: tuple[Organisation, ...] = attribute(
        "GetWorkRequests.Organization", "For one of these organisations.", default=()
    )
    time_schedule: tuple[WorkTimeSchedule, ...] = attribute(
        "GetWorkRequests.TimeSchedule", "At one of these times.", default=()
    )
    work: tuple[Work, ...] = attribute("GetWorkRequests.Work", "Of one of these kinds.", default=())
    work_location: tuple[WorkLocation, ...] = attribute(
        "GetWorkRequests.WorkLocation", "At one of these places.", default=()
    )
    work_request: tuple[WorkRequest, ...] = attribute(
        "GetWorkRequests.WorkRequest", "One of these requests.", default=()
    )
