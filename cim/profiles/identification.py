"""How objects are identified in messages: by mRID or by names (IEC 61968-9, IdentifiedObject)."""

from __future__ import annotations

from cim.profile import Profile, attribute


class NameTypeAuthority(Profile):
    """Who issues the names of a type."""

    description: str | None = attribute(
        "NameTypeAuthority.description", "What the authority is.", default=None
    )
    name: str = attribute("NameTypeAuthority.name", "Name of the authority.")


class NameType(Profile):
    """What kind of name it is, e.g. "MeterBadgeNumber"."""

    description: str | None = attribute(
        "NameType.description", "What names of this type are for.", default=None
    )
    name: str = attribute("NameType.name", "Name of the type.")
    name_type_authority: NameTypeAuthority | None = attribute(
        "NameType.NameTypeAuthority", "Who issues names of this type.", default=None
    )


class Name(Profile):
    """One of the names of an object."""

    name: str = attribute("Name.name", "The name itself.")
    name_type: NameType | None = attribute("Name.NameType", "Type of this name.", default=None)


class UsagePoint(Profile):
    """A point on the network where energy is used or delivered, by mRID or by name."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the usage point.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the usage point.", default=()
    )


class IdentifiedObject(Profile):
    """An object that a message only points at: by mRID or by name.

    The classes below say of which class it is; one with attributes of its own declares its names
    itself, because they come after those in the XML.
    """

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the object.", default=None)
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the object.", default=()
    )


class PowerSystemResource(IdentifiedObject):
    """Any part of the power system, by mRID or by name."""


class Feeder(IdentifiedObject):
    """A feeder, by mRID or by name."""


class ConductingEquipment(IdentifiedObject):
    """A piece of conducting equipment, by mRID or by name."""


class ACLineSegment(IdentifiedObject):
    """A line segment, by mRID or by name."""


class ConnectivityNode(IdentifiedObject):
    """A node at which equipment meets, by mRID or by name."""
