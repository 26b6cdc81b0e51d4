"""Documents and objects of network operations that messages about others only point at."""

from __future__ import annotations

from cim.profiles.identification import IdentifiedObject


class Asset(IdentifiedObject):
    """An asset, by mRID or by name."""


class ClearanceDocument(IdentifiedObject):
    """A clearance, by mRID or by name."""


class Incident(IdentifiedObject):
    """What was reported from the field, by mRID or by name."""


class Outage(IdentifiedObject):
    """An outage, planned or not, by mRID or by name."""


class OutagePlan(IdentifiedObject):
    """A plan that leads to an outage, by mRID or by name."""


class PlannedOutage(IdentifiedObject):
    """An outage that was planned, by mRID or by name."""


class SafetyDocument(IdentifiedObject):
    """A safety document, by mRID or by name."""


class SwitchingPlan(IdentifiedObject):
    """A switching plan, by mRID or by name."""


class TroubleOrder(IdentifiedObject):
    """An order to look after trouble, by mRID or by name."""


class TroubleTicket(IdentifiedObject):
    """A report of a customer, by mRID or by name."""


class UnplannedOutage(IdentifiedObject):
    """An outage nobody planned, by mRID or by name."""


class Work(IdentifiedObject):
    """Work, by mRID or by name."""


class WorkTask(IdentifiedObject):
    """A part of some work, by mRID or by name."""
