"""MasterDataLinkageConfig (IEC 61968-9): what belongs together, and from when."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.identification import UsagePoint
from cim.profiles.metering_objects import (
    ComModule,
    Customer,
    CustomerAccount,
    CustomerAgreement,
    EndDevice,
    Meter,
    PricingStructure,
    ServiceCategory,
    ServiceLocation,
    ServiceSupplier,
)


class RemovedObjects(Profile):
    """Objects whose links to the others end; what takes their place is named beside them."""

    com_module: ComModule | None = attribute(
        "RemovedObjects.ComModule",
        "The communication module that is linked no longer.",
        default=None,
    )
    customer: Customer | None = attribute(
        "RemovedObjects.Customer",
        "The customer that is linked no longer.",
        personal=True,
        default=None,
    )
    customer_account: CustomerAccount | None = attribute(
        "RemovedObjects.CustomerAccount",
        "The account that is linked no longer.",
        personal=True,
        default=None,
    )
    customer_agreement: CustomerAgreement | None = attribute(
        "RemovedObjects.CustomerAgreement",
        "The agreement that is linked no longer.",
        personal=True,
        default=None,
    )
    end_device: EndDevice | None = attribute(
        "RemovedObjects.EndDevice", "The end device that is linked no longer.", default=None
    )
    meter: Meter | None = attribute(
        "RemovedObjects.Meter", "The meter that is linked no longer.", default=None
    )
    pricing_structure: PricingStructure | None = attribute(
        "RemovedObjects.PricingStructure",
        "The pricing structure that is linked no longer.",
        default=None,
    )
    service_category: ServiceCategory | None = attribute(
        "RemovedObjects.ServiceCategory",
        "The category of service that is linked no longer.",
        default=None,
    )
    service_location: ServiceLocation | None = attribute(
        "RemovedObjects.ServiceLocation", "The premises that are linked no longer.", default=None
    )
    service_supplier: ServiceSupplier | None = attribute(
        "RemovedObjects.ServiceSupplier", "The supplier that is linked no longer.", default=None
    )
    usage_point: UsagePoint | None = attribute(
        "RemovedObjects.UsagePoint", "The usage point that is linked no longer.", default=None
    )


class MasterDataLinkage(Profile):
    """Objects that belong together from a time on, every one with every other."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the link.", default=None)
    effective_date_time: datetime = attribute(
        "ConfigurationEvent.effectiveDateTime", "From when it holds."
    )
    reason: str | None = attribute(
        "ActivityRecord.reason", "Why, e.g. a move or a change of meter.", default=None
    )
    remark: str | None = attribute(
        "ConfigurationEvent.remark", "Free text on it.", personal=True, default=None
    )
    com_module: ComModule | None = attribute(
        "MasterDataLinkage.ComModule", "The communication module.", default=None
    )
    customer: Customer | None = attribute(
        "MasterDataLinkage.Customer", "The customer.", personal=True, default=None
    )
    customer_account: CustomerAccount | None = attribute(
        "MasterDataLinkage.CustomerAccount", "The account.", personal=True, default=None
    )
    customer_agreement: CustomerAgreement | None = attribute(
        "MasterDataLinkage.CustomerAgreement", "The agreement.", personal=True, default=None
    )
    end_device: EndDevice | None = attribute(
        "MasterDataLinkage.EndDevice", "The end device.", default=None
    )
    meter: Meter | None = attribute("MasterDataLinkage.Meter", "The meter.", default=None)
    pricing_structure: PricingStructure | None = attribute(
        "MasterDataLinkage.PricingStructure", "The pricing structure.", default=None
    )
    removed: RemovedObjects | None = attribute(
        "MasterDataLinkage.Removed",
        "What they replace, or what is only taken away from them.",
        default=None,
    )
    service_category: ServiceCategory | None = attribute(
        "MasterDataLinkage.ServiceCategory", "The category of service.", default=None
    )
    service_location: ServiceLocation | None = attribute(
        "MasterDataLinkage.ServiceLocation", "The premises.", default=None
    )
    service_supplier: ServiceSupplier | None = attribute(
        "MasterDataLinkage.ServiceSupplier", "The supplier.", default=None
    )
    usage_point: UsagePoint | None = attribute(
        "MasterDataLinkage.UsagePoint", "The usage point.", default=None
    )


class MasterDataLinkageConfig(
    Profile,
    namespace="urn:gridbus:61968-9:2013:MasterDataLinkageConfig#",
    standard="IEC 61968-9",
    ordering=(
        "master_data_linkage.usage_point.mrid",
        "master_data_linkage.usage_point.names.name",
        "master_data_linkage.meter.mrid",
        "master_data_linkage.meter.names.name",
        "master_data_linkage.end_device.mrid",
        "master_data_linkage.end_device.names.name",
        "master_data_linkage.service_location.mrid",
        "master_data_linkage.service_location.names.name",
        "master_data_linkage.customer_agreement.mrid",
        "master_data_linkage.customer_agreement.names.name",
        "master_data_linkage.customer_account.mrid",
        "master_data_linkage.customer_account.names.name",
        "master_data_linkage.customer.mrid",
        "master_data_linkage.customer.names.name",
    ),
):
    """Links between customers, accounts, agreements, premises, usage points, meters and prices.

    A change of meter names the usage point, the new meter and, as removed, the old one; a removal
    without replacement names the usage point and, as removed, the meter.
    """

    master_data_linkage: tuple[MasterDataLinkage, ...] = attribute(
        "MasterDataLinkageConfig.MasterDataLinkage", "The links."
    )
