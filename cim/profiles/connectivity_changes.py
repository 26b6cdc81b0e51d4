"""ConnectivityChanges (ours): what the network connectivity analysis found to be new."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from cim.profile import Profile, attribute
from cim.profiles.identification import (
    ConnectivityNode,
    Feeder,
    IdentifiedObject,
    UsagePoint,
)
from cim.profiles.phases import PhaseCode

LISTED = 1_000
"""At most so many objects of a kind are listed in one change; all are counted."""


class ConnectivityChangeKind(StrEnum):
    """What became of a part of the network.

    earthed:        connected to earth and not supplied.
    transferred:    supplied before and after, from another source or over another feeder.
    loop:           two ways from one source.
    parallel:       ways from two sources.
    liveEarth:      an earth at a node that is supplied: a danger to life until it is cleared.
    notApplied:     what was reported does not fit the network, which stays as it was.
    """

    DE_ENERGISED = "deEnergised"
    EARTHED = "earthed"
    ENERGISED = "energised"
    LIVE_EARTH_CLEARED = "liveEarthCleared"
    LIVE_EARTH_FORMED = "liveEarthFormed"
    LOOP_FORMED = "loopFormed"
    LOOP_OPENED = "loopOpened"
    NOT_APPLIED = "notApplied"
    PARALLEL_FORMED = "parallelFormed"
    PARALLEL_OPENED = "parallelOpened"
    TRANSFERRED = "transferred"
    UNEARTHED = "unearthed"


class Equipment(IdentifiedObject):
    """A piece of equipment, by mRID or by name."""


class EnergySource(IdentifiedObject):
    """A source, by mRID or by name."""


class Switch(IdentifiedObject):
    """A switch, by mRID or by name."""


class ConnectivityChange(Profile):
    """One part of the network that changed in one way."""

    mrid: str = attribute(
        "IdentifiedObject.mRID", "Identifier of the change; the same when it is found again."
    )
    created_date_time: datetime = attribute(
        "ActivityRecord.createdDateTime", "When it happened, as far as the cause tells."
    )
    description: str = attribute(
        "IdentifiedObject.description", "What happened and why, one sentence."
    )
    equipment_count: int = attribute(
        "ConnectivityChange.equipmentCount", "Pieces of that equipment, listed or not."
    )
    kind: ConnectivityChangeKind = attribute("ConnectivityChange.kind", "What happened.")
    node_count: int = attribute("ConnectivityChange.nodeCount", "Connectivity nodes concerned.")
    phases: PhaseCode | None = attribute(
        "ConnectivityChange.phases", "The phases concerned.", default=None
    )
    usage_point_count: int = attribute(
        "ConnectivityChange.usagePointCount", "Usage points concerned, listed or not."
    )
    connectivity_node: ConnectivityNode | None = attribute(
        "ConnectivityChange.ConnectivityNode",
        "The node at which a live earth is fastened.",
        default=None,
    )
    equipments: tuple[Equipment, ...] = attribute(
        "ConnectivityChange.Equipments",
        "What is at these nodes only, what a loop leads through, or a live earth; 1,000 at most.",
        default=(),
    )
    feeder: Feeder | None = attribute(
        "ConnectivityChange.Feeder",
        "Over which it is supplied now: the feeder, or else the first device after the source.",
        default=None,
    )
    feed_point: EnergySource | None = attribute(
        "ConnectivityChange.FeedPoint", "The source that supplies it now, if one does.",
        default=None,
    )  # fmt: skip
    previous_feeder: Feeder | None = attribute(
        "ConnectivityChange.PreviousFeeder",
        "Over which it was supplied before, likewise.",
        default=None,
    )
    previous_feed_point: EnergySource | None = attribute(
        "ConnectivityChange.PreviousFeedPoint", "The source that supplied it before.", default=None
    )
    switches: tuple[Switch, ...] = attribute(
        "ConnectivityChange.Switches",
        "Through which the part is, or was, supplied; or those that form the loop; or the nearest"
        " ones that feed a live earth.",
        default=(),
    )
    usage_points: tuple[UsagePoint, ...] = attribute(
        "ConnectivityChange.UsagePoints", "Usage points concerned, 1,000 at most.", default=()
    )


class ConnectivityChanges(
    Profile,
    namespace="urn:gridbus:61968-3:2026:ConnectivityChanges#",
    standard="IEC 61968-3",
    whole=True,
):
    """What changed in the supply of the network by one message; the cause is its correlation.

    No part of the standard has a noun for it.  All messages of it are kept in one order: what one
    switch took away, another one gives back.
    """

    connectivity_change: tuple[ConnectivityChange, ...] = attribute(
        "ConnectivityChanges.ConnectivityChange", "The changes."
    )
