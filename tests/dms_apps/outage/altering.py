"""What else than switches gives or takes away supply, as messages with times."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cim.message import Message
from cim.profiles.identification import ACLineSegment, PowerSystemResource
from cim.profiles.psr_events import PSREvent, PSREventKind, PSREvents
from cim.profiles.switching_actions import (
    Cut,
    CutAction,
    EnergyConsumer,
    EnergyConsumerAction,
    EnergySource,
    EnergySourceAction,
    Jumper,
    JumperAction,
)
from cim.profiles.switching_events import PhaseCode, SwitchingEvent, SwitchingEvents
from dms_apps.outage.moves import CLOSE, SERVICE
from tests.cim.network.plain import done, terminals
from tests.dms_apps.outage.conftest import event_message, identity, mrid


def altered(
    what: str,
    of: str,
    kind: str,
    at: datetime,
    phases: str | None = None,
    *,
    named: bool = False,
) -> Message:
    """OPEN takes a way of supply away, CLOSE gives one.

    of: the line that is cut; a jumper "one-other", between the nodes of two devices; a mobile
        source "~device", at the node of one; the usage point of a load; any equipment.
    named: what is of the models goes by its name.
    """
    code = PhaseCode(phases) if phases else None
    closes = kind == CLOSE
    if what == SERVICE:
        said = PSREventKind.IN_SERVICE if closes else PSREventKind.OUT_OF_SERVICE
        resource = PowerSystemResource(**identity(of, named=named))
        one = PSREvent(kind=said, power_system_resource=resource, created_date_time=at)
        return event_message(PSREvents(psrevent=(one,)))
    how: dict[str, Any] = {"phases": code, "executed_date_time": at}
    event: SwitchingEvent
    match what:
        case "cut":
            cut = Cut(mrid=mrid(f"cut {of}"), acline_segment=ACLineSegment(mrid=mrid(of)))
            event = SwitchingEvent(cut_action=CutAction(kind=done(not closes), cut=cut, **how))
        case "jumper":
            ends = terminals(*(mrid(f"node {end}") for end in of.split("-")))
            jumper = Jumper(mrid=mrid(f"jumper {of}"), terminals=ends)
            action = JumperAction(kind=done(closes), jumper=jumper, **how)
            event = SwitchingEvent(jumper_action=action)
        case "source":
            nodes = [mrid(f"node {of.removeprefix('~')}")] if of.startswith("~") else []
            which = identity(f"source {of}", named=named and not nodes)
            source = EnergySource(**which, terminals=terminals(*nodes))
            placed = EnergySourceAction(kind=done(closes), energy_source=source, **how)
            event = SwitchingEvent(energy_source_action=placed)
        case _:
            load = EnergyConsumer(**identity(f"load {of}", named=named))
            of_load = EnergyConsumerAction(kind=done(closes), energy_consumer=load, **how)
            event = SwitchingEvent(energy_consumer_action=of_load)
    return event_message(SwitchingEvents(switching_event=(event,)))
