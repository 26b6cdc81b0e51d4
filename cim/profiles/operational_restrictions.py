"""OperationalRestrictions (IEC 61968-3): equipment may not be used as it was made to be."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.identification import IdentifiedObject, Name
from cim.profiles.operations_documents import PlannedOutage
from cim.profiles.outages import Equipment
from cim.profiles.units import UnitMultiplier, UnitSymbol


class ProductAssetModel(IdentifiedObject):
    """A product of a manufacturer, by mRID or by name."""


class FloatQuantity(Profile):
    """A value with its unit."""

    multiplier: UnitMultiplier | None = attribute(
        "FloatQuantity.multiplier", "Power of ten of the unit.", default=None
    )
    unit: UnitSymbol | None = attribute("FloatQuantity.unit", "Unit of the value.", default=None)
    value: float = attribute("FloatQuantity.value", "The value.")


class OperationalRestriction(Profile):
    """One restriction of some equipment, or of all equipment of one model."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the restriction.", default=None
    )
    author_name: str | None = attribute("Document.authorName", "Who wrote it.", default=None)
    comment: str | None = attribute("Document.comment", "Free text on it.", default=None)
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When it was written.", default=None
    )
    description: str | None = attribute(
        "IdentifiedObject.description", "What may not be done, in words.", default=None
    )
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    type: str | None = attribute(
        "Document.type", "The utility's own kind of restriction.", default=None
    )
    active_period: DateTimeInterval | None = attribute(
        "OperationalRestriction.activePeriod", "From when until when it applies.", default=None
    )
    equipments: tuple[Equipment, ...] = attribute(
        "OperationalRestriction.Equipments", "Equipment to which it applies.", default=()
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the restriction, e.g. its number.", default=()
    )
    product_asset_model: ProductAssetModel | None = attribute(
        "OperationalRestriction.ProductAssetModel", "Model to which it applies.", default=None
    )
    restricted_value: FloatQuantity | None = attribute(
        "OperationalRestriction.restrictedValue",
        "The new value, e.g. of the largest current.",
        default=None,
    )
    status: Status | None = attribute("Document.status", "Whether it is in force.", default=None)


class OperationalUpdatedRating(Profile):
    """One change of the rating of equipment in the course of a planned outage."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the rating.", default=None)
    author_name: str | None = attribute("Document.authorName", "Who wrote it.", default=None)
    change_type: str | None = attribute(
        "OperationalUpdatedRating.changeType",
        "Whether it is lower, higher or normal again.",
        default=None,
    )
    comment: str | None = attribute("Document.comment", "Free text on it.", default=None)
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When it was written.", default=None
    )
    description: str | None = attribute(
        "IdentifiedObject.description", "Which rating it is, in words.", default=None
    )
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    type: str | None = attribute("Document.type", "The utility's own kind of change.", default=None)
    active_period: DateTimeInterval | None = attribute(
        "OperationalRestriction.activePeriod", "From when until when it applies.", default=None
    )
    equipments: tuple[Equipment, ...] = attribute(
        "OperationalRestriction.Equipments", "Equipment to which it applies.", default=()
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the rating, e.g. its number.", default=()
    )
    planned_outage: PlannedOutage = attribute(
        "OperationalUpdatedRating.PlannedOutage", "The outage in the course of which it applies."
    )
    restricted_value: FloatQuantity | None = attribute(
        "OperationalRestriction.restrictedValue", "The new rating.", default=None
    )
    status: Status | None = attribute("Document.status", "Whether it is in force.", default=None)


class OperationalRestrictions(
    Profile,
    namespace="urn:gridbus:61968-3:2021:OperationalRestrictions#",
    standard="IEC 61968-3",
    ordering=(
        "operational_restriction.mrid",
        "operational_restriction.names.name",
        "operational_restriction.equipments.mrid",
        "operational_restriction.equipments.names.name",
        "operational_restriction.product_asset_model.mrid",
        "operational_restriction.product_asset_model.names.name",
        "operational_updated_rating.mrid",
        "operational_updated_rating.names.name",
        "operational_updated_rating.equipments.mrid",
        "operational_updated_rating.equipments.names.name",
    ),
):
    """Restrictions of equipment, lasting or for the time of an outage."""

    operational_restriction: tuple[OperationalRestriction, ...] = attribute(
        "OperationalRestrictions.OperationalRestriction", "The restrictions.", default=()
    )
    operational_updated_rating: tuple[OperationalUpdatedRating, ...] = attribute(
        "OperationalRestrictions.OperationalUpdatedRating", "The changed ratings.", default=()
    )
