"""A storm over a network of many feeders, of which it is known what truly happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from cim.message import Header, Kind, Message, Verb
from cim.profile import Profile, Reference
from cim.profiles.end_device_events import EndDeviceEvent, EndDeviceEvents
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.premises import ServiceLocation
from cim.profiles.switching_events import (
    Switch,
    SwitchAction,
    SwitchActionKind,
    SwitchingEvent,
    SwitchingEvents,
)
from cim.profiles.trouble_tickets import TroubleTicket, TroubleTickets

DELIVERY = 0.9
"""Share of the last gasps that get through."""

_LOST, _RESTORED = Reference("3.26.0.85"), Reference("3.26.0.216")
_SHARES = {"breaker": 0.8, "recloser": 0.178, "fuse": 0.02, "transformer": 0.002}
"""Of all that go dark, below which kind of device."""


def said(payload: Profile, identity: str, source: str) -> Message:
    """An event as its source sends it."""
    header = Header(
        verb=Verb.CREATED, noun=type(payload).__name__, source=source, message_id=identity
    )
    return Message(header=header, kind=Kind.EVENT, payload=payload)


@dataclass(frozen=True)
class Zone:
    """Devices one of which may open.

    opens: kind of device -> each of them, and the usage points below it, by number.
    name:  the mRID of a number.
    """

    opens: Mapping[str, Sequence[tuple[int, Sequence[int]]]]
    name: Callable[[int], str]


@dataclass(frozen=True)
class Storm:
    """What happens, and what is heard of it.

    devices: the devices that truly open.
    dark:    the usage points below them.
    gasps:   seconds after the beginning at which a last gasp is sent, and the usage point.
    calls:   the same of calls.
    """

    devices: frozenset[str]
    dark: frozenset[str]
    gasps: Sequence[tuple[float, str]]
    calls: Sequence[tuple[float, str]]


def storm(
    zones: Sequence[Zone], dark: int, calls: int, seconds: float = 60.0, seed: int = 7
) -> Storm:
    """A storm in which some `dark` usage points go dark and so many of their customers call.

    In each zone at most one device opens.
    """
    random = Random(seed)  # noqa: S311
    order = random.sample(range(len(zones)), len(zones))
    devices, gasps, out = set[str](), list[tuple[float, str]](), list[tuple[float, str]]()
    for kind, share in _SHARES.items():
        left = dark * share
        for number in [one for one in order if kind in zones[one].opens]:
            device, below = random.choice(zones[number].opens[kind])
            if left < len(below) / 2:
                continue
            order.remove(number)
            points = [zones[number].name(point) for point in below]
            devices.add(zones[number].name(device))
            at = random.uniform(0.0, seconds * 0.8)
            out += [(at, point) for point in points]
            heard = [point for point in points if random.random() < DELIVERY]
            gasps += [(at + random.uniform(0.0, seconds * 0.2), point) for point in heard]
            left -= len(points)
    called = random.sample(out, min(calls, len(out)))
    rung = [(at + random.uniform(0.0, seconds - at), point) for at, point in called]
    dark_ones = frozenset(point for _, point in out)
    return Storm(frozenset(devices), dark_ones, sorted(gasps), sorted(rung))


def meters(
    words: Sequence[tuple[datetime, str]], number: int, *, restored: bool = False
) -> Message:
    """One message of the head-end: that so many usage points lost power, or have it again, then."""
    code = _RESTORED if restored else _LOST
    events = tuple(
        EndDeviceEvent(
            created_date_time=at, end_device_event_type=code, usage_point=UsagePoint(mrid=point)
        )
        for at, point in words
    )
    return said(EndDeviceEvents(end_device_event=events), f"meters-{number}", "ami")


def switched(device: str, at: datetime, kind: SwitchActionKind = SwitchActionKind.OPEN) -> Message:
    """A switch has moved, says SCADA."""
    action = SwitchAction(kind=kind, executed_date_time=at, operated_switch=Switch(mrid=device))
    event = SwitchingEvent(created_date_time=at, switching_action=action)
    identity = f"{kind.value}-{device}-{at.isoformat()}"
    return said(SwitchingEvents(switching_event=(event,)), identity, "scada")


def call(point: str, at: datetime, number: int) -> Message:
    """One call of a customer."""
    ticket = TroubleTicket(
        mrid=str(UUID(int=99 << 96 | 0x4000_8000 << 48 | number)),
        date_time_of_report=at,
        names=(Name(name=f"call-{number}"),),
        service_location=ServiceLocation(usage_points=(UsagePoint(mrid=point),)),
    )
    return said(TroubleTickets(trouble_ticket=(ticket,)), f"call-{number}", "ivr")
