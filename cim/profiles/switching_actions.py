"""What is done in switching: the subclasses of SwitchingAction (IEC 61968-3) that move the network.

An event says that it was done, a plan that it is to be done.  The actions that change no connection
are in `switching_steps`: only plans have them.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from cim.profile import Profile, attribute
from cim.profiles.identification import (
    ACLineSegment,
    ConductingEquipment,
    ConnectivityNode,
    IdentifiedObject,
    Name,
    PowerSystemResource,
)
from cim.profiles.operations_staff import Crew, Operator
from cim.profiles.phases import PhaseCode


class SwitchActionKind(StrEnum):
    """What is done to a switch."""

    CLOSE = "close"
    DISABLE_RECLOSING = "disableReclosing"
    ENABLE_RECLOSING = "enableReclosing"
    OPEN = "open"


class TagActionKind(StrEnum):
    """What is done with a tag."""

    PLACE = "place"
    REMOVE = "remove"
    VERIFY = "verify"


class TempEquipActionKind(StrEnum):
    """What is done with equipment that is there for a time only.

    Placed and removed are the clamps, connected and disconnected what hangs on them; both pairs
    change whether it conducts.
    """

    CONNECT = "connect"
    DISCONNECT = "disconnect"
    PLACE = "place"
    REMOVE = "remove"


class SwitchingAction(Profile):
    """What every action says: which, when, on which phases.

    `kind` stands here for its place in the XML; each action declares it with its own values.
    """

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the action.", default=None)
    description: str | None = attribute(
        "IdentifiedObject.description", "The action in words, as a crew is told it.", default=None
    )
    executed_date_time: datetime | None = attribute(
        "SwitchingAction.executedDateTime", "When it was done.", default=None
    )
    issued_date_time: datetime | None = attribute(
        "SwitchingAction.issuedDateTime", "When the crew was told to do it.", default=None
    )
    kind: StrEnum = attribute("SwitchingAction.kind", "What is done.")
    phases: PhaseCode | None = attribute(
        "SwitchingAction.phases", "The poles that move; all of them when left out.", default=None
    )
    planned_date_time: datetime | None = attribute(
        "SwitchingAction.plannedDateTime", "For when it is planned.", default=None
    )


class Terminal(Profile):
    """Where equipment meets a node.

    A jumper that crosses phases says so by other phases at its other terminal.
    """

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the terminal.", default=None
    )
    phases: PhaseCode | None = attribute(
        "Terminal.phases", "Phases connected here; those of the action when left out.", default=None
    )
    sequence_number: int | None = attribute(
        "ACDCTerminal.sequenceNumber", "Which end of the equipment it is, from 1.", default=None
    )
    connectivity_node: ConnectivityNode | None = attribute(
        "Terminal.ConnectivityNode", "The node it is connected to.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the terminal.", default=()
    )


class Switch(Profile):
    """The switch, by mRID or by name."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the switch.", default=None)
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the switch.", default=()
    )


class SwitchAction(SwitchingAction):
    """One action on one switch."""

    kind: SwitchActionKind = attribute("SwitchAction.kind", "What is done.")
    crew: tuple[Crew, ...] = attribute("SwitchingAction.Crew", "Crews that do it.", default=())
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the action.", default=()
    )
    operated_switch: Switch = attribute("SwitchAction.OperatedSwitch", "The switch.")
    operator: Operator | None = attribute(
        "SwitchingAction.Operator", "The operator who answers for it.", default=None
    )


class OperationalTag(Profile):
    """A tag on a part of the power system, such as a hold or a do-not-operate."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the tag.", default=None)
    author_name: str | None = attribute("Document.authorName", "Who wrote it.", default=None)
    comment: str | None = attribute("Document.comment", "Free text on it.", default=None)
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When it was written.", default=None
    )
    description: str | None = attribute(
        "IdentifiedObject.description", "What the tag says.", default=None
    )
    type: str | None = attribute(
        "Document.type", "The utility's own kind of tag, e.g. a hold.", default=None
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the tag.", default=())
    power_system_resource: PowerSystemResource | None = attribute(
        "OperationalTag.PowerSystemResource", "What it hangs on.", default=None
    )


class TagAction(SwitchingAction):
    """A tag is placed, removed or found to hang."""

    kind: TagActionKind = attribute("TagAction.kind", "What is done.")
    crew: tuple[Crew, ...] = attribute("SwitchingAction.Crew", "Crews that do it.", default=())
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the action.", default=()
    )
    operational_tag: OperationalTag = attribute("TagAction.OperationalTag", "The tag.")
    operator: Operator | None = attribute(
        "SwitchingAction.Operator", "The operator who answers for it.", default=None
    )


class Ground(IdentifiedObject):
    """A portable earth, by mRID or by name, and where it is fastened."""

    terminals: tuple[Terminal, ...] = attribute(
        "ConductingEquipment.Terminals", "Its connection to a node.", default=()
    )


class GroundAction(SwitchingAction):
    """Equipment is earthed, or an earth taken away.

    The place is the node of the ground's terminal; else the equipment, at all its nodes; else the
    line segment along which it was fastened.
    """

    kind: TempEquipActionKind = attribute("GroundAction.kind", "What is done.")
    along_acline_segment: ACLineSegment | None = attribute(
        "GroundAction.AlongACLineSegment", "The segment along which it is fastened.", default=None
    )
    crew: tuple[Crew, ...] = attribute("SwitchingAction.Crew", "Crews that do it.", default=())
    ground: Ground | None = attribute("GroundAction.Ground", "The earth itself.", default=None)
    grounded_equipment: ConductingEquipment | None = attribute(
        "GroundAction.GroundedEquipment", "The equipment that is earthed by it.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the action.", default=()
    )
    operator: Operator | None = attribute(
        "SwitchingAction.Operator", "The operator who answers for it.", default=None
    )


class Jumper(IdentifiedObject):
    """A temporary connection, by mRID or by name, and what it connects."""

    terminals: tuple[Terminal, ...] = attribute(
        "ConductingEquipment.Terminals", "Its two ends.", default=()
    )


class JumperAction(SwitchingAction):
    """Two places are connected by a jumper, or are so no longer.

    The places are the nodes of its two terminals; else the pieces of equipment, which must then
    leave no doubt at which node of each.
    """

    kind: TempEquipActionKind = attribute("JumperAction.kind", "What is done.")
    acline_segments: tuple[ACLineSegment, ...] = attribute(
        "JumperAction.ACLineSegments", "Segments along which it is fastened.", default=()
    )
    crew: tuple[Crew, ...] = attribute("SwitchingAction.Crew", "Crews that do it.", default=())
    jumped_equipments: tuple[ConductingEquipment, ...] = attribute(
        "JumperAction.JumpedEquipments", "Equipment that it connects or bridges.", default=()
    )
    jumper: Jumper | None = attribute("JumperAction.Jumper", "The jumper itself.", default=None)
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the action.", default=()
    )
    operator: Operator | None = attribute(
        "SwitchingAction.Operator", "The operator who answers for it.", default=None
    )


class Cut(Profile):
    """A place where a line segment is cut, by mRID or by name."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the cut.", default=None)
    length_from_terminal1: float | None = attribute(
        "Cut.lengthFromTerminal1",
        "How far from the first end of the segment.",
        unit="m",
        default=None,
    )
    acline_segment: ACLineSegment | None = attribute(
        "Cut.ACLineSegment", "The segment that is cut.", default=None
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the cut.", default=())


class CutAction(SwitchingAction):
    """A line segment is cut, or joined again."""

    kind: TempEquipActionKind = attribute("CutAction.kind", "What is done.")
    crew: tuple[Crew, ...] = attribute("SwitchingAction.Crew", "Crews that do it.", default=())
    cut: Cut = attribute("CutAction.Cut", "The cut.")
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the action.", default=()
    )
    operator: Operator | None = attribute(
        "SwitchingAction.Operator", "The operator who answers for it.", default=None
    )


class EnergySource(IdentifiedObject):
    """A source, by mRID or by name; a mobile one with the node it feeds."""

    terminals: tuple[Terminal, ...] = attribute(
        "ConductingEquipment.Terminals", "Its connection to a node.", default=()
    )


class EnergySourceAction(SwitchingAction):
    """A source, such as a mobile generator, is connected or taken away."""

    kind: TempEquipActionKind = attribute("EnergySourceAction.kind", "What is done.")
    crew: tuple[Crew, ...] = attribute("SwitchingAction.Crew", "Crews that do it.", default=())
    energy_source: EnergySource = attribute("EnergySourceAction.EnergySource", "The source.")
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the action.", default=()
    )
    operator: Operator | None = attribute(
        "SwitchingAction.Operator", "The operator who answers for it.", default=None
    )


class EnergyConsumer(IdentifiedObject):
    """A load, by mRID or by name."""


class EnergyConsumerAction(SwitchingAction):
    """A load is connected to its terminal, or disconnected from it."""

    kind: TempEquipActionKind = attribute("EnergyConsumerAction.kind", "What is done.")
    crew: tuple[Crew, ...] = attribute("SwitchingAction.Crew", "Crews that do it.", default=())
    energy_consumer: EnergyConsumer = attribute("EnergyConsumerAction.EnergyConsumer", "The load.")
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the action.", default=()
    )
    operator: Operator | None = attribute(
        "SwitchingAction.Operator", "The operator who answers for it.", default=None
    )
