"""What every message about faults says of a fault (IEC 61968-3, Fault)."""

from __future__ import annotations

from enum import StrEnum

from cim.profile import Profile, attribute
from cim.profiles.identification import Name


class PhaseConnectedFaultKind(StrEnum):
    """How the phases of a fault are connected."""

    LINE_OPEN = "lineOpen"
    LINE_TO_GROUND = "lineToGround"
    LINE_TO_LINE = "lineToLine"
    LINE_TO_LINE_TO_GROUND = "lineToLineToGround"


class FaultCauseType(Profile):
    """A kind of cause, by mRID or by name, e.g. a tree or an excavator."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the cause.", default=None)
    description: str | None = attribute(
        "IdentifiedObject.description", "What the cause is.", default=None
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the cause.", default=())


class FaultImpedance(Profile):
    """The impedance of a fault; which values count, its kind says."""

    r_ground: float | None = attribute(
        "FaultImpedance.rGround", "Resistance to ground.", unit="ohm", default=None
    )
    r_line_to_line: float | None = attribute(
        "FaultImpedance.rLineToLine", "Resistance between phases.", unit="ohm", default=None
    )
    x_ground: float | None = attribute(
        "FaultImpedance.xGround", "Reactance to ground.", unit="ohm", default=None
    )
    x_line_to_line: float | None = attribute(
        "FaultImpedance.xLineToLine", "Reactance between phases.", unit="ohm", default=None
    )
