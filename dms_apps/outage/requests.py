"""What crews, dispatchers and other applications ask of outages, and what becomes of it.

Of crew, restoration time, cause and remark the outage is told at once.  What a person says of
supply, of the place of an outage and of whom it consists is evidence like any other: kept, and
looked at with all the rest.  Each outage of a request is done wholly or refused with a reason.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from cim.bounds import PROSE
from cim.message import Message, ObjectId, Reply, Verb
from cim.objects import identity as identity_of
from cim.objects import meant
from cim.profiles.unplanned_outages import CrewStatusKind, UnplannedOutage, UnplannedOutages
from cim.replies import done, failed, in_part
from cim.violation import Refusal, Violation
from dms_apps.outage import audit, lifecycle, naming, regrouping, store
from dms_apps.outage.asked import INVALID, MISSING, NO_SUCH, Bounds, Part
from dms_apps.outage.audit import Changed
from dms_apps.outage.episodes import CLOSED, CONFIRMED, PREDICTED, RESTORED, RETURNING
from dms_apps.outage.facts import CLOSE, CONFIRM, HOLD, RELEASE, RESTORE, STEP, VOID
from dms_apps.outage.forest import Forest
from dms_apps.outage.holds import NEW
from dms_apps.outage.incidents import INCIDENT
from dms_apps.outage.lifecycle import CANCELLED, weight
from dms_apps.outage.outages import Outage
from hub.interfaces import Context

_OPTIONS = {Verb.CREATE: ("split-from",), Verb.CHANGE: ("merge-into", "ungroup")}
_CHANGES = (
    "cause", "cause_kind", "comment", "outage_kind", "status_kind", "actual_period", "crew",
    "energized_usage_point", "estimated_restoration_time", "incident",
    "outage_isolation_equipment",
)  # fmt: skip
"""What of an outage a change may say."""


@dataclass
class Asked:
    """What came of a request: outages that are to be told anew, and what could not be done."""

    changed: list[Outage] = field(default_factory=list)
    refused: list[Violation] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    says_something: bool = False

    @property
    def reply(self) -> Reply:
        ids = tuple(ObjectId(value=one) for one in self.ids)
        if not self.refused:
            return replace(done(" ".join(self.remarks)), ids=ids)
        said = in_part(self.refused) if self.ids else failed(self.refused)
        return replace(said, ids=ids)


def handle(message: Message, context: Context, forest: Forest, bounds: Bounds) -> Asked:
    """Carry out a request; what of it cannot be done is named, the rest is done."""
    asked = Asked()
    outages = meant(message, UnplannedOutages)
    given = outages.unplanned_outage if outages else ()
    if not given:
        rule = "UnplannedOutages, UnplannedOutage: it names no outage"
        asked.refused.append(Violation(code=MISSING, rule=rule))
        audit.keep_refused(context.connection, message, 0, [""], rule, context.now)
    for number, one in enumerate(given):
        part = Part(
            message, number, context.connection, context.network, forest, context.now, bounds
        )
        try:
            # What is refused leaves nothing behind.
            with context.connection.begin_nested():
                _carry_out(part, one, asked)
        except Refusal as refusal:
            asked.refused += refusal.violations
            _keep_refused(part, one, refusal)
    return asked


def _keep_refused(part: Part, one: UnplannedOutage, refusal: Refusal) -> None:
    named = identity_of(one) or ""
    known = [outage.mrid for outage in store.named_outages(part.connection, [named])]
    of, why = known or [named], str(refusal)
    audit.keep_refused(part.connection, part.message, part.number, of, why, part.now)


def _carry_out(part: Part, one: UnplannedOutage, asked: Asked) -> None:
    verb = part.message.header.verb
    _check_options(part, verb)
    if verb is Verb.CREATE:
        source = part.option("split-from")
        made = regrouping.split(part, one, source) if source else _create(part, one)
        asked.ids.append(made)
    else:
        outage = _outage(part, one)
        after = outage
        if verb is Verb.CHANGE:
            after = _change(part, one, outage, asked)
        elif verb is Verb.CLOSE:
            _restored(part, one, outage, CLOSED)
        else:
            _cancel(part, outage)
        if after != outage:
            after = replace(after, modified_at=part.now)
            part.changed += audit.differences(outage, after, part.said_at(one, outage))
            store.save(part.connection, [after])
            asked.changed.append(after)
        asked.ids.append(outage.mrid)
    audit.keep(part.connection, part.message, part.number, part.changed, part.now)
    asked.says_something |= part.says_something


def _check_options(part: Part, verb: Verb) -> None:
    """Raises: Refusal for an Option that does nothing."""
    known = _OPTIONS.get(verb, ())
    options = part.message.request.options if part.message.request else ()
    for one in options:
        if one.name not in known:
            named = ", ".join(known) or "there is none"
            rule = f"Option {one.name}: {verb} UnplannedOutages does not know it; known: {named}."
            raise Refusal.of(INVALID, rule, value=one.name)


def _outage(part: Part, one: UnplannedOutage) -> Outage:
    """The outage that is meant.  Raises: Refusal."""
    identity = identity_of(one) or ""
    if not identity:
        raise Refusal.of(MISSING, "UnplannedOutage, mRID: it is missing; which outage is meant?")
    found = store.named_outages(part.connection, [identity])
    if not found:
        raise Refusal.of(NO_SUCH, f"There is no outage {identity}.", value=identity)
    return found[0]


# -- change


def _change(part: Part, one: UnplannedOutage, outage: Outage, asked: Asked) -> Outage:
    """All that a change says of one outage.  Raises: Refusal."""
    if heir := part.option("merge-into"):
        return _merge(part, one, outage, heir, asked)
    _check_says_something(part, one)
    after = _with(part, outage, one, asked)
    if name := part.option("ungroup"):
        after = regrouping.ungrouped(after, name)
    wanted = one.outage_kind.value if one.outage_kind else None
    end = one.actual_period.end if one.actual_period else None
    if wanted is None and (end is not None or one.energized_usage_point):
        wanted = RETURNING if one.energized_usage_point else RESTORED
    if wanted and (why := lifecycle.refusal(outage, wanted)):
        raise Refusal.of(INVALID, why, value=wanted)
    device = naming.device(part.network, one.outage_isolation_equipment, outage.device)
    if device and device != outage.device:
        regrouping.move(part, one, outage, device)
    match wanted:
        case "confirmed":
            _confirm(part, one, outage, device or outage.device)
        case "predicted" if outage.state == CONFIRMED:
            at = part.said_at(one, outage)
            part.say(RELEASE, outage.mrid, outage.device or "", [outage.anchor], at)
            part.note(outage.mrid, "outageKind", outage.state, PREDICTED, at)
        case "partiallyRestored":
            _step(part, one, outage)
        case "restored" | "closed":
            _restored(part, one, outage, wanted)
    return after


def _merge(part: Part, one: UnplannedOutage, outage: Outage, heir: str, asked: Asked) -> Outage:
    """Raises: Refusal."""
    if _with(part, outage, one, asked) != outage:
        rule = f"Option merge-into: the outage {outage.mrid} ends by it, nothing else can change."
        raise Refusal.of(INVALID, rule)
    regrouping.merge(part, outage, heir)
    return outage


def _check_says_something(part: Part, one: UnplannedOutage) -> None:
    """A change says more than which outage it is about.  Raises: Refusal."""
    said = any(getattr(one, name) not in (None, ()) for name in _CHANGES)
    if not said and not part.option("ungroup"):
        rule = f"UnplannedOutage {identity_of(one)}: nothing is said that is to change."
        raise Refusal.of(MISSING, rule)


def _with(part: Part, outage: Outage, one: UnplannedOutage, asked: Asked) -> Outage:
    """The outage with what is said of crew, restoration time, cause and the like."""
    said: dict[str, Any] = {}
    if one.status_kind is not None:
        said["crew_status"] = one.status_kind.value
    if one.crew or one.status_kind is CrewStatusKind.AWAITING_CREW_ASSIGNMENT:
        crews = ((c.mrid or "", c.names[0].name if c.names else "") for c in one.crew)
        said["crews"] = tuple(crews)
    if said and (why := lifecycle.crew_refusal(outage, "statusKind")):
        raise Refusal.of(INVALID, why, value=said.get("crew_status"))
    said |= _expected(part, outage, one, asked)
    if one.incident:
        pairs = ((i.mrid or "", i.names[0].name if i.names else "") for i in one.incident)
        # What the outage itself tells of dangers comes back in a change of all of it.
        known = {by.removeprefix(INCIDENT) for _, by in outage.hazards} - {""}
        said["incidents"] = tuple(p for p in pairs if not known & {*p})
    if one.cause is not None and len(one.cause) > PROSE:
        rule = f"UnplannedOutage, cause: {len(one.cause)} characters; at most {PROSE} are kept."
        raise Refusal.of(INVALID, rule, value=one.cause[:60])
    texts = {"cause": one.cause, "remark": _remark(outage, one)}
    texts["cause_kind"] = one.cause_kind.value if one.cause_kind else None
    said |= {name: text for name, text in texts.items() if text is not None}
    return replace(outage, **said)


def _remark(outage: Outage, one: UnplannedOutage) -> str | None:
    """What a person says, and not the sentence of the outage itself come back."""
    if one.comment is None or one.comment == outage.said:
        return None
    return one.comment[:PROSE]


def _expected(part: Part, outage: Outage, one: UnplannedOutage, asked: Asked) -> dict[str, Any]:
    """When supply is expected back; what a person has said, nothing computed takes away.

    One that comes back in a change of all of the outage may have passed meanwhile, and one that is
    computed until it is carried out.  Raises: Refusal.
    """
    expected = one.estimated_restoration_time
    if expected is None:
        return {}
    if why := lifecycle.crew_refusal(outage, "EstimatedRestorationTime"):
        raise Refusal.of(INVALID, why)
    if outage.ert is not None and weight(expected.ert_source) < weight(outage.ert_source):
        asked.remarks.append(
            f"The outage {outage.mrid} keeps the EstimatedRestorationTime of"
            f" {outage.ert_source or 'a dispatcher'}."
        )
        return {}
    if expected.ert is not None and expected.ert != outage.ert:
        check = part.bounds.coming if weight(expected.ert_source) else part.bounds.near
        check(expected.ert, "UnplannedOutage, EstimatedRestorationTime.ert", part.now)
    return {
        "ert": expected.ert,
        "ert_source": expected.ert_source,
        "ert_confidence": expected.confidence_kind.value if expected.confidence_kind else None,
    }


def _confirm(part: Part, one: UnplannedOutage, outage: Outage, device: str | None) -> None:
    """Somebody has seen that the device is open."""
    if not device and not store.hold_of(part.connection, outage.mrid, NEW):
        rule = (
            f"The outage {outage.mrid} has no device: OutageIsolationEquipment must say which one"
            " was found open."
        )
        raise Refusal.of(MISSING, rule)
    at = part.said_at(one, outage)
    part.say(CONFIRM, outage.mrid, device or "", (), at, anchor=outage.anchor)
    if outage.state != CONFIRMED:
        part.note(outage.mrid, "outageKind", outage.state, CONFIRMED, at)


def _step(part: Part, one: UnplannedOutage, outage: Outage) -> None:
    """Power is back at some of its usage points."""
    points = list(naming.points(part.network, one.energized_usage_point, "EnergizedUsagePoint"))
    without = store.without(part.connection, [outage.mrid])[outage.mrid]
    if not points:
        rule = (
            f"The outage {outage.mrid}, EnergizedUsagePoint: it must say who has power again for"
            " the outage to be partiallyRestored."
        )
        raise Refusal.of(MISSING, rule)
    if strangers := sorted(set(points) - without):
        rule = (
            f"The outage {outage.mrid}, EnergizedUsagePoint {strangers[0]}: it is not known to be"
            " without power for this outage."
        )
        raise Refusal.of(INVALID, rule, value=strangers[0])
    at = _end(part, one, outage)
    part.say(STEP, outage.mrid, outage.device or "", sorted(points), at)
    was, still = len(without), len(without) - len(points)
    part.note(outage.mrid, "EnergizedUsagePoint", f"{was} without", f"{still} without", at)


# -- the end


def _restored(part: Part, one: UnplannedOutage, outage: Outage, wanted: str) -> None:
    """Power is back for all of it."""
    if why := lifecycle.refusal(outage, wanted):
        raise Refusal.of(INVALID, why, value=wanted)
    at = _end(part, one, outage)
    points: list[str] = []
    if outage.device is None:  # no device stands for it
        points = sorted(store.without(part.connection, [outage.mrid])[outage.mrid])
        points = points or [outage.anchor]
    kind = CLOSE if wanted == CLOSED else RESTORE
    part.say(kind, outage.mrid, outage.device or "", points, at, anchor=outage.anchor)
    part.note(outage.mrid, "outageKind", outage.state, wanted, at)


def _end(part: Part, one: UnplannedOutage, outage: Outage) -> datetime:
    """When power came back.  Raises: Refusal."""
    said = one.actual_period.end if one.actual_period else None
    at = said or outage.ended_at or part.message.header.timestamp or part.now
    if at != outage.ended_at:
        at = part.past(at, "actualPeriod.end", outage)
    if at < outage.started_at:
        rule = (
            f"The outage {outage.mrid}, actualPeriod.end {at.isoformat()}: it lies before its start"
            f" {outage.started_at.isoformat()}."
        )
        raise Refusal.of(INVALID, rule, value=at.isoformat())
    return at


def _cancel(part: Part, outage: Outage) -> None:
    """It was none: what was heard of it means nothing."""
    if why := lifecycle.refusal(outage, CANCELLED):
        raise Refusal.of(INVALID, why)
    regrouping.not_by_switch(part, outage, "it cannot be cancelled")
    points = store.without(part.connection, [outage.mrid])[outage.mrid] | {outage.anchor}
    part.say(VOID, outage.mrid, outage.device or "", sorted(points), part.now)
    part.note(outage.mrid, "outageKind", outage.state, CANCELLED, part.now)


# -- create


def _create(part: Part, one: UnplannedOutage) -> str:
    """An outage somebody has seen: of a device, or of usage points; its mRID.  Raises: Refusal."""
    mrid = one.mrid or str(uuid.uuid5(uuid.NAMESPACE_OID, part.id))
    if store.named_outages(part.connection, [mrid]) or store.hold_of(part.connection, mrid, NEW):
        rule = f"The outage {mrid} exists already and can only be changed."
        raise Refusal.of(INVALID, rule, value=mrid)
    period = one.actual_period.start if one.actual_period else None
    field = "actualPeriod.start" if period and not one.reported_start_time else "reportedStartTime"
    at = part.past(one.reported_start_time or period or part.now, field)
    device = naming.device(part.network, one.outage_isolation_equipment)
    points = list(naming.points(part.network, one.de_energized_usage_point))
    if not device and not points:
        rule = (
            "An outage is created by its OutageIsolationEquipment or its DeEnergizedUsagePoint:"
            " both are missing."
        )
        raise Refusal.of(MISSING, rule)
    names = points or regrouping.below(part, device)
    regrouping.somebody_to_lose(part, names, device)
    part.say(HOLD, NEW + mrid, device, (), at, [(name, at) for name in names])
    if one.outage_kind is None or one.outage_kind.value != PREDICTED:
        part.say(CONFIRM, NEW + mrid, device, (), at, anchor=names[0])
    part.changed.append(Changed(mrid, "outageKind", "", one.outage_kind or CONFIRMED, at))
    return mrid
