"""GetUsagePointGroups (IEC 61968-9): which groups of usage points are asked for."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.plain_names import PlainName, PlainUsagePoint


class UsagePointGroup(Profile):
    """A group of usage points, by mRID, by name or by type."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the group.", default=None)
    type: str | None = attribute("UsagePointGroup.type", "Type of group.", default=None)
    names: tuple[PlainName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the group.", default=()
    )


class GetUsagePointGroups(
    Profile,
    namespace="urn:gridbus:61968-9:2013:GetUsagePointGroups#",
    standard="IEC 61968-9",
):
    """Which groups of usage points are asked for; in the image of the published queries."""

    usage_point: tuple[PlainUsagePoint, ...] = attribute(
        "GetUsagePointGroups.UsagePoint", "Those with these usage points.", default=()
    )
    usage_point_group: tuple[UsagePointGroup, ...] = attribute(
        "GetUsagePointGroups.UsagePointGroup", "Those like these.", default=()
    )
