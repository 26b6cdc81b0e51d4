"""SwitchingEvents (IEC 61968-3): switching was done, asked for or not."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import Status
from cim.profiles.identification import Name
from cim.profiles.phases import PhaseCode
from cim.profiles.switching_actions import (
    CutAction,
    EnergyConsumerAction,
    EnergySourceAction,
    GroundAction,
    JumperAction,
    Switch,
    SwitchAction,
    SwitchActionKind,
    SwitchingAction,
    TagAction,
)

__all__ = [
    "PhaseCode",
    "Switch",
    "SwitchAction",
    "SwitchActionKind",
    "SwitchingEvent",
    "SwitchingEvents",
]


class SwitchingEvent(Profile):
    """The completion of a switching action.

    It has one action: SwitchingAction when a switch moved, else one of the others.
    """

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the event.", default=None)
    created_date_time: datetime | None = attribute(
        "ActivityRecord.createdDateTime", "When the event was recorded.", default=None
    )
    reason: str | None = attribute(
        "ActivityRecord.reason", "Why it happened, e.g. a protection trip.", default=None
    )
    severity: str | None = attribute(
        "ActivityRecord.severity", "How severe the event is.", default=None
    )
    type: str | None = attribute("ActivityRecord.type", "Kind of event.", default=None)
    cut_action: CutAction | None = attribute(
        "SwitchingEvent.CutAction", "A line was cut or joined.", choice="action", default=None
    )
    energy_consumer_action: EnergyConsumerAction | None = attribute(
        "SwitchingEvent.EnergyConsumerAction",
        "A load was connected or disconnected.",
        choice="action",
        default=None,
    )
    energy_source_action: EnergySourceAction | None = attribute(
        "SwitchingEvent.EnergySourceAction",
        "A source was connected or disconnected.",
        choice="action",
        default=None,
    )
    ground_action: GroundAction | None = attribute(
        "SwitchingEvent.GroundAction",
        "An earth was placed or removed.",
        choice="action",
        default=None,
    )
    jumper_action: JumperAction | None = attribute(
        "SwitchingEvent.JumperAction",
        "A jumper was placed or removed.",
        choice="action",
        default=None,
    )
    tag_action: TagAction | None = attribute(
        "SwitchingEvent.TagAction", "A tag was placed or removed.", choice="action", default=None
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the event.", default=())
    status: Status | None = attribute(
        "ActivityRecord.status", "Whether the action succeeded.", default=None
    )
    switching_action: SwitchAction | None = attribute(
        "SwitchingEvent.SwitchingAction", "The switch that was operated.", default=None
    )

    @property
    def actions(self) -> tuple[SwitchingAction, ...]:
        """What was done, the switch first; one as a rule.

        The schema cannot forbid that an event has none or, besides that on a switch, another one:
        two were done in this order.
        """
        actions = (
            self.switching_action,
            self.cut_action,
            self.energy_consumer_action,
            self.energy_source_action,
            self.ground_action,
            self.jumper_action,
            self.tag_action,
        )
        return tuple(action for action in actions if action is not None)


class SwitchingEvents(
    Profile,
    namespace="urn:gridbus:61968-3:2021:SwitchingEvents#",
    standard="IEC 61968-3",
    whole=True,
    ordering=(
        "switching_event.switching_action.operated_switch.mrid",
        "switching_event.switching_action.operated_switch.names.name",
        "switching_event.ground_action.ground.mrid",
        "switching_event.ground_action.ground.names.name",
        "switching_event.ground_action.grounded_equipment.mrid",
        "switching_event.ground_action.along_acline_segment.mrid",
        "switching_event.jumper_action.jumper.mrid",
        "switching_event.jumper_action.jumper.names.name",
        "switching_event.cut_action.cut.mrid",
        "switching_event.cut_action.cut.names.name",
        "switching_event.cut_action.cut.acline_segment.mrid",
        "switching_event.energy_source_action.energy_source.mrid",
        "switching_event.energy_source_action.energy_source.names.name",
        "switching_event.energy_consumer_action.energy_consumer.mrid",
        "switching_event.energy_consumer_action.energy_consumer.names.name",
        "switching_event.tag_action.operational_tag.mrid",
        "switching_event.tag_action.operational_tag.names.name",
        "switching_event.mrid",
    ),
):
    """Switches that changed their position; earths, jumpers, cuts and tags that came or went.

    In the CIM a SwitchingEvent says that a switching action was completed, "not necessarily in
    response to a request": that fits a recloser that tripped, a switch closed by remote control and
    one operated by a crew alike, per phase.  The other candidates do not: a SwitchingOrder and a
    SwitchingPlan are intentions, a Measurement carries a raw status without the action, and the
    2021 nouns UnplannedOutages, EquipmentFaults and LineFaults are consequences or causes.

    The UML has one association to the abstract SwitchingAction.  As in the published
    EndDeviceControls, which does so with EndDeviceAction, each subclass has an element of its own;
    SwitchAction keeps the name of the association.
    """

    switching_event: tuple[SwitchingEvent, ...] = attribute(
        "SwitchingEvents.SwitchingEvent", "The events, in the order they happened."
    )
