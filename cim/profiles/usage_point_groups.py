"""UsagePointGroups (IEC 61968-9): usage points that are addressed together."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.get_usage_point_groups import GetUsagePointGroups
from cim.profiles.identification import Name, UsagePoint


class UsagePointGroup(Profile):
    """Usage points that are addressed together."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the group.", default=None)
    type: str | None = attribute("UsagePointGroup.type", "Type of group.", default=None)
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the group.", default=())
    usage_points: tuple[UsagePoint, ...] = attribute(
        "UsagePointGroup.UsagePoints", "Its usage points.", default=()
    )


class UsagePointGroups(
    Profile,
    namespace="urn:gridbus:61968-9:2013:UsagePointGroups#",
    standard="IEC 61968-9",
    query=GetUsagePointGroups,
    ordering=(
        "usage_point_group.mrid",
        "usage_point_group.names.name",
    ),
):
    """Groups of usage points and who belongs to them."""

    usage_point_group: tuple[UsagePointGroup, ...] = attribute(
        "UsagePointGroups.UsagePointGroup", "The groups."
    )
