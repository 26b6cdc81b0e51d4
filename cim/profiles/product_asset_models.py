"""Products of manufacturers, of which assets are specimens (IEC 61968-4)."""

from __future__ import annotations

from enum import StrEnum

from cim.profile import Profile, attribute
from cim.profiles.identification import IdentifiedObject, Name
from cim.profiles.kinds import AssetModelUsageKind, CorporateStandardKind


class AssetKind(StrEnum):
    """Kinds of asset the CIM names."""

    BREAKER_AIR_BLAST_BREAKER = "breakerAirBlastBreaker"
    BREAKER_BULK_OIL_BREAKER = "breakerBulkOilBreaker"
    BREAKER_INSULATING_STACK_ASSEMBLY = "breakerInsulatingStackAssembly"
    BREAKER_MINIMUM_OIL_BREAKER = "breakerMinimumOilBreaker"
    BREAKER_SF6_DEAD_TANK_BREAKER = "breakerSF6DeadTankBreaker"
    BREAKER_SF6_LIVE_TANK_BREAKER = "breakerSF6LiveTankBreaker"
    BREAKER_TANK_ASSEMBLY = "breakerTankAssembly"
    OTHER = "other"
    TRANSFORMER = "transformer"
    TRANSFORMER_TANK = "transformerTank"


class AssetInfo(IdentifiedObject):
    """A data sheet in the network model, by mRID or by name, e.g. that of a transformer."""


class Manufacturer(IdentifiedObject):
    """A manufacturer, by mRID or by name."""


class TypeOfAsset(IdentifiedObject, cim="CatalogAssetType"):
    """A type of asset in the catalogue, by mRID or by name."""


class ProductAssetModel(Profile):
    """A product of one manufacturer."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the model.", default=None)
    catalogue_number: str | None = attribute(
        "ProductAssetModel.catalogueNumber", "Its number in the catalogue.", default=None
    )
    corporate_standard_kind: CorporateStandardKind | None = attribute(
        "ProductAssetModel.corporateStandardKind",
        "Whether the utility buys it as a rule.",
        default=None,
    )
    description: str | None = attribute(
        "IdentifiedObject.description", "What it is, in words.", default=None
    )
    drawing_number: str | None = attribute(
        "ProductAssetModel.drawingNumber", "Number of its drawing.", default=None
    )
    instruction_manual: str | None = attribute(
        "ProductAssetModel.instructionManual", "Its manual.", default=None
    )
    model_number: str | None = attribute(
        "ProductAssetModel.modelNumber", "The manufacturer's number of it.", default=None
    )
    model_version: str | None = attribute(
        "ProductAssetModel.modelVersion", "Which version of it.", default=None
    )
    overall_length: float | None = attribute(
        "ProductAssetModel.overallLength", "How long it is.", unit="m", default=None
    )
    style_number: str | None = attribute(
        "ProductAssetModel.styleNumber", "Number of its style.", default=None
    )
    usage_kind: AssetModelUsageKind | None = attribute(
        "ProductAssetModel.usageKind", "Where it is meant to be used.", default=None
    )
    weight_total: float | None = attribute(
        "ProductAssetModel.weightTotal", "How much it weighs, filled.", unit="kg", default=None
    )
    asset_info: AssetInfo | None = attribute(
        "ProductAssetModel.AssetInfo", "Its data sheet.", default=None
    )
    catalog_asset_type: TypeOfAsset | None = attribute(
        "ProductAssetModel.CatalogAssetType", "The type it conforms to.", default=None
    )
    manufacturer: Manufacturer | None = attribute(
        "ProductAssetModel.Manufacturer", "Who makes it.", default=None
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the model.", default=())
