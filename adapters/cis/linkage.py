"""Service points and what belongs to them, as UsagePointConfig and MasterDataLinkageConfig."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from adapters.cis.customers import agreement_mrid, named
from adapters.cis.fields import Fields, needed, text
from adapters.cis.model import identifier
from adapters.cis.service_points import phase_of, priority_of
from adapters.cis.terms import Terms
from cim.profiles.identification import UsagePoint
from cim.profiles.master_data_linkage_config import (
    MasterDataLinkage,
    MasterDataLinkageConfig,
    RemovedObjects,
)
from cim.profiles.metering_objects import (
    Customer,
    CustomerAccount,
    CustomerAgreement,
    Meter,
    ServiceLocation,
)
from cim.profiles.service_phases import PhaseCode
from cim.profiles.usage_point_config import UsagePoint as ConfiguredPoint
from cim.profiles.usage_point_config import UsagePointConfig
from cim.profiles.usage_points import TransformerTank

I = TypeVar(  # noqa: E741 - one of the classes that objects are pointed at with
    "I", UsagePoint, Meter, ServiceLocation, Customer, CustomerAccount
)


def usage_point(fields: Fields, terms: Terms) -> UsagePointConfig:
    """The usage point, its phases and what feeds it.  Raises: ValueError."""
    point = needed(fields, "service_point_id")
    phase = phase_of(fields, terms.writing)
    return UsagePointConfig(
        usage_point=(
            ConfiguredPoint(
                mrid=identifier("usage-point", terms.system, point),
                is_sdp=True,
                phase_code=PhaseCode(phase) if phase else None,
                service_priority=priority_of(fields, terms.writing) or None,
                equipments=_equipment(fields, terms),
                names=named(point, "ServicePoint", terms.system),
            ),
        )
    )


def gone(fields: Fields, terms: Terms) -> UsagePointConfig:
    """The usage point that is no more."""
    point = needed(fields, "service_point_id")
    one = ConfiguredPoint(
        mrid=identifier("usage-point", terms.system, point),
        names=named(point, "ServicePoint", terms.system),
    )
    return UsagePointConfig(usage_point=(one,))


def linkage(fields: Fields, terms: Terms, *, deleted: bool) -> MasterDataLinkageConfig | None:
    """Usage point, meter, premises, customer, account and agreement belong together from
    `effective` on, or no longer; None without that time.

    Raises: ValueError.
    """
    since = terms.writing.moment(fields, "effective")
    if since is None:
        return None
    objects = _Objects(fields, terms)
    return MasterDataLinkageConfig(
        master_data_linkage=(_unlinked(objects, since) if deleted else _linked(objects, since),)
    )


class _Objects:
    """The objects that a record names."""

    def __init__(self, fields: Fields, terms: Terms) -> None:
        system = terms.system

        def called(cls: type[I], column: str, kind: str, names: str) -> I | None:
            if not (value := text(fields, column)):
                return None
            return cls(mrid=identifier(kind, system, value), names=named(value, names, system))

        needed(fields, "service_point_id")
        self.usage_point = called(UsagePoint, "service_point_id", "usage-point", "ServicePoint")
        self.meter = called(Meter, "meter_number", "meter", "MeterNumber")
        self.removed_meter = called(Meter, "removed_meter_number", "meter", "MeterNumber")
        self.premises = called(ServiceLocation, "premise_id", "premise", "Premise")
        self.customer = called(Customer, "customer_id", "customer", "CustomerNumber")
        self.account = called(CustomerAccount, "account_number", "account", "AccountNumber")
        self.agreement = (
            CustomerAgreement(mrid=agreement_mrid(fields, terms)) if self.customer else None
        )


def _linked(objects: _Objects, since: datetime) -> MasterDataLinkage:
    old = objects.removed_meter
    return MasterDataLinkage(
        effective_date_time=since,
        customer=objects.customer,
        customer_account=objects.account,
        customer_agreement=objects.agreement,
        meter=objects.meter,
        removed=RemovedObjects(meter=old) if old else None,
        service_location=objects.premises,
        usage_point=objects.usage_point,
    )


def _unlinked(objects: _Objects, since: datetime) -> MasterDataLinkage:
    return MasterDataLinkage(
        effective_date_time=since,
        removed=RemovedObjects(
            customer=objects.customer,
            customer_account=objects.account,
            customer_agreement=objects.agreement,
            meter=objects.meter,
            service_location=objects.premises,
        ),
        usage_point=objects.usage_point,
    )


def _equipment(fields: Fields, terms: Terms) -> tuple[TransformerTank, ...]:
    """The transformer by name, and by mRID where that is known."""
    name = text(fields, "transformer") or text(fields, "equipment_mrid")
    if not name:
        return ()
    mrid = terms.equipment_mrid(text(fields, "equipment_mrid") or name)
    names = named(name, "Transformer", terms.system) if name != mrid else ()
    return (TransformerTank(mrid=mrid, names=names),)
