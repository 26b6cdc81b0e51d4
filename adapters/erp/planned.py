"""Planned outages from CSV, as a planner exports them (PlannedOutages, IEC 61968-3)."""

from __future__ import annotations

from adapters.erp.asset_terms import AssetTerms, coded
from adapters.erp.assets import Item
from adapters.erp.fields import moment, needed
from adapters.erp.identity import digest, identifier, named
from cim.message import Outgoing, Verb
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.identification import Name
from cim.profiles.outages import ConductingEquipment
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages

BETWEEN = ";"
"""What stands between the devices of one outage."""


def outgoing(one: Item, asset_terms: AssetTerms) -> Outgoing:
    """An outage as it is planned now, or that it is not planned any more.

    Raises: ValueError naming file, line, column, value and rule.
    """
    fields, terms = one.fields, asset_terms.terms
    number = needed(fields, "outage")
    verb = coded(fields, "change", asset_terms.changes, "changes") or Verb.CREATED
    start, end, since = (
        moment(fields, column, terms.zone, local=terms.local)
        for column in ("outage_start", "outage_end", "as_of")
    )
    if verb is Verb.CREATED and (start is None or end is None):
        missing = "outage_end" if start else "outage_start"
        raise fields.wrong(missing, "is empty: a planned outage has a start and an end")
    if start and end and end <= start:
        raise fields.wrong("outage_end", f"is not after {fields['outage_start']}, when it begins")
    devices = [name.strip() for name in fields["devices"].split(BETWEEN) if name.strip()]
    if verb is Verb.CREATED and not devices:
        raise fields.wrong("devices", "is empty: which devices are opened?")
    planned = PlannedOutage(
        mrid=identifier("planned outage", terms.system, number),
        reason=fields["reason"] or None,
        last_modified_date_time=since,
        estimated_period=DateTimeInterval(start=start, end=end) if start or end else None,
        names=named(number, "PlannedOutageNumber", terms.system),
        outage_isolation_equipment=tuple(
            ConductingEquipment(names=(Name(name=name),)) for name in devices
        ),
    )
    payload = PlannedOutages(planned_outage=(planned,))
    verb = Verb.CANCELED if verb is Verb.DELETED else verb
    content = f"{verb} {digest(one.origin, payload)}"
    said = identifier("planned outage said", terms.system, number, content)
    return Outgoing(verb, payload, external_id=said)
