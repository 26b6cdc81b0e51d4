"""Outages as UnplannedOutages (IEC 61968-3)."""

from __future__ import annotations

from collections.abc import Iterable, Set

from cim.network import Network
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.unplanned_outages import (
    ConductingEquipment,
    OutageStatusKind,
    ServicePointOutageSummary,
    UnplannedOutage,
    UnplannedOutages,
)
from dms_apps.outage.outages import Outage


def notice(outages: Iterable[Outage], network: Network, critical: Set[str]) -> UnplannedOutages:
    """What there is to say of the outages.

    critical: usage points whose supply must not fail, e.g. of a hospital.
    """
    return UnplannedOutages(
        unplanned_outage=tuple(_outage(outage, network, critical) for outage in outages)
    )


def _outage(outage: Outage, network: Network, critical: Set[str]) -> UnplannedOutage:
    return UnplannedOutage(
        mrid=outage.mrid,
        comment=outage.comment,
        created_date_time=outage.created_at,
        last_modified_date_time=outage.modified_at,
        customers_restored=max(outage.affected - len(outage.points), 0),
        meters_affected=len(outage.points),
        original_customers_served=outage.served,
        original_meters_affected=outage.affected,
        outage_kind=OutageStatusKind(outage.state),
        reported_start_time=outage.started_at,
        actual_period=DateTimeInterval(start=outage.started_at, end=outage.ended_at),
        de_energized_usage_point=tuple(
            _point(point, outage.placed, network) for point in sorted(outage.points)
        ),
        outage_isolation_equipment=_device(outage, network),
        summary=ServicePointOutageSummary(
            critical_count=len(outage.points & critical), total_count=len(outage.points)
        ),
    )


def _point(point: str, placed: bool, network: Network) -> UsagePoint:
    """The usage point; of a meter that is not in the network the name is all there is."""
    return UsagePoint(
        mrid=point if placed else None,
        names=_names(point, network) if placed else (Name(name=point),),
    )


def _device(outage: Outage, network: Network) -> tuple[ConductingEquipment, ...]:
    if outage.device is None:
        return ()
    names = _names(outage.device, network)
    return (ConductingEquipment(mrid=outage.device, names=names),)


def _names(mrid: str, network: Network) -> tuple[Name, ...]:
    name = network.equipment(mrid).name if network.knows(mrid) else ""
    return (Name(name=name),) if name else ()
