"""Outages as UnplannedOutages (IEC 61968-3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Set

import sqlalchemy as sa

from cim.message import Outgoing, Verb
from cim.network import Network
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.operations_staff import Crew
from cim.profiles.outages import MERGED
from cim.profiles.unplanned_outages import (
    ConductingEquipment,
    CrewStatusKind,
    ERTConfidenceKind,
    EstimatedRestorationTime,
    Incident,
    OutageCauseKind,
    OutageStatusKind,
    ServicePointOutageSummary,
    UnplannedOutage,
    UnplannedOutages,
)
from dms_apps.outage import store
from dms_apps.outage.assessment import HAZARD
from dms_apps.outage.episodes import ASKED, PREDICTED, RESTORED, VERIFY
from dms_apps.outage.incidents import INCIDENT
from dms_apps.outage.lifecycle import CANCELLED, Stage
from dms_apps.outage.outages import Outage

_APART = frozenset({VERIFY, HAZARD})
_NOBODY = frozenset[str]()


def notice(
    outages: Iterable[Outage],
    without: Mapping[str, Collection[str]],
    network: Network,
    critical: Set[str],
    were: Collection[str] = (),
) -> UnplannedOutages:
    """What there is to say of the outages.

    without:  mRID -> usage points without power now.
    critical: usage points whose supply must not fail, e.g. of a hospital.
    were:     usage points that have power again, where nobody was told that they had none.
    """
    return UnplannedOutages(
        unplanned_outage=tuple(
            _outage(outage, without.get(outage.mrid, _NOBODY), network, critical, were)
            for outage in outages
        )
    )


def late(
    connection: sa.Connection, passed: Iterable[Outage], network: Network
) -> Iterator[Outgoing]:
    """Outages that were over before they could be told, once somebody has called of them: closed,
    with whom they were about.  It must be asked before they are saved."""
    some = [one for one in passed if one.calls and not one.planned and not one.is_open]
    before = {one.mrid: one for one in store.named_outages(connection, [o.mrid for o in some])}
    for one in some:
        if one.mrid not in before or not before[one.mrid].calls:
            were = store.were_without(connection, one.mrid)
            yield Outgoing(Verb.CLOSED, notice([one], {}, network, _NOBODY, sorted(were)))


def _outage(
    outage: Outage,
    without: Collection[str],
    network: Network,
    critical: Set[str],
    were: Collection[str],
) -> UnplannedOutage:
    expected = EstimatedRestorationTime(
        ert=outage.ert,
        ert_source=outage.ert_source,
        confidence_kind=ERTConfidenceKind(outage.ert_confidence) if outage.ert_confidence else None,
    )
    is_apart = outage.state in _APART
    there = [outage.anchor] if is_apart else were
    return UnplannedOutage(
        mrid=outage.mrid,
        cause=outage.cause,
        cause_kind=OutageCauseKind(outage.cause_kind) if outage.cause_kind else None,
        comment=outage.said,
        created_date_time=outage.created_at,
        last_modified_date_time=outage.modified_at,
        customers_restored=max(outage.affected - outage.without, 0),
        meters_affected=outage.without,
        original_customers_served=outage.served,
        original_meters_affected=outage.affected,
        outage_kind=_kind(outage),
        reported_start_time=outage.started_at,
        status_kind=CrewStatusKind(outage.crew_status) if outage.crew_status else None,
        actual_period=DateTimeInterval(start=outage.started_at, end=outage.ended_at),
        crew=tuple(
            Crew(mrid=mrid or None, names=(Name(name=name),) if name else ())
            for mrid, name in outage.crews
        ),
        de_energized_usage_point=_points(sorted(without), outage, network),
        energized_usage_point=_points(there, outage, network),
        estimated_restoration_time=expected if outage.ert else None,
        incident=(
            *(_danger(what, by) for what, by in outage.hazards),
            *(
                Incident(mrid=mrid or None, names=(Name(name=name),) if name else ())
                for mrid, name in outage.incidents
            ),
        ),
        outage_isolation_equipment=_device(outage, network),
        status=_status(outage),
        summary=ServicePointOutageSummary(
            critical_count=len(critical & set(without)), total_count=outage.without
        ),
    )


def _danger(what: str, by: str) -> Incident:
    """A danger, by the incident or the call that tells of it."""
    if by.startswith(INCIDENT):
        return Incident(mrid=by.removeprefix(INCIDENT), cause=what)
    return Incident(cause=what, names=(Name(name=by),) if by else ())


def _kind(outage: Outage) -> OutageStatusKind:
    """The nearest that the CIM has; `_status` says more."""
    if outage.state == CANCELLED:
        return OutageStatusKind.CLOSED
    is_predicted = outage.state in _APART or outage.state == ASKED
    return OutageStatusKind(PREDICTED if is_predicted else outage.state)


def _status(outage: Outage) -> Status | None:
    """What has no kind of its own: where it goes on; a danger; a trouble to be verified, or that
    a meter is asked of."""
    if outage.heir:
        return Status(value=MERGED, reason=outage.heir, date_time=outage.closed_at)
    if outage.hazards:
        return Status(value=HAZARD, reason=", ".join(what for what, _ in outage.hazards))
    if outage.state == CANCELLED:
        return Status(value=CANCELLED, reason=outage.comment, date_time=outage.closed_at)
    if outage.state == RESTORED and outage.verified:
        return Status(value=Stage.VERIFIED, date_time=outage.modified_at)
    is_doubtful = outage.state in (VERIFY, ASKED)
    return Status(value=outage.state, reason=outage.comment) if is_doubtful else None


def _points(points: Collection[str], outage: Outage, network: Network) -> tuple[UsagePoint, ...]:
    """The usage points; of a meter that is not in the network the name is all there is."""
    if not outage.placed:
        return tuple(UsagePoint(names=(Name(name=point),)) for point in points)
    names = network.names_of(points)
    return tuple(UsagePoint(mrid=p, names=_named(names.get(p, ""))) for p in points)


def _device(outage: Outage, network: Network) -> tuple[ConductingEquipment, ...]:
    if outage.device is None:
        return ()
    name = network.names_of([outage.device]).get(outage.device, "")
    return (ConductingEquipment(mrid=outage.device, names=_named(name)),)


def _named(name: str) -> tuple[Name, ...]:
    return (Name(name=name),) if name else ()
