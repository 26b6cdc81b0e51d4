"""Networks drawn line by line, what happens to them in words, and what the app tells of it.

A network is lines such as
    feeder F1
    source S1 a
    switch B1 a b ABC @F1
    switch TIE b c open
    earthing_switch GD c e open
    line L1 b c A
    consumer H1 c A        (with usage point "P-H1")
and what happens is said as "open B1", "close B1 A", "earth c", "jumper J1 b c", "cut L1", "out L1",
"generator G1 c", "disconnect H1", "tag B1"; "un..." takes an earth, jumper, cut, generator away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from cim.message import Header, Kind, Message, Outgoing, Verb
from cim.network import Network
from cim.profile import Profile
from cim.profiles.connectivity_changes import ConnectivityChange, ConnectivityChanges
from cim.profiles.identification import (
    ACLineSegment,
    ConnectivityNode,
    PowerSystemResource,
)
from cim.profiles.phases import PhaseCode
from cim.profiles.psr_events import PSREvent, PSREventKind, PSREvents
from cim.profiles.switching_actions import (
    Cut,
    CutAction,
    EnergyConsumer,
    EnergyConsumerAction,
    EnergySource,
    EnergySourceAction,
    Ground,
    GroundAction,
    Jumper,
    JumperAction,
    OperationalTag,
    Switch,
    SwitchAction,
    SwitchActionKind,
    SwitchingAction,
    TagAction,
    TagActionKind,
    TempEquipActionKind,
    Terminal,
)
from cim.profiles.switching_events import SwitchingEvent, SwitchingEvents
from dms_apps.network_connectivity import NetworkConnectivityApp
from tests.cim.network.drawing import Drawing, model

MORNING = datetime(2026, 1, 15, 10, tzinfo=UTC)


def drawn(text: str) -> Drawing:
    """The network of these lines."""
    drawing = Drawing()
    for line in filter(None, map(str.strip, text.splitlines())):
        kind, name, *words = line.split()
        feeder = next((word[1:] for word in words if word.startswith("@")), "")
        opened = "open" in words
        nodes = [word for word in words if word.islower() and word not in ("open", "s1", "s2")]
        poles = next((word for word in words if word.isalpha() and word.isupper()), "")
        inside = {"Equipment__EquipmentContainer": f"#_{feeder}"} if feeder else {}
        match kind:
            case "feeder":
                drawing.thing("Feeder", name, IdentifiedObject__name=f"{name} name")
            case "source":
                drawing.equipment("EnergySource", name, nodes, **inside)
            case "switch":
                both = {"opened": opened, "normally_open": opened}
                drawing.switch(name, *nodes, poles, **both, **inside)  # type: ignore[arg-type]
            case "earthing_switch":
                drawing.switch(name, *nodes, kind="GroundDisconnector", opened=opened)
            case "line":
                start, end = nodes
                drawing.line(name, start, end, poles)
            case "consumer":
                drawing.consumer(name, nodes[0], poles).usage_point(f"P-{name}", name)
            case _:
                raise AssertionError(line)
    return drawing


def happens(text: str, number: int = 1) -> Message:
    """The message that says so; its id is `number`."""
    verb, name, *words = text.split()
    payload: Profile
    if verb in ("out", "in"):
        kind = PSREventKind.OUT_OF_SERVICE if verb == "out" else PSREventKind.IN_SERVICE
        thing = PowerSystemResource(mrid=name)
        payload = PSREvents(psrevent=(PSREvent(kind=kind, power_system_resource=thing),))
    else:
        field, action = _action(verb, name, words)
        one = SwitchingEvent(created_date_time=MORNING, **{field: action})  # type: ignore[arg-type]
        payload = SwitchingEvents(switching_event=(one,))
    return identified(payload, number)


def identified(payload: Profile, number: int, verb: Verb = Verb.CREATED) -> Message:
    header = Header(
        verb=verb,
        noun=type(payload).__name__,
        source="ops",
        message_id=f"message {number:03}",
        timestamp=MORNING,
    )
    return Message(header=header, kind=Kind.of(verb), payload=payload)


def loaded(drawing: Drawing, number: int = 0) -> Message:
    """The message that brings a drawing."""
    payload = model("drawing", drawing.document()).payload
    assert isinstance(payload, Profile)
    return identified(payload, number)


def _action(verb: str, name: str, words: list[str]) -> tuple[str, SwitchingAction]:
    gone = verb.startswith("un") or verb == "disconnect"
    temporary = TempEquipActionKind.REMOVE if gone else TempEquipActionKind.PLACE
    code = next((PhaseCode(word) for word in words if word.isupper()), None)
    nodes = [word for word in words if word.islower()]
    ends = tuple(Terminal(connectivity_node=ConnectivityNode(mrid=node)) for node in nodes)
    match verb.removeprefix("un"):
        case "open" | "close":
            kind = SwitchActionKind(verb)
            switch = Switch(mrid=name)
            return "switching_action", SwitchAction(kind=kind, operated_switch=switch, phases=code)
        case "earth":
            where = Terminal(connectivity_node=ConnectivityNode(mrid=name))
            ground = Ground(mrid=f"earth at {name}", terminals=(where,))
            return "ground_action", GroundAction(kind=temporary, ground=ground, phases=code)
        case "jumper":
            jumper = Jumper(mrid=name, terminals=ends)
            return "jumper_action", JumperAction(kind=temporary, jumper=jumper, phases=code)
        case "cut":
            cut = Cut(mrid=f"cut of {name}", acline_segment=ACLineSegment(mrid=name))
            return "cut_action", CutAction(kind=temporary, cut=cut, phases=code)
        case "generator":
            source = EnergySource(mrid=name, terminals=ends)
            return "energy_source_action", EnergySourceAction(kind=temporary, energy_source=source)
        case "connect" | "disconnect":
            load = EnergyConsumer(mrid=name)
            return "energy_consumer_action", EnergyConsumerAction(
                kind=TempEquipActionKind(verb), energy_consumer=load
            )
        case "tag":
            tag = OperationalTag(mrid=f"tag on {name}", type="hold")
            return "tag_action", TagAction(kind=TagActionKind.PLACE, operational_tag=tag)
    raise AssertionError(verb)


@dataclass
class Turn:
    """One message handed to the app (`hub.interfaces.Context`)."""

    before: Network
    after: Network
    now: datetime = MORNING

    @property
    def network(self) -> Network:
        return self.after

    @property
    def connection(self) -> sa.Connection:
        raise AssertionError("the app keeps no state")

    def wake_at(self, when: datetime) -> None:
        raise AssertionError(f"the app needs no wake at {when}")


class Run:
    """The app on a network that it is not told of; each message is handed to it twice."""

    def __init__(self, network: Network, app: NetworkConnectivityApp | None = None) -> None:
        self.network = network
        self.app = app or NetworkConnectivityApp()
        self.number = 0

    def play(self, text: str) -> tuple[ConnectivityChange, ...]:
        """What it tells of what happens."""
        self.number += 1
        return self.hand(happens(text, self.number))

    def hand(self, message: Message) -> tuple[ConnectivityChange, ...]:
        turn = Turn(self.network, self.network.after(message))
        self.network = turn.after
        said = list(self.app.handle(message, turn))
        assert list(self.app.handle(message, turn)) == said
        assert [one.external_id for one in said] == [message.header.message_id][: len(said)]
        return tuple(change for one in said for change in changes(one))


def changes(said: Outgoing) -> tuple[ConnectivityChange, ...]:
    """What one message tells."""
    assert said.verb is Verb.CREATED
    assert isinstance(said.payload, ConnectivityChanges)
    return said.payload.connectivity_change


def plain(change: ConnectivityChange) -> dict[str, Any]:
    """A change as the case files write it; what is empty is left out."""
    ids: Callable[[Any], Any] = lambda things: sorted(t.mrid or t.names[0].name for t in things)  # noqa: E731
    one: Callable[[Any], Any] = lambda thing: thing.mrid if thing else ""  # noqa: E731
    found = {
        "kind": change.kind.value,
        "phases": change.phases.value if change.phases else "",
        "nodes": change.node_count,
        "equipment": ids(change.equipments),
        "usage_points": ids(change.usage_points),
        "node": one(change.connectivity_node),
        "switches": [switch.mrid for switch in change.switches],
        "feeder": one(change.feeder),
        "feed_point": one(change.feed_point),
        "previous_feeder": one(change.previous_feeder),
        "previous_feed_point": one(change.previous_feed_point),
        "description": change.description,
    }
    return {key: value for key, value in found.items() if value}
