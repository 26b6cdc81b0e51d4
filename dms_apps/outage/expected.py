"""When supply is expected back in a zone: told of all its outages at once.

A dispatcher tells it by a `change UnplannedOutages` with the Option `zone`, a feeder or a region,
and one UnplannedOutage that has nothing but the EstimatedRestorationTime; without `ert` it is taken
back.  What a crew or a dispatcher has said of one outage alone stays.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cim.message import Message, Verb
from cim.network import Network
from cim.profiles.unplanned_outages import EstimatedRestorationTime, UnplannedOutages
from cim.violation import Refusal
from dms_apps.outage import audit, store
from dms_apps.outage.asked import INVALID, MISSING, NO_SUCH, Bounds
from dms_apps.outage.forest import Forest
from dms_apps.outage.lifecycle import ZONE, weight
from dms_apps.outage.modes import Modes
from dms_apps.outage.outages import Outage
from dms_apps.outage.requests import Asked
from hub.interfaces import Context

OPTION = "zone"


def expected(
    message: Message, context: Context, forest: Forest, modes: Modes, bounds: Bounds
) -> Asked | None:
    """What came of it; None when a message is about no zone."""
    options = {o.name: o.value or "" for o in message.request.options} if message.request else {}
    if message.header.verb is not Verb.CHANGE or OPTION not in options:
        return None
    asked = Asked()
    try:
        said = _said(message, options[OPTION], context, bounds)
        _tell(asked, message, options[OPTION], said, context, forest, modes)
    except Refusal as refusal:
        asked.refused += refusal.violations
        audit.keep_refused(context.connection, message, 0, [""], str(refusal), context.now)
    return asked


def _tell(
    asked: Asked,
    message: Message,
    zone: str,
    said: EstimatedRestorationTime,
    context: Context,
    forest: Forest,
    modes: Modes,
) -> None:
    """Raises: Refusal."""
    network = context.network
    names = {feeder: _names(feeder, modes, network) for feeder in {*forest.feeder.values()}}
    if not any(zone in some for some in names.values()):
        rule = f"Option zone: there is no feeder or region {zone!r}."
        raise Refusal.of(NO_SUCH, rule, value=zone)
    there = [
        one
        for one in store.open_outages(context.connection)
        if zone in names.get(forest.feeder.get(one.anchor, ""), ())
    ]
    if not there:
        rule = f"Option zone: no outage is open in {zone}, and it holds for none that begins later."
        raise Refusal.of(INVALID, rule, value=zone)
    kept = [one for one in there if one.ert and weight(one.ert_source) > weight(ZONE)]
    for number, before in enumerate(one for one in there if one not in kept):
        after = _after(before, said, context)
        if after != before:
            changed = audit.differences(before, after, context.now)
            audit.keep(context.connection, message, number, changed, context.now)
            asked.changed.append(after)
        asked.ids.append(before.mrid)
    store.save(context.connection, asked.changed)
    asked.remarks.append(f"{len(asked.ids):,} of {len(there):,} outages of {zone} have it.")
    if kept:
        alone = ", ".join(one.mrid for one in kept[:5])
        asked.remarks.append(f"{len(kept):,} keep what was said of them alone: {alone}.")


def _said(
    message: Message, zone: str, context: Context, bounds: Bounds
) -> EstimatedRestorationTime:
    """Raises: Refusal."""
    some = message.payload
    given = some.unplanned_outage if isinstance(some, UnplannedOutages) else ()
    said = given[0].estimated_restoration_time if len(given) == 1 and not given[0].mrid else None
    if said is None:
        rule = (
            f"Option zone {zone}: one UnplannedOutage without mRID is needed, with the"
            " EstimatedRestorationTime of all outages there."
        )
        raise Refusal.of(MISSING, rule)
    if said.ert is not None:
        field = f"Option zone {zone}, EstimatedRestorationTime.ert"
        bounds.coming(said.ert, field, context.now)
    return said


def _after(one: Outage, said: EstimatedRestorationTime, context: Context) -> Outage:
    if said.ert is None and one.ert_source != ZONE:
        return one
    confidence = said.confidence_kind.value if said.confidence_kind else None
    news: dict[str, Any] = {"ert": said.ert, "ert_source": ZONE, "ert_confidence": confidence}
    if said.ert is None:
        news |= {"ert_source": None, "ert_confidence": None}
    after = replace(one, **news)
    return replace(after, modified_at=context.now) if after != one else one


def _names(feeder: str, modes: Modes, network: Network) -> set[str]:
    """By what a zone is called that a feeder is, or is of."""
    found = {feeder, modes.regions.get(feeder, "")}
    return (found | {network.name(feeder)} if network.knows(feeder) else found) - {""}
