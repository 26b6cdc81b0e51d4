"""Who works in network operations: crews in the field, operators and supervisors of safety."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.identification import IdentifiedObject, Name


class Crew(Profile):
    """A crew, by mRID or by name."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the crew.", default=None)
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the crew.", default=())


class Operator(IdentifiedObject):
    """An operator in the control room, by mRID or by name."""


class OperationsSafetySupervisor(IdentifiedObject):
    """Who answers for safety in the control room, by mRID or by name."""


class FieldSafetySupervisor(IdentifiedObject):
    """Who answers for safety at the place of work, by mRID or by name."""
