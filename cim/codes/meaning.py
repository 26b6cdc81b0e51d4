"""What an event of an end device is about, whatever code it carries."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from cim.codes import tables


class Meaning(StrEnum):
    """The class of an event or control; vendors give the same fact different codes.

    FAULT_CURRENT: a fault indicator tripped; NO_FAULT_CURRENT: it was reset.
    POWER_ON: there is power, without a loss before it, e.g. the answer to a ping.
    UNREACHABLE: the device was asked, and did not answer.
    OTHER:    none of them, though the table says so: for a source that uses a code otherwise.
    """

    POWER_OUT = "power-out"
    POWER_RESTORED = "power-restored"
    POWER_ON = "power-on"
    VOLTAGE = "voltage"
    TAMPER = "tamper"
    SWITCH = "switch"
    TEMPERATURE = "temperature"
    CLOCK = "clock"
    COMMUNICATION = "communication"
    UNREACHABLE = "unreachable"
    FAULT = "fault"
    FAULT_CURRENT = "fault-current"
    NO_FAULT_CURRENT = "no-fault-current"
    MODE = "mode"
    OTHER = "other"


@cache
def meanings() -> Mapping[str, Meaning]:
    """The class of each event and control in the tables."""
    data = tables.end_devices()
    rows = {**data["events"], **data["controls"]}
    return {code: Meaning(meaning) for code, (meaning, _) in rows.items()}
