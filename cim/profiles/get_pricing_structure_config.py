"""GetPricingStructureConfig (IEC 61968-9): which pricing structures are asked for."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.plain_names import PlainName


class PricingStructure(Profile):
    """A pricing structure, by mRID, by name or by code."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the pricing structure.", default=None
    )
    code: str | None = attribute(
        "PricingStructure.code", "Code by which people know it.", default=None
    )
    names: tuple[PlainName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the pricing structure.", default=()
    )


class GetPricingStructureConfig(
    Profile,
    namespace="http://iec.ch/TC57/2011/GetPricingStructureConfig#",
    standard="IEC 61968-9",
):
    """Which pricing structures are asked for."""

    pricing_structure: tuple[PricingStructure, ...] = attribute(
        "GetPricingStructureConfig.PricingStructure", "Those like these.", default=()
    )
