"""SwitchingEvents (IEC 61968-3): a switch changed its position."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from cim.profile import Profile, attribute
from cim.profiles.compounds import Status
from cim.profiles.identification import Name


class PhaseCode(StrEnum):
    """Phases of a three-phase or split-phase circuit (IEC 61970 core)."""

    A = "A"
    AB = "AB"
    ABC = "ABC"
    ABCN = "ABCN"
    ABN = "ABN"
    AC = "AC"
    ACN = "ACN"
    AN = "AN"
    B = "B"
    BC = "BC"
    BCN = "BCN"
    BN = "BN"
    C = "C"
    CN = "CN"
    N = "N"
    X = "X"
    XN = "XN"
    XY = "XY"
    XYN = "XYN"
    NONE = "none"
    S1 = "s1"
    S12 = "s12"
    S12N = "s12N"
    S1N = "s1N"
    S2 = "s2"
    S2N = "s2N"


class SwitchActionKind(StrEnum):
    """What was done to a switch."""

    CLOSE = "close"
    DISABLE_RECLOSING = "disableReclosing"
    ENABLE_RECLOSING = "enableReclosing"
    OPEN = "open"


class Switch(Profile):
    """The switch, by mRID or by name."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the switch.", default=None)
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the switch.", default=()
    )


class SwitchAction(Profile):
    """One action on one switch."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the action.", default=None)
    executed_date_time: datetime | None = attribute(
        "SwitchingAction.executedDateTime", "When it was done.", default=None
    )
    issued_date_time: datetime | None = attribute(
        "SwitchingAction.issuedDateTime", "When the crew was told to do it.", default=None
    )
    kind: SwitchActionKind = attribute("SwitchAction.kind", "What was done.")
    phases: PhaseCode | None = attribute(
        "SwitchingAction.phases", "The poles that moved; all of them when left out.", default=None
    )
    planned_date_time: datetime | None = attribute(
        "SwitchingAction.plannedDateTime", "When it was planned.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the action.", default=()
    )
    operated_switch: Switch = attribute("SwitchAction.OperatedSwitch", "The switch.")


class SwitchingEvent(Profile):
    """The completion of a switching action, asked for or not."""

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
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the event.", default=())
    status: Status | None = attribute(
        "ActivityRecord.status", "Whether the action succeeded.", default=None
    )
    switching_action: SwitchAction = attribute(
        "SwitchingEvent.SwitchingAction", "The action that was completed."
    )


class SwitchingEvents(
    Profile,
    namespace="urn:gridbus:61968-3:2021:SwitchingEvents#",
    standard="IEC 61968-3",
    ordering=(
        "switching_event.switching_action.operated_switch.mrid",
        "switching_event.switching_action.operated_switch.names.name",
        "switching_event.mrid",
    ),
):
    """Switches that changed their position.

    In the CIM a SwitchingEvent says that a switching action was completed, "not necessarily in
    response to a request": that fits a recloser that tripped, a switch closed by remote control and
    one operated by a crew alike, per phase.  The other candidates do not: a SwitchingOrder and a
    SwitchingPlan are intentions, a Measurement carries a raw status without the action, and the
    2021 nouns UnplannedOutages, EquipmentFaults and LineFaults are consequences or causes.  Of the
    subclasses of SwitchingAction only SwitchAction moves a switch, so it is the one carried here.
    """

    switching_event: tuple[SwitchingEvent, ...] = attribute(
        "SwitchingEvents.SwitchingEvent", "The events, in the order they happened."
    )
