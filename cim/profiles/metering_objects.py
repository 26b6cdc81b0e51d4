"""Objects of customers and of metering that messages only point at."""

from __future__ import annotations

from cim.profiles.identification import IdentifiedObject


class ComModule(IdentifiedObject):
    """A communication module, by mRID or by name."""


class Customer(IdentifiedObject):
    """A customer, by mRID or by name."""


class CustomerAccount(IdentifiedObject):
    """An account of a customer, by mRID or by name."""


class CustomerAgreement(IdentifiedObject):
    """An agreement with a customer, by mRID or by name."""


class EndDevice(IdentifiedObject):
    """An end device, by mRID or by name."""


class EndDeviceGroup(IdentifiedObject):
    """A group of end devices, by mRID or by name."""


class Meter(IdentifiedObject):
    """A meter, by mRID or by name."""


class PricingStructure(IdentifiedObject):
    """A pricing structure, by mRID or by name."""


class ServiceCategory(IdentifiedObject):
    """A category of service, by mRID or by name."""


class ServiceLocation(IdentifiedObject):
    """The premises of a customer, by mRID or by name."""


class ServiceSupplier(IdentifiedObject):
    """A supplier, by mRID or by name."""


class UsagePointGroup(IdentifiedObject):
    """A group of usage points, by mRID or by name."""
