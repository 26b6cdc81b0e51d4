"""What belongs together: outages are moved to another device, merged and split.

A dispatcher's word is kept as that of whom an outage consists, each with the time since when it is
without power at the latest; it stays until power comes back or another word follows.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from cim.profiles.unplanned_outages import UnplannedOutage
from cim.violation import Refusal
from dms_apps.outage import lifecycle, naming, store
from dms_apps.outage.asked import INVALID, MISSING, NO_SUCH, Part
from dms_apps.outage.episodes import CONFIRMED
from dms_apps.outage.facts import CONFIRM, HOLD, RELEASE
from dms_apps.outage.holds import NEW
from dms_apps.outage.outages import Outage

Members = list[tuple[str, datetime]]


def move(part: Part, one: UnplannedOutage, outage: Outage, device: str) -> None:
    """Another device is behind an outage; it keeps its start.  Raises: Refusal."""
    if why := lifecycle.move_refusal(outage, "another OutageIsolationEquipment"):
        raise Refusal.of(INVALID, why, value=device)
    not_by_switch(part, outage, "its OutageIsolationEquipment stays")
    at = part.said_at(one, outage)
    members = [(name, outage.started_at) for name in below(part, device)]
    part.say(HOLD, outage.mrid, device, (), at, members)
    part.note(outage.mrid, "OutageIsolationEquipment", outage.device or "", device, at)


def merge(part: Part, outage: Outage, heir: str) -> None:
    """An outage becomes part of another one, with all customers and their times.  Raises:
    Refusal."""
    found = store.named_outages(part.connection, [heir])
    if not found:
        raise Refusal.of(NO_SUCH, f"Option merge-into: there is no outage {heir}.", value=heir)
    whole = found[0]
    if whole.mrid == outage.mrid:
        rule = f"Option merge-into: the outage {heir} cannot be merged into itself."
        raise Refusal.of(INVALID, rule, value=heir)
    for one in (whole, outage):
        if why := lifecycle.move_refusal(one, "merging"):
            raise Refusal.of(INVALID, why)
        not_by_switch(part, one, "it is not merged, but may share an Incident with others")
    _check_still_there(part, (whole, outage))
    at = part.now
    every = dict(members(part, outage))
    every |= {name: min(since, every.get(name, since)) for name, since in members(part, whole)}
    part.say(RELEASE, outage.mrid, outage.device or "", [outage.anchor], at)
    part.say(HOLD, whole.mrid, whole.device or "", (), at, sorted(every.items()))
    part.note(whole.mrid, "merged", "", outage.mrid, at)
    part.note(outage.mrid, "merged into", "", whole.mrid, at)


def split(part: Part, one: UnplannedOutage, source: str) -> str:
    """A new outage out of a part of another; its mRID.  Raises: Refusal."""
    found = store.named_outages(part.connection, [source])
    if not found:
        raise Refusal.of(NO_SUCH, f"Option split-from: there is no outage {source}.", value=source)
    whole = found[0]
    if why := lifecycle.move_refusal(whole, "splitting"):
        raise Refusal.of(INVALID, why)
    not_by_switch(part, whole, "it is not split")
    mrid = one.mrid or str(uuid.uuid5(uuid.NAMESPACE_OID, part.id))
    if store.named_outages(part.connection, [mrid]):
        rule = f"The outage {mrid} exists already and can only be changed."
        raise Refusal.of(INVALID, rule, value=mrid)
    device = naming.device(part.network, one.outage_isolation_equipment)
    names = list(naming.points(part.network, one.de_energized_usage_point))
    names = names or (below(part, device) if device else [])
    taken = _points(part, names)
    since = store.since(part.connection, whole.mrid)
    _check(taken, set(since), whole)
    for name in names:
        if not _points(part, [name]) & since.keys():
            rule = f"The outage {whole.mrid}: nobody at {name} is without power for it."
            raise Refusal.of(INVALID, rule, value=name)
    _check_not_taken(part, taken)
    at = part.now
    new = [(name, min(since[p] for p in _points(part, [name]) & since.keys())) for name in names]
    if whole.state == CONFIRMED and not store.hold_of(part.connection, whole.mrid, NEW):
        part.say(CONFIRM, whole.mrid, whole.device or "", (), at, anchor=whole.anchor)
    part.say(HOLD, whole.mrid, whole.device or "", (), at, members(part, whole))
    part.say(HOLD, NEW + mrid, device, (), at, new)
    part.note(whole.mrid, "split", "", mrid, at)
    part.note(mrid, "split from", "", whole.mrid, at)
    return mrid


def ungrouped(outage: Outage, name: str) -> Outage:
    """An outage without an incident that it shares with others.  Raises: Refusal."""
    left = tuple(one for one in outage.incidents if name not in one)
    if left == outage.incidents:
        rule = f"Option ungroup: the outage {outage.mrid} is of no Incident {name!r}."
        raise Refusal.of(NO_SUCH, rule, value=name)
    return replace(outage, incidents=left)


def _check(taken: set[str], without: set[str], whole: Outage) -> None:
    """A part is some of an outage, and not all.  Raises: Refusal."""
    if not taken:
        rule = (
            "A part of an outage is named by its OutageIsolationEquipment or its"
            " DeEnergizedUsagePoint: both are missing."
        )
        raise Refusal.of(MISSING, rule)
    if not taken & without:
        rule = f"The outage {whole.mrid}: nobody of the part is without power for it."
        raise Refusal.of(INVALID, rule)
    if without <= taken:
        rule = f"The outage {whole.mrid}: nobody would be left in it; change its device instead."
        raise Refusal.of(INVALID, rule)


def _check_still_there(part: Part, outages: Sequence[Outage]) -> None:
    """None of them has become part of another one a moment ago.  Raises: Refusal."""
    gone = {one.outage for one in store.regroupings(part.connection) if one.kind == RELEASE}
    if lost := next((one.mrid for one in outages if one.mrid in gone), None):
        rule = f"The outage {lost}: another word about whom it consists of was said a moment ago."
        raise Refusal.of(INVALID, f"{rule} Ask again when it has been looked at.", value=lost)


def _check_not_taken(part: Part, taken: set[str]) -> None:
    """None of these was made part of a new outage a moment ago.  Raises: Refusal."""
    for one in store.regroupings(part.connection):
        names = [name for name, _ in one.members] if one.outage.startswith(NEW) else []
        if twice := sorted(taken & _points(part, names)):
            new = one.outage.removeprefix(NEW)
            rule = f"{twice[0]} was made part of the new outage {new} a moment ago."
            raise Refusal.of(INVALID, rule, value=twice[0])


def members(part: Part, outage: Outage) -> Members:
    """Of whom an outage consists, as last said; else all below its device, or its usage points."""
    if (held := store.hold_of(part.connection, outage.mrid, NEW)) is not None:
        return list(held.members)
    if outage.device and not outage.poles and outage.device in part.forest.parent:
        return [(outage.device, outage.started_at)]
    return sorted(store.since(part.connection, outage.mrid).items())


def below(part: Part, device: str) -> list[str]:
    """The device, or the usage points below one that the tree of predictions does not have.
    Raises: Refusal when there are none."""
    if device in part.forest.parent:
        return [device]
    found = sorted(part.network.usage_points_below(device))
    if not found:
        rule = f"UnplannedOutage, OutageIsolationEquipment {device}: no usage point is below it."
        raise Refusal.of(INVALID, rule, value=device)
    return found


def _points(part: Part, names: list[str]) -> set[str]:
    found: set[str] = set()
    for name in names:
        found |= (
            set(part.forest.under(name, lambda _: True)) if name in part.forest.parent else {name}
        )
    return found


def somebody_to_lose(part: Part, names: list[str], device: str) -> None:
    """An outage that is entered is of somebody who has supply, as far as switches are known, and
    of none that is the same.  Raises: Refusal."""
    if not _points(part, names) - store.switched_off(part.connection):
        rule = (
            "UnplannedOutage: all usage points that it names are without supply by open switches,"
            " and in an outage already."
        )
        raise Refusal.of(INVALID, rule)
    for outage in store.open_outages(part.connection):
        if device and outage.device == device and not outage.poles:
            rule = (
                f"UnplannedOutage, OutageIsolationEquipment {device}: it has the outage"
                f" {outage.mrid} already, which can be changed."
            )
            raise Refusal.of(INVALID, rule, value=device)


def not_by_switch(part: Part, outage: Outage, so: str) -> None:
    """Raises: Refusal for an outage that follows from what is known of its device: that it is open,
    cut or out of service, or a jumper or mobile source that is gone."""
    if outage.device and store.is_switched(part.connection, outage.device):
        is_there = part.network.knows(outage.device)
        name = part.network.name(outage.device) if is_there else ""
        called = f"{name} ({outage.device})" if name else outage.device
        state = "open or out of operation" if is_there else "gone"
        rule = (
            f"The outage {outage.mrid} follows from {called}, which is known to be {state}: {so}."
            " It changes with that alone."
        )
        raise Refusal.of(INVALID, rule, value=outage.device)
