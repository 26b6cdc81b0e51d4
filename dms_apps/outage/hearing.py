"""What is told of switches, calls, plans, incidents and models, kept where each is looked for."""

from __future__ import annotations

from collections.abc import Sequence

from cim.message import Message, Verb
from cim.profiles.incidents import Incidents
from cim.profiles.network_models import NetworkModels
from cim.profiles.planned_outages import PlannedOutages
from cim.profiles.psr_events import PSREvents
from cim.profiles.switching_events import SwitchingEvents
from cim.profiles.trouble_tickets import TroubleTickets
from dms_apps.outage import calls, evidence, incidents, moves, plans
from dms_apps.outage.critical import record_critical
from hub.interfaces import Context


def record_calls(messages: Sequence[Message], context: Context) -> bool:
    """Keep new calls of several messages.  Returns whether any is news."""
    payloads = [one.payload for one in messages]
    tickets = [one for p in payloads if isinstance(p, TroubleTickets) for one in p.trouble_ticket]
    network, now = context.network, context.now
    return calls.record_tickets(context.connection, tickets, Verb.CREATED, network, now)


def record(message: Message, context: Context) -> bool:
    """Keep what is said of switches, calls, plans and models.  Returns whether it is news."""
    connection, network, now = context.connection, context.network, context.now
    verb = message.header.verb
    match message.payload:
        case SwitchingEvents() | PSREvents():
            return moves.record(connection, message, network, now)
        case TroubleTickets() as tickets:
            return calls.record_tickets(connection, tickets.trouble_ticket, verb, network, now)
        case PlannedOutages() as planned:
            return plans.record_planned(connection, planned, verb, network, now)
        case Incidents() as some:
            return incidents.record(connection, some, verb, network, now)
        case NetworkModels() as models:
            record_critical(connection, models)
            evidence.place_again(connection, network)
            calls.place_again(connection, network, now)
            return True
        case _:
            return False
