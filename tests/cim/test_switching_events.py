"""SwitchingEvents: switches as ever, and beside them earths, jumpers, cuts, sources and tags."""

from __future__ import annotations

import pytest
from lxml import etree

from cim.message import Verb
from cim.ordering import mrids, ordering_key
from cim.parse import parse
from cim.profiles.identification import (
    ACLineSegment,
    ConductingEquipment,
    ConnectivityNode,
    Name,
    PowerSystemResource,
)
from cim.profiles.phases import PhaseCode
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
from cim.schema.xsd import noun_xsd
from cim.xml import decode, encode
from tests.cim.network.drawing import event as message_of

PLACE = TempEquipActionKind.PLACE

# As it was written before there were other actions.
SWITCHED = (
    '<SwitchingEvents xmlns="urn:gridbus:61968-3:2021:SwitchingEvents#">'
    "<SwitchingEvent><mRID>e1</mRID><createdDateTime>2026-01-15T10:00:00Z</createdDateTime>"
    "<reason>trip</reason><Names><name>event 1</name></Names><status><value>done</value></status>"
    "<SwitchingAction><mRID>a1</mRID><executedDateTime>2026-01-15T09:59:58Z</executedDateTime>"
    "<issuedDateTime>2026-01-15T09:00:00Z</issuedDateTime><kind>open</kind><phases>AB</phases>"
    "<plannedDateTime>2026-01-15T09:30:00Z</plannedDateTime><Names><name>step 1</name></Names>"
    "<OperatedSwitch><mRID>s1</mRID><Names><name>SW 1</name></Names></OperatedSwitch>"
    "</SwitchingAction></SwitchingEvent></SwitchingEvents>"
)


def test_a_switch_travels_as_ever() -> None:
    root = parse(SWITCHED.encode())
    schema().assertValid(root)

    assert etree.tostring(encode(decode(root))).decode() == SWITCHED


def schema() -> etree.XMLSchema:
    return etree.XMLSchema(parse(noun_xsd(SwitchingEvents)))


def at(node: str, phases: str | None = None) -> Terminal:
    return Terminal(
        connectivity_node=ConnectivityNode(mrid=node), phases=PhaseCode(phases) if phases else None
    )


SWITCH = SwitchAction(kind=SwitchActionKind.OPEN, operated_switch=Switch(mrid="s1"))
CUT = CutAction(kind=PLACE, cut=Cut(mrid="c1", acline_segment=ACLineSegment(mrid="l1")))
GROUND = GroundAction(kind=PLACE, ground=Ground(mrid="g1", terminals=(at("n1"),)))
ON_EQUIPMENT = GroundAction(kind=PLACE, grounded_equipment=ConductingEquipment(mrid="t1"))
JUMPER = JumperAction(
    kind=PLACE, jumper=Jumper(names=(Name(name="J 1"),), terminals=(at("n1", "A"), at("n2", "B")))
)
SOURCE = EnergySourceAction(
    kind=PLACE, energy_source=EnergySource(mrid="gen", terminals=(at("n3"),))
)
LOAD = EnergyConsumerAction(
    kind=TempEquipActionKind.DISCONNECT, energy_consumer=EnergyConsumer(mrid="load")
)
TAG = TagAction(
    kind=TagActionKind.PLACE,
    operational_tag=OperationalTag(
        mrid="tag", type="hold", power_system_resource=PowerSystemResource(mrid="s1")
    ),
)
OTHERS: dict[str, SwitchingAction] = {
    "cut_action": CUT,
    "energy_consumer_action": LOAD,
    "energy_source_action": SOURCE,
    "ground_action": GROUND,
    "jumper_action": JUMPER,
    "tag_action": TAG,
}


@pytest.mark.parametrize("name", OTHERS)
def test_each_other_action_travels_alone(name: str) -> None:
    one = SwitchingEvent(**{name: OTHERS[name]})  # type: ignore[arg-type]
    events = SwitchingEvents(switching_event=(one,))
    root = encode(events)

    schema().assertValid(root)
    assert decode(root) == events
    assert one.actions == (OTHERS[name],)


def test_two_others_in_one_event_are_refused_by_the_schema() -> None:
    one = SwitchingEvent(cut_action=CUT, ground_action=GROUND)
    assert not schema().validate(encode(SwitchingEvents(switching_event=(one,))))


def test_a_switch_and_another_action_were_done_in_this_order() -> None:
    one = SwitchingEvent(switching_action=SWITCH, tag_action=TAG)
    schema().assertValid(encode(SwitchingEvents(switching_event=(one,))))
    assert one.actions == (SWITCH, TAG)


def test_an_event_may_say_nothing_was_done() -> None:
    assert SwitchingEvent(mrid="e1").actions == ()


@pytest.mark.parametrize(
    ("event", "key", "mentioned"),
    [
        (SwitchingEvent(cut_action=CUT), "c1", {"c1", "l1"}),
        (SwitchingEvent(ground_action=GROUND), "g1", {"g1", "n1"}),
        (SwitchingEvent(ground_action=ON_EQUIPMENT), "t1", {"t1"}),
        (SwitchingEvent(jumper_action=JUMPER), "J 1", {"n1", "n2"}),
        (SwitchingEvent(energy_source_action=SOURCE), "gen", {"gen", "n3"}),
        (SwitchingEvent(energy_consumer_action=LOAD), "load", {"load"}),
        (SwitchingEvent(tag_action=TAG), "tag", {"tag", "s1"}),
        (SwitchingEvent(mrid="e1"), "e1", {"e1"}),
    ],
)
def test_what_comes_and_goes_is_kept_in_order(
    event: SwitchingEvent, key: str, mentioned: set[str]
) -> None:
    message = message_of(Verb.CREATED, SwitchingEvents(switching_event=(event,)))
    assert ordering_key(message) == key
    assert mrids(message) == mentioned
