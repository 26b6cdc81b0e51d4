"""AssetCatalogue (IEC 61968-4): which assets can be had, by type and by product."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.identification import Name
from cim.profiles.product_asset_models import AssetInfo, AssetKind, ProductAssetModel


class CatalogAssetType(Profile):
    """A type of asset, whoever makes it, for planning, design and stock."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the type.", default=None)
    description: str | None = attribute(
        "IdentifiedObject.description", "What it is, in words.", default=None
    )
    kind: AssetKind | None = attribute(
        "CatalogAssetType.kind", "Kind of asset, if the CIM names it.", default=None
    )
    stock_item: bool | None = attribute(
        "CatalogAssetType.stockItem", "Whether it is kept in stock.", default=None
    )
    type: str | None = attribute(
        "CatalogAssetType.type", "The utility's own kind of asset.", default=None
    )
    asset_info: AssetInfo | None = attribute(
        "CatalogAssetType.AssetInfo", "The data sheet it demands.", default=None
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the type.", default=())


class AssetCatalogue(
    Profile,
    namespace="urn:gridbus:61968-4:2019:AssetCatalogue#",
    standard="IEC 61968-4",
    ordering=(
        "product_asset_model.mrid",
        "product_asset_model.names.name",
        "product_asset_model.catalogue_number",
        "product_asset_model.model_number",
        "catalog_asset_type.mrid",
        "catalog_asset_type.names.name",
    ),
):
    """Types of assets and the products that conform to them; a product names its type."""

    catalog_asset_type: tuple[CatalogAssetType, ...] = attribute(
        "AssetCatalogue.CatalogAssetType", "The types.", default=()
    )
    product_asset_model: tuple[ProductAssetModel, ...] = attribute(
        "AssetCatalogue.ProductAssetModel", "The products.", default=()
    )
