"""What the dispatcher of the demo utility does in a storm: requests, as any other system sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cim.message import Verb
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.operations_staff import Crew
from cim.profiles.outages import ConductingEquipment
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from cim.profiles.trouble_orders import TroubleOrder, TroubleOrders, WorkTask
from cim.profiles.unplanned_outages import (
    ERTConfidenceKind,
    EstimatedRestorationTime,
    OutageStatusKind,
    UnplannedOutage,
    UnplannedOutages,
)
from dms_apps.simulator.asking import Asking


@dataclass(frozen=True)
class Dispatcher:
    """Each act raises what `Asking.request` does."""

    asking: Asking

    def send(self, order: str, crew: str) -> None:
        """A crew is sent; mRIDs of order and crew."""
        self._order(order, work_task=(WorkTask(crews=(Crew(mrid=crew),)),))

    def take_over(self, zone: str) -> None:
        """The dispatcher looks after a zone from now on."""
        self.asking.request(Verb.CHANGE, TroubleOrders(), zone=zone)

    def heard(self, order: str, how_far: str) -> None:
        """The crew of an order says how far it is."""
        self._order(order, status=Status(value=how_far))

    def expect(self, outage: str, at: datetime) -> None:
        """The crew has said when supply will be back."""
        said = EstimatedRestorationTime(
            ert=at, ert_source="crew", confidence_kind=ERTConfidenceKind.HIGH
        )
        self._outage(outage, estimated_restoration_time=said, cause="A tree on the line")

    def back(self, outage: str, points: Sequence[str]) -> None:
        """Some customers are fed another way."""
        self._outage(
            outage,
            outage_kind=OutageStatusKind.PARTIALLY_RESTORED,
            energized_usage_point=tuple(UsagePoint(mrid=one) for one in points),
        )

    def plan(self, name: str, device: str, begins: datetime, ends: datetime) -> None:
        """A planned outage, at such short notice that it must be said why."""
        one = PlannedOutage(
            names=(Name(name=name),),
            reason="A leaning pole is replaced",
            estimated_period=DateTimeInterval(start=begins, end=ends),
            outage_isolation_equipment=(ConductingEquipment(mrid=device),),
            status=Status(reason="The pole does not wait for the usual notice"),
        )
        self.asking.request(Verb.CREATE, PlannedOutages(planned_outage=(one,)))

    def _order(self, mrid: str, **said: object) -> None:
        one = TroubleOrder(mrid=mrid, comment=None, **said)  # type: ignore[arg-type]  # what is new
        self.asking.request(Verb.CHANGE, TroubleOrders(trouble_order=(one,)))

    def _outage(self, mrid: str, **said: object) -> None:
        one = UnplannedOutage(mrid=mrid, original_customers_served=None, **said)  # type: ignore[arg-type]
        self.asking.request(Verb.CHANGE, UnplannedOutages(unplanned_outage=(one,)))
