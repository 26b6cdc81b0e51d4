"""Names without a type, and objects a message points at by mRID or such a name."""

from __future__ import annotations

from cim.profile import Profile, attribute


class PlainName(Profile, cim="Name"):
    """A name whose type both sides know."""

    name: str = attribute("Name.name", "The name itself.")


class PlainObject(Profile, cim="IdentifiedObject"):
    """An object that a message only points at: by mRID or by a name without type."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the object.", default=None)
    names: tuple[PlainName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the object.", default=()
    )


class PlainEndDevice(PlainObject, cim="EndDevice"):
    """An end device, by mRID or by name."""


class PlainMeter(PlainObject, cim="Meter"):
    """A meter, by mRID or by name."""


class PlainUsagePoint(PlainObject, cim="UsagePoint"):
    """A usage point, by mRID or by name."""


class PlainReadingType(PlainObject, cim="ReadingType"):
    """A reading type, by its code as mRID or by name."""
