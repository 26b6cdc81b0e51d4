"""AssetList (IEC 61968-4): what the utility owns, where it is and in what condition."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from cim.profile import Profile, attribute
from cim.profiles.compounds import Status
from cim.profiles.field_locations import Premises
from cim.profiles.identification import IdentifiedObject, Name, PowerSystemResource
from cim.profiles.product_asset_models import AssetInfo, AssetKind, ProductAssetModel


class AssetLifecycleStateKind(StrEnum):
    """How far an asset is between its making and its disposal."""

    DISPOSED_OF = "disposedOf"
    MANUFACTURED = "manufactured"
    PURCHASED = "purchased"
    RECEIVED = "received"
    RETIRED = "retired"


class InUseStateKind(StrEnum):
    """Whether an asset is used or can be."""

    IN_USE = "inUse"
    NOT_READY_FOR_USE = "notReadyForUse"
    READY_FOR_USE = "readyForUse"


class RetiredReasonKind(StrEnum):
    """Why an asset was retired."""

    ENVIRONMENTAL = "environmental"
    EXCESSIVE_MAINTENANCE = "excessiveMaintenance"
    FACILITIES_UPGRADE = "facilitiesUpgrade"
    FAILED = "failed"
    OBSOLESCENCE = "obsolescence"
    OTHER = "other"
    SOLD = "sold"


class AcceptanceTest(Profile):
    """The last test before the asset may be used."""

    date_time: datetime | None = attribute(
        "AcceptanceTest.dateTime", "When it was tested.", default=None
    )
    success: bool | None = attribute(
        "AcceptanceTest.success", "Whether it passed and may be used.", default=None
    )
    type: str | None = attribute("AcceptanceTest.type", "How it was tested.", default=None)


class InUseDate(Profile):
    """When its use last changed."""

    in_use_date: date | None = attribute(
        "InUseDate.inUseDate", "When it was put to use.", default=None
    )
    not_ready_for_use_date: date | None = attribute(
        "InUseDate.notReadyForUseDate", "When it was found unfit for use.", default=None
    )
    ready_for_use_date: date | None = attribute(
        "InUseDate.readyForUseDate", "When it was ready for use.", default=None
    )


class LifecycleDate(Profile):
    """The dates of its life."""

    installation_date: date | None = attribute(
        "LifecycleDate.installationDate", "When it was installed where it is.", default=None
    )
    manufactured_date: date | None = attribute(
        "LifecycleDate.manufacturedDate", "When it was made.", default=None
    )
    purchase_date: date | None = attribute(
        "LifecycleDate.purchaseDate", "When it was bought.", default=None
    )
    received_date: date | None = attribute(
        "LifecycleDate.receivedDate", "When it came into stock.", default=None
    )
    removal_date: date | None = attribute(
        "LifecycleDate.removalDate", "When it was last taken out of service.", default=None
    )
    retired_date: date | None = attribute(
        "LifecycleDate.retiredDate", "When it was retired for good.", default=None
    )


class AssetContainer(IdentifiedObject):
    """An asset that holds others, by mRID or by name, e.g. a pole or a cabinet."""


class Asset(Profile):
    """One asset."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the asset.", default=None)
    critical: bool | None = attribute("Asset.critical", "Whether much depends on it.", default=None)
    description: str | None = attribute(
        "IdentifiedObject.description", "What it is, in words.", default=None
    )
    initial_condition: str | None = attribute(
        "Asset.initialCondition", "Its condition when last assessed, e.g. new.", default=None
    )
    initial_loss_of_life: float | None = attribute(
        "Asset.initialLossOfLife", "Part of its life that was over then.", unit="%", default=None
    )
    in_use_state: InUseStateKind | None = attribute(
        "Asset.inUseState", "Whether it is used or can be.", default=None
    )
    kind: AssetKind | None = attribute(
        "Asset.kind", "Kind of asset, if the CIM names it.", default=None
    )
    lifecycle_state: AssetLifecycleStateKind | None = attribute(
        "Asset.lifecycleState", "How far it is between making and disposal.", default=None
    )
    lot_number: str | None = attribute("Asset.lotNumber", "The lot it was made in.", default=None)
    position: str | None = attribute(
        "Asset.position", "Where it is among other assets, e.g. in which bay.", default=None
    )
    retired_reason: RetiredReasonKind | None = attribute(
        "Asset.retiredReason", "Why it was retired.", default=None
    )
    serial_number: str | None = attribute(
        "Asset.serialNumber", "The manufacturer's number of it.", default=None
    )
    type: str | None = attribute("Asset.type", "The utility's own kind of asset.", default=None)
    utc_number: str | None = attribute(
        "Asset.utcNumber", "Its number as a uniquely tracked commodity.", default=None
    )
    acceptance_test: AcceptanceTest | None = attribute(
        "Asset.acceptanceTest", "The last test before it may be used.", default=None
    )
    asset_container: AssetContainer | None = attribute(
        "Asset.AssetContainer", "The asset that holds it.", default=None
    )
    asset_info: AssetInfo | None = attribute(
        "Asset.AssetInfo", "Its own data sheet, when it differs from the model's.", default=None
    )
    in_use_date: InUseDate | None = attribute(
        "Asset.inUseDate", "When its use last changed.", default=None
    )
    lifecycle_date: LifecycleDate | None = attribute(
        "Asset.lifecycleDate", "The dates of its life.", default=None
    )
    location: Premises | None = attribute("Asset.Location", "Where it is.", default=None)
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the asset, e.g. its badge number.", default=()
    )
    power_system_resources: tuple[PowerSystemResource, ...] = attribute(
        "Asset.PowerSystemResources", "What it is in the network model.", default=()
    )
    product_asset_model: ProductAssetModel | None = attribute(
        "Asset.ProductAssetModel", "The product it is a specimen of.", default=None
    )
    status: Status | None = attribute("Asset.status", "Status of the asset.", default=None)


class AssetList(
    Profile,
    namespace="urn:gridbus:61968-4:2019:AssetList#",
    standard="IEC 61968-4",
    ordering=("asset.mrid", "asset.names.name", "asset.utc_number", "asset.serial_number"),
):
    """Assets; what they do in the network, the network model says.

    What only finance, stock and analysis exchange is left out, and so are inspections, which are
    work.
    """

    asset: tuple[Asset, ...] = attribute("AssetList.Asset", "The assets.", default=())
