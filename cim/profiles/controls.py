"""Controls (ours; IEC 61970-301, Meas): commands and set points for devices in the network.

Where each field comes from, all of package Meas: Control.controlType, Control.timeStamp and
Control.PowerSystemResource; Command.value (a Control with discrete values); AnalogControl.minValue
and maxValue, and SetPoint.value (an AnalogControl).  Not taken: Control.operationInProgress, which
is a state and no request; RaiseLowerCommand, which has no value that says which of the two.
"""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.identification import Name, PowerSystemResource
from cim.profiles.units import UnitMultiplier, UnitSymbol


class Command(Profile):
    """A device is to take one of its states.

    Of a switch 0 opens and 1 closes, which is ours: the CIM leaves it to a ValueAliasSet.
    """

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the control.", default=None
    )
    control_type: str | None = attribute(
        "Control.controlType", "What is controlled, e.g. SwitchPosition.", default=None
    )
    time_stamp: datetime | None = attribute(
        "Control.timeStamp", "When a control was sent last.", default=None
    )
    value: int = attribute("Command.value", "The state; of a switch 0 is open and 1 closed.")
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the control.", default=()
    )
    power_system_resource: PowerSystemResource = attribute(
        "Control.PowerSystemResource", "The device."
    )


class SetPoint(Profile):
    """A device is to take a value."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the control.", default=None
    )
    control_type: str | None = attribute(
        "Control.controlType", "What is controlled, e.g. ThreePhaseActivePower.", default=None
    )
    max_value: float | None = attribute(
        "AnalogControl.maxValue", "The value must not be above.", default=None
    )
    min_value: float | None = attribute(
        "AnalogControl.minValue", "The value must not be below.", default=None
    )
    time_stamp: datetime | None = attribute(
        "Control.timeStamp", "When a control was sent last.", default=None
    )
    unit_multiplier: UnitMultiplier | None = attribute(
        "Control.unitMultiplier", "Power of ten of the unit.", default=None
    )
    unit_symbol: UnitSymbol | None = attribute(
        "Control.unitSymbol", "Unit of the value.", default=None
    )
    value: float = attribute("SetPoint.value", "The value, in the unit of the control.")
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the control.", default=()
    )
    power_system_resource: PowerSystemResource = attribute(
        "Control.PowerSystemResource", "The device."
    )


class Controls(
    Profile,
    namespace="urn:gridbus:61970-301:2026:Controls#",
    standard="IEC 61970-301",
    whole=True,
    verbs=("create",),
    ordering=(
        "command.power_system_resource.mrid",
        "command.power_system_resource.names.name",
        "set_point.power_system_resource.mrid",
        "set_point.power_system_resource.names.name",
    ),
):
    """One control of one device, to be carried out now; IEC 61968 has no noun for it.

    What becomes of it is the reply.
    """

    command: tuple[Command, ...] = attribute("Controls.Command", "To take a state.", default=())
    set_point: tuple[SetPoint, ...] = attribute("Controls.SetPoint", "To take a value.", default=())
