"""What a dispatcher may do with outages, as the requests it becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from cim.message import Outgoing, Property, Request, Verb
from cim.network import Network
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.unplanned_outages import (
    ConductingEquipment,
    ERTConfidenceKind,
    EstimatedRestorationTime,
    Incident,
    OutageCauseKind,
    OutageStatusKind,
    UnplannedOutage,
    UnplannedOutages,
)
from cim.times import zoned
from hub.console.filled import WrongError

DISPATCHER = "dispatcher"
"""EstimatedRestorationTime.ertSource of what people tell here."""
CAUSES = tuple(OutageCauseKind)


@dataclass(frozen=True, kw_only=True)
class Form:
    """What was filled in; texts as typed.

    device: mRID or name; where power is back, what is below it.
    points: mRIDs of usage points.
    of:     those of the outage.
    other:  mRID of another outage.
    group:  mRID or name of an Incident that outages share; groups: those of the outage.
    zone:   a feeder or region.
    at:     UTC, as the field of a browser has it; empty: now.
    """

    network: Network
    device: str = ""
    points: Sequence[str] = ()
    of: Sequence[str] = ()
    other: str = ""
    group: str = ""
    groups: Sequence[tuple[str, str]] = ()
    zone: str = ""
    at: str = ""
    sure: str = ""
    cause: str = ""
    cause_kind: str = ""
    remark: str = ""

    @property
    def moment(self) -> datetime | None:
        """Raises: WrongError."""
        return moment(self.at, "at", "The time")


def device(network: Network, named: str) -> str:
    """mRID of the equipment of that mRID or name.  Raises: WrongError."""
    wanted = named.strip()
    if not wanted:
        raise WrongError({"device": "The device: it is missing."})
    try:
        found = network.equipment if network.knows(wanted) else network.equipment_named
        return found(wanted).mrid
    except KeyError:
        rule = f"The device {wanted[:80]!r}: it is not in the network."
        raise WrongError({"device": rule}) from None


Deed = Callable[[str, Form], Outgoing]
"""mRID of the outage, and what was filled in.  Raises: WrongError."""


def moment(text: str, field: str, called: str) -> datetime | None:
    """What stands in a field of a form, in UTC; None when it is empty.  Raises: WrongError."""
    if not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        rule = f"{called} {text[:40]!r}: it must be like 2026-03-01T14:30, in UTC."
        raise WrongError({field: rule}) from None
    return zoned(found)


def enter(form: Form) -> Outgoing:
    """An outage that somebody has seen.  Raises: WrongError."""
    return _said(
        Verb.CREATE,
        None,
        outage_isolation_equipment=_devices(form),
        reported_start_time=form.moment,
    )


def _confirm(mrid: str, form: Form) -> Outgoing:
    devices = _devices(form) if form.device else ()
    kind = OutageStatusKind.CONFIRMED
    return _said(Verb.CHANGE, mrid, outage_kind=kind, outage_isolation_equipment=devices)


def _doubt(mrid: str, _form: Form) -> Outgoing:
    return _said(Verb.CHANGE, mrid, outage_kind=OutageStatusKind.PREDICTED)


def _move(mrid: str, form: Form) -> Outgoing:
    return _said(Verb.CHANGE, mrid, outage_isolation_equipment=_devices(form))


def _merge(mrid: str, form: Form) -> Outgoing:
    if not form.other:
        raise WrongError({"other": "The other outage: none was chosen."})
    return _said(Verb.CHANGE, mrid, options=(Property("merge-into", form.other),))


def _split(mrid: str, form: Form) -> Outgoing:
    return _said(
        Verb.CREATE,
        None,
        options=(Property("split-from", mrid),),
        outage_isolation_equipment=_devices(form) if form.device else (),
        de_energized_usage_point=_points(form.points),
    )


def _step(mrid: str, form: Form) -> Outgoing:
    """Only those of the outage that are below the device have supply because of it."""
    points = set(form.points)
    if form.device:
        below = form.network.usage_points_below(device(form.network, form.device))
        points |= set(below) & set(form.of)
    if not points:
        rule = "Who has supply again: name a device, or mark usage points of this outage."
        raise WrongError({"device": rule})
    return _said(
        Verb.CHANGE,
        mrid,
        outage_kind=OutageStatusKind.PARTIALLY_RESTORED,
        energized_usage_point=_points(sorted(points)),
        actual_period=_until(form.moment),
    )


def _restored(mrid: str, form: Form) -> Outgoing:
    kind = OutageStatusKind.RESTORED
    return _said(Verb.CHANGE, mrid, outage_kind=kind, actual_period=_until(form.moment))


def _close(mrid: str, form: Form) -> Outgoing:
    return _said(Verb.CLOSE, mrid, actual_period=_until(form.moment))


def _cancel(mrid: str, _form: Form) -> Outgoing:
    return _said(Verb.CANCEL, mrid)


def _expect(mrid: str, form: Form) -> Outgoing:
    if form.moment is None:
        raise WrongError({"at": "Supply expected: the time is missing."})
    return _said(Verb.CHANGE, mrid, estimated_restoration_time=_expected(form))


def tell_zone(form: Form) -> Outgoing:
    """When supply is expected in all outages of a zone.  Raises: WrongError."""
    wrong = {}
    if not form.zone:
        wrong["zone"] = "The zone: it is missing."
    try:
        if form.moment is None:
            wrong["at"] = "Supply expected: the time is missing."
    except WrongError as error:
        wrong |= error.wrong
    if wrong:
        raise WrongError(wrong)
    return _of_zone(form.zone, _expected(form))


def clear_zone(form: Form) -> Outgoing:
    """What was told of a zone is taken back.  Raises: WrongError."""
    if not form.zone:
        raise WrongError({"zone": "The zone: it is missing."})
    return _of_zone(form.zone, EstimatedRestorationTime())


def _of_zone(zone: str, said: EstimatedRestorationTime) -> Outgoing:
    options = (Property("zone", zone),)
    return _said(Verb.CHANGE, None, options=options, estimated_restoration_time=said)


def _expected(form: Form) -> EstimatedRestorationTime:
    sure = ERTConfidenceKind(form.sure) if form.sure in tuple(ERTConfidenceKind) else None
    return EstimatedRestorationTime(ert=form.moment, ert_source=DISPATCHER, confidence_kind=sure)


def _group(mrid: str, form: Form) -> Outgoing:
    """It shares an Incident with others; in those that it has it stays."""
    if not form.group:
        raise WrongError({"group": "The incident: it is missing."})
    there = (_incident(*one) for one in form.groups if form.group not in one)
    return _said(Verb.CHANGE, mrid, incident=(*there, _incident("", form.group)))


def _ungroup(mrid: str, form: Form) -> Outgoing:
    if not form.group:
        raise WrongError({"group": "The incident: it is missing."})
    return _said(Verb.CHANGE, mrid, options=(Property("ungroup", form.group),))


def _incident(mrid: str, name: str) -> Incident:
    return Incident(mrid=mrid or None, names=(Name(name=name),) if name else ())


def _note(mrid: str, form: Form) -> Outgoing:
    kind = OutageCauseKind(form.cause_kind) if form.cause_kind in CAUSES else None
    cause, remark = form.cause.strip(), form.remark.strip()
    if not (kind or cause or remark):
        raise WrongError({"cause": "Cause and remark: nothing was filled in."})
    said: dict[str, Any] = {"cause_kind": kind, "cause": cause or None, "comment": remark or None}
    return _said(Verb.CHANGE, mrid, **said)


def _said(
    verb: Verb, mrid: str | None, options: tuple[Property, ...] = (), **said: Any
) -> Outgoing:
    # The application knows how many there are; a new outage must say a number all the same.
    served: Any = 0 if verb is Verb.CREATE else None
    one = UnplannedOutage(
        mrid=mrid,
        original_customers_served=served,
        **said,
    )
    request = Request(options=options) if options else None
    return Outgoing(verb, UnplannedOutages(unplanned_outage=(one,)), request=request)


def _devices(form: Form) -> tuple[ConductingEquipment, ...]:
    return (ConductingEquipment(mrid=device(form.network, form.device)),)


def _points(given: Sequence[str]) -> tuple[UsagePoint, ...]:
    return tuple(UsagePoint(mrid=one) for one in given)


def _until(at: datetime | None) -> DateTimeInterval | None:
    return DateTimeInterval(end=at) if at else None


DEEDS: Mapping[str, Deed] = MappingProxyType(
    {
        "confirm": _confirm,
        "doubt": _doubt,
        "move": _move,
        "merge": _merge,
        "split": _split,
        "step": _step,
        "restored": _restored,
        "close": _close,
        "cancel": _cancel,
        "expect": _expect,
        "note": _note,
        "group": _group,
        "ungroup": _ungroup,
    }
)


DONE: Mapping[str, str] = MappingProxyType(
    {
        "entered": "The outage was entered.",
        "confirm": "The outage is confirmed.",
        "doubt": "The confirmation was taken back.",
        "move": "The outage is at another device.",
        "merge": "This outage became part of the other one.",
        "split": "A part is an outage of its own.",
        "step": "Some have supply again.",
        "restored": "Supply is back.",
        "close": "The outage is closed.",
        "cancel": "The outage is cancelled.",
        "expect": "The restoration time was told.",
        "note": "Cause and remark were kept.",
        "group": "It shares the incident with others.",
        "ungroup": "It is out of the incident.",
        "zone": "The restoration time was told of the zone; outages of which a crew or a dispatcher"
        " has told another keep theirs.",
        "unzone": "The restoration time of the zone was taken back.",
        "call": "The call was entered.",
        "placed": "The call has a place.",
        "answered": "The call is closed.",
        "danger": "The danger was entered.",
        "lost": "The danger was entered. The network knows no such place: it is among the dangers"
        " without a place.",
        "there": "The danger has a place.",
        "safe": "The danger is over.",
        "send": "The crew is sent.",
        "stage": "The order has moved on.",
        "first": "The order is first.",
        "hand": "The zone is handed over.",
        "free": "The zone is given up: nobody looks after it.",
        "planned": "The outage is planned.",
        "begin": "The planned outage has begun.",
        "end": "The planned outage is over.",
        "withdraw": "The planned outage is cancelled.",
        "shift": "The planned outage is at another time.",
    }
)
"""What a page says when a deed was done."""
