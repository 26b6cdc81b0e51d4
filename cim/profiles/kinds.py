"""Kinds that several nouns name."""

from __future__ import annotations

from enum import StrEnum


class CustomerKind(StrEnum):
    """What kind of customer it is."""

    COMMERCIAL_INDUSTRIAL = "commercialIndustrial"
    ENERGY_SERVICE_SCHEDULER = "energyServiceScheduler"
    ENERGY_SERVICE_SUPPLIER = "energyServiceSupplier"
    INTERNAL_USE = "internalUse"
    OTHER = "other"
    PUMPING_LOAD = "pumpingLoad"
    RESIDENTIAL = "residential"
    RESIDENTIAL_AND_COMMERCIAL = "residentialAndCommercial"
    RESIDENTIAL_AND_STREETLIGHT = "residentialAndStreetlight"
    RESIDENTIAL_FARM_SERVICE = "residentialFarmService"
    RESIDENTIAL_STREETLIGHT_OTHERS = "residentialStreetlightOthers"
    WIND_MACHINE = "windMachine"


class ServiceKind(StrEnum):
    """What is delivered."""

    ELECTRICITY = "electricity"
    GAS = "gas"
    HEAT = "heat"
    INTERNET = "internet"
    OTHER = "other"
    RATES = "rates"
    REFUSE = "refuse"
    SEWERAGE = "sewerage"
    TIME = "time"
    TV_LICENCE = "tvLicence"
    WATER = "water"


class SupplierKind(StrEnum):
    """What a supplier does."""

    OTHER = "other"
    RETAILER = "retailer"
    UTILITY = "utility"


class UsagePointConnectedKind(StrEnum):
    """Whether a usage point is connected."""

    CONNECTED = "connected"
    LOGICALLY_DISCONNECTED = "logicallyDisconnected"
    PHYSICALLY_DISCONNECTED = "physicallyDisconnected"


class AssetModelUsageKind(StrEnum):
    """Where a product is meant to be used."""

    CUSTOMER_SUBSTATION = "customerSubstation"
    DISTRIBUTION_OVERHEAD = "distributionOverhead"
    DISTRIBUTION_UNDERGROUND = "distributionUnderground"
    OTHER = "other"
    STREETLIGHT = "streetlight"
    SUBSTATION = "substation"
    TRANSMISSION = "transmission"
    UNKNOWN = "unknown"


class MeterMultiplierKind(StrEnum):
    """What a multiplier of a meter is: a ratio of its transformers or a constant of its disc."""

    CT_RATIO = "ctRatio"
    K_E = "kE"
    K_H = "kH"
    K_R = "kR"
    PT_RATIO = "ptRatio"
    TRANSFORMER_RATIO = "transformerRatio"


class NotificationTriggerKind(StrEnum):
    """What a customer is told of; etr is the estimated time of restoration."""

    ETR_CHANGE = "etrChange"
    INFORM_DISPATCHED = "informDispatched"
    INITIAL_ETR = "initialEtr"
    POWER_OUT = "powerOut"
    POWER_RESTORED = "powerRestored"


class CorporateStandardKind(StrEnum):
    """Whether the utility buys a product as a rule."""

    EXPERIMENTAL = "experimental"
    OTHER = "other"
    STANDARD = "standard"
    UNDER_EVALUATION = "underEvaluation"


class ServiceMultiplierKind(StrEnum):
    """What a multiplier of a usage point is."""

    CT_RATIO = "ctRatio"
    PT_RATIO = "ptRatio"
    TRANSFORMER_RATIO = "transformerRatio"
