"""Kinds of customers, suppliers and services, as the CIM of 2015 names them."""

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
