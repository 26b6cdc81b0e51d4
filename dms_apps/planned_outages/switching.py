"""What is switched for a planned outage, and who has no supply then."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cim.message import Header, Kind, Message, Verb
from cim.network import Network
from cim.profile import Profile
from cim.profiles.identification import Name, PowerSystemResource
from cim.profiles.phases import PhaseCode
from cim.profiles.planned_outages import PlannedOutage
from cim.profiles.psr_events import PSREvent, PSREventKind, PSREvents
from cim.profiles.switching_actions import Switch, SwitchAction, SwitchActionKind
from cim.profiles.switching_events import SwitchingEvent, SwitchingEvents
from cim.violation import Refusal
from dms_apps.planned_outages.plan import Deed, DeedKind

UNKNOWN, RULE, MISSING = "2.15", "6.1", "5.8"
_MANY = 500  # usage points, from which it is quicker to look at all there are
_EVER = datetime.max.replace(tzinfo=UTC)
_MOVES = {SwitchActionKind.OPEN: DeedKind.OPEN, SwitchActionKind.CLOSE: DeedKind.CLOSE}

_MOVED = {DeedKind.OPEN: "opened", DeedKind.CLOSE: "closed"}


@dataclass(frozen=True)
class Effect:
    """What switching does.

    lost:      usage points that are not supplied on all their phases then.
    served:    usage points below what is opened.
    still_fed: equipment that should be without supply, and is not.
    """

    lost: frozenset[str]
    served: int
    still_fed: tuple[str, ...] = ()


def found(network: Network, mrid: str | None, names: Sequence[Name], field: str) -> str:
    """The mRID of equipment.  Raises: Refusal naming `field`, when it is not in the network."""
    said = mrid or (names[0].name if names else "")
    if mrid and network.knows(mrid) and network.is_equipment(mrid):
        return network.equipment(mrid).mrid
    for name in names:
        try:
            return network.equipment_named(name.name).mrid
        except KeyError:
            continue
    rule = f"{field} {said!r}: the network has no such equipment, or several of that name"
    raise Refusal.of(UNKNOWN, rule, value=said)


def called(network: Network, mrid: str) -> str:
    """Equipment for people: kind, name and mRID."""
    if not network.knows(mrid):
        return mrid
    one = network.equipment(mrid)
    return f"{one.cim_class} {one.name} ({mrid})" if one.name else f"{one.cim_class} {mrid}"


def equipment(network: Network, one: PlannedOutage, outage: str) -> tuple[str, ...]:
    """What is to be without supply, by mRID.  Raises: Refusal."""
    field = f"PlannedOutage {outage}, Outage.Equipments"
    return tuple(found(network, e.mrid, e.names, field) for e in one.equipments)


def deeds(network: Network, one: PlannedOutage, outage: str) -> tuple[Deed, ...]:
    """What is switched at the begin: of each switch its first action, the devices that isolate, or
    else what isolates the equipment.

    Raises: Refusal.
    """
    made: dict[str, Deed] = {}
    actions = sorted(one.planned_switch_actions, key=lambda a: a.planned_date_time or _EVER)
    for action in actions:
        if kind := _MOVES.get(action.kind):
            field = f"PlannedOutage {outage}, Outage.PlannedSwitchActions"
            switch = found(
                network, action.operated_switch.mrid, action.operated_switch.names, field
            )
            if not _is_switch(network, switch):
                rule = (
                    f"{field}: {called(network, switch)} is no switch, it cannot be {_MOVED[kind]}"
                )
                raise Refusal.of(RULE, rule, value=switch)
            made.setdefault(switch, Deed(switch, kind, _phases(action.phases)))
    for device in one.outage_isolation_equipment:
        field = f"PlannedOutage {outage}, Outage.OutageIsolationEquipment"
        mrid = found(network, device.mrid, device.names, field)
        made.setdefault(
            mrid, Deed(mrid, DeedKind.OPEN if _is_switch(network, mrid) else DeedKind.OUT)
        )
    if not made and one.equipments:
        made = _isolating(network, one, outage)
    if not made:
        rule = (
            f"PlannedOutage {outage}: Outage.OutageIsolationEquipment, Outage.Equipments or"
            " Outage.PlannedSwitchActions must say what is switched"
        )
        raise Refusal.of(MISSING, rule)
    return tuple(d._replace(moves=not _is_done(network, d)) for d in made.values())


def _isolating(network: Network, one: PlannedOutage, outage: str) -> dict[str, Deed]:
    """What isolates equipment that is to be without supply."""
    isolation = network.isolation_points(*equipment(network, one, outage))
    if isolation.sources:
        names = ", ".join(called(network, source) for source in sorted(isolation.sources))
        rule = f"PlannedOutage {outage}, Outage.Equipments: no switch parts it from {names}"
        raise Refusal.of(RULE, rule)
    if not isolation.open and not isolation.keep_open:
        rule = f"PlannedOutage {outage}, Outage.Equipments: no switch is found that isolates it"
        raise Refusal.of(RULE, rule)
    return {
        mrid: Deed(mrid, DeedKind.OPEN) for mrid in sorted(isolation.open | isolation.keep_open)
    }


def after(network: Network, done: Iterable[Deed]) -> Network:
    """The network as it would be."""
    events: list[SwitchingEvent] = []
    out: list[PSREvent] = []
    for deed in done:
        if deed.kind is DeedKind.OUT:
            resource = PowerSystemResource(mrid=deed.device)
            out.append(PSREvent(kind=PSREventKind.OUT_OF_SERVICE, power_system_resource=resource))
        else:
            action = SwitchAction(
                kind=SwitchActionKind(deed.kind),
                phases=PhaseCode(deed.phases) if deed.phases else None,
                operated_switch=Switch(mrid=deed.device),
            )
            events.append(SwitchingEvent(switching_action=action))
    if events:
        network = network.after(_event(SwitchingEvents(switching_event=tuple(events))))
    return network.after(_event(PSREvents(psrevent=tuple(out)))) if out else network


def effect(network: Network, done: Sequence[Deed], dead: Sequence[str] = ()) -> Effect:
    """What switching does; `dead`: equipment that is to be without supply.

    Who has no other supply loses it, also one who has none now for another reason.
    Raises: KeyError for a device that the network does not have.
    """
    then = after(network, done)
    area = below(network, done)
    return Effect(
        lost=without(then, area),
        served=len(area),
        still_fed=tuple(one for one in dead if then.energised_phases(one)),
    )


def below(network: Network, done: Iterable[Deed]) -> frozenset[str]:
    """The usage points supplied through what is opened.  Raises: KeyError."""
    opened = (deed.device for deed in done if deed.kind is not DeedKind.CLOSE)
    return frozenset().union(*(network.usage_points_below(device) for device in opened))


def without(network: Network, points: Collection[str]) -> frozenset[str]:
    """Those of the usage points that have no supply on all their phases."""
    if len(points) > _MANY:
        return frozenset(network.dead_usage_points).intersection(points)
    return frozenset(p for p in points if network.knows(p) and not network.is_energised(p))


def opened(network: Network, done: Iterable[Deed]) -> Iterator[str]:
    """Those of the devices to be opened that are, by mRID; of what was open before, none.

    Where nothing moves at all, all of them.  Raises: KeyError.
    """
    parting = [deed for deed in done if deed.kind is not DeedKind.CLOSE]
    telling = [deed for deed in parting if deed.moves] or parting
    return (deed.device for deed in telling if _is_done(network, deed))


def _is_done(network: Network, deed: Deed) -> bool:
    if deed.kind is DeedKind.OUT:
        return not network.in_service(deed.device)
    closed = network.switch_closed(deed.device)
    poles = frozenset(deed.phases) & closed if deed.phases else closed
    return bool(poles) if deed.kind is DeedKind.CLOSE else not poles


def _is_switch(network: Network, mrid: str) -> bool:
    try:
        network.switch_closed(mrid)
    except KeyError:
        return False
    return True


def _phases(code: PhaseCode | None) -> str:
    """Poles by letter; what names other phases than A, B and C moves all of them."""
    letters = str(code or "").replace("N", "")
    return letters if letters and set(letters) <= set("ABC") else ""


def _event(payload: Profile) -> Message:
    header = Header(verb=Verb.CREATED, noun=type(payload).__name__)
    return Message(header=header, kind=Kind.EVENT, payload=payload)
