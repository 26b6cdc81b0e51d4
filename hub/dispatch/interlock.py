"""Whether a control may be carried out, by the network as operated: asked when the request comes,
and again right before the device is told.

Any control is refused that nobody here carries out, or none who would can say to the devices'
system, one for devices of several systems, and one of a context other than that of the hub.

Rules of Controls, each of which is certain; what the network does not know is refused, never
assumed:

- a request holds one control, of a device that a model describes;
- nobody operates what a tag hangs on, whatever the tag's kind (OSHA 1910.269(m): tags are binding);
- a switch takes 0 (open) and 1 (closed), and no set point;
- no switch is closed onto a section that is earthed, no ground disconnector where there is supply;
- a Disconnector opens only what carries negligible current (IEC 61970-301, Wires): none that
  usage points or loads have their supply through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

from cim.message import Header, Kind, Message, Verb
from cim.network import Network
from cim.network.changes import changed
from cim.network.classes import GROUND_DISCONNECTOR, SWITCHES
from cim.profiles.controls import Command, Controls, SetPoint
from cim.profiles.switching_actions import SwitchActionKind
from cim.profiles.switching_events import Switch, SwitchAction, SwitchingEvent, SwitchingEvents
from cim.violation import Refusal
from hub.dispatch import controls
from hub.dispatch.sending import records
from hub.interfaces import Outbound
from hub.message_channel import Subscription

RULE, INVALID, INVALID_VERB, NOBODY, UNKNOWN = "6.1", "1.8", "2.9", "2.5", "5.7"
_WHERE = "/RequestMessage/Payload/Controls"
_REAL = ("", "PRODUCTION")  # contexts that are those of every hub
_LOADS = frozenset({"EnergyConsumer", "ConformLoad", "NonConformLoad", "StationSupply"})
_SHOWN = 3


class Followed(Protocol):
    """The network as operated (`hub.dispatch.live.Live`)."""

    @property
    def current(self) -> Network: ...

    def catch_up(self) -> Network: ...


class Interlock:
    """takers:  who gets a message.
    context: of the hub.
    systems: those that this process writes to, by name; of others it is told too late.
    """

    def __init__(
        self,
        live: Followed,
        takers: Callable[[Message], Sequence[Subscription]],
        context: str | None = None,
        systems: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self._live, self._takers, self._systems = live, takers, systems
        self._contexts = {*_REAL, context or ""}

    def check(self, message: Message) -> None:
        """Raises: Refusal, for a control that may not be carried out, or that nobody would."""
        if is_of_controls(message):
            self._check(message, self._live.current)
        elif controls.is_single(message):
            self._check_taken(message)
            self._check_sayable(message)

    def check_now(self, message: Message) -> None:
        """The same, by all that is committed now."""
        if is_of_controls(message):
            self._check(message, self._live.catch_up())

    def _check(self, message: Message, network: Network) -> None:
        header = message.header
        if header.verb is not Verb.CREATE:
            raise Refusal.of(INVALID_VERB, f"Controls knows no {header.verb}; its verb is create")
        self._check_taken(message)
        for rule in _broken(network, one_control(message)):
            raise Refusal.of(RULE, rule, xpath=_WHERE)

    def _check_taken(self, message: Message) -> None:
        header = message.header
        if (header.context or "") not in self._contexts:
            rule = f"a control of the context {header.context} moves no device here"
            raise Refusal.of(RULE, rule, xpath="/Header/Context", value=header.context)
        takers = self._takers(message)
        its = [one.subscriber for one in takers if one.serves is not None and one.serves(message)]
        if len(its) > 1:
            rule = f"it names devices of {' and of '.join(its)}: ask each for its own"
            raise Refusal.of(INVALID, rule)
        if not takers:
            verb = "" if header.verb is Verb.CREATE else f"{header.verb} "
            raise Refusal.of(NOBODY, f"nobody here carries out {verb}{header.noun}")

    def _check_sayable(self, message: Message) -> None:
        """Raises: Refusal, when none of those who get it can say it in the words of its system."""
        refusals: list[Refusal] = []
        for taker in self._takers(message):
            system = self._systems.get(taker.subscriber)
            if not isinstance(system, Outbound):
                return
            try:
                records(system, message)
            except Refusal as refusal:
                refusals.append(refusal)
            else:
                return
        raise Refusal(tuple(one for refusal in refusals for one in refusal.violations))


def is_of_controls(message: Message) -> bool:
    """Whether it asks for something about Controls, other than to be told of them."""
    header = message.header
    return (
        message.kind is Kind.REQUEST
        and header.verb is not Verb.GET
        and (isinstance(message.payload, Controls) or header.noun == "Controls")
    )


def one_control(message: Message) -> Command | SetPoint:
    """The control of a request.  Raises: Refusal, when it has none or more than one."""
    payload = message.payload
    found: tuple[Command | SetPoint, ...] = ()
    if isinstance(payload, Controls):
        found = (*payload.command, *payload.set_point)
    if len(found) != 1:
        rule = f"a request holds one control, whose outcome is the reply; this one {len(found)}"
        raise Refusal.of(INVALID, rule, xpath=_WHERE)
    return found[0]


def _broken(network: Network, control: Command | SetPoint) -> Iterator[str]:
    """The rules that it would break, in sentences."""
    device = _device(network, control)
    for tag in network.tags(device):
        said = ", ".join(word for word in (tag.type, tag.description) if word) or "of no kind"
        by = f" by {tag.author}" if tag.author else ""
        yield f"{device} must not be operated: the tag {tag.mrid or tag.on} ({said}){by} is on it"
    kind = network.equipment(device).cim_class
    if kind in SWITCHES:
        yield from _of_switch(network, device, kind, control)


def _device(network: Network, control: Command | SetPoint) -> str:
    """The mRID of what is controlled.  Raises: Refusal for what the network does not know."""
    resource = control.power_system_resource
    if resource.mrid:
        if network.knows(resource.mrid):
            return network.equipment(resource.mrid).mrid
        raise _unknown(resource.mrid)
    for name in resource.names:
        try:
            return network.equipment_named(name.name).mrid
        except KeyError:
            raise _unknown(name.name) from None
    raise Refusal.of(INVALID, "a control names its device by mRID or by name", xpath=_WHERE)


def _unknown(device: str) -> Refusal:
    rule = f"the network has no {device}, or several: what may happen to it cannot be told"
    return Refusal.of(UNKNOWN, rule, xpath=_WHERE, value=device)


def _of_switch(
    network: Network, switch: str, kind: str, control: Command | SetPoint
) -> Iterator[str]:
    if isinstance(control, SetPoint) or control.value not in (0, 1):
        yield f"{switch} is a {kind}: 0 opens and 1 closes it, {control.value} says nothing"
    elif kind == GROUND_DISCONNECTOR:
        yield from _of_earthing(network, switch, closes=bool(control.value))
    elif control.value:
        yield from _of_closing(network, switch)
    elif kind == "Disconnector":
        yield from _of_breaking(network, switch)


def _of_earthing(network: Network, switch: str, *, closes: bool) -> Iterator[str]:
    live = [node for node in network.nodes_of(switch) if network.energised_phases(node)]
    if closes and live:
        yield f"{switch} must not be closed: it would earth {live[0]}, which is supplied"


def _of_closing(network: Network, switch: str) -> Iterator[str]:
    poles = network.equipment(switch).phases
    for node in network.nodes_of(switch):
        earthed = network.earthed_phases(node) | network.live_earthed_phases(node)
        if found := earthed & poles if poles else earthed:
            earths = ", ".join(network.earths_at(node)) or "an earth"
            phases = ", ".join(sorted(found))
            yield f"{switch} must not be closed: {node} is earthed ({phases}) by {earths}"


def _of_breaking(network: Network, switch: str) -> Iterator[str]:
    """By what would be without supply once it is open."""
    lost = [one for one in changed(network, _opened(network, switch)) if one.kind == "deEnergised"]
    points = [point for one in lost for point in one.usage_points]
    loads = [
        mrid
        for one in lost
        for mrid in one.equipment
        if network.equipment(mrid).cim_class in _LOADS
    ]
    if found := points or loads:
        more = f" and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else ""
        named = ", ".join(sorted(found)[:_SHOWN]) + more
        yield f"{switch} must not be opened: a Disconnector breaks no load, and it carries {named}"


def _opened(network: Network, switch: str) -> Network:
    action = SwitchAction(kind=SwitchActionKind.OPEN, operated_switch=Switch(mrid=switch))
    event = SwitchingEvents(switching_event=(SwitchingEvent(switching_action=action),))
    header = Header(verb=Verb.CREATED, noun="SwitchingEvents")
    return network.after(Message(header=header, kind=Kind.EVENT, payload=event))
