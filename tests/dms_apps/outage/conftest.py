"""A small network from a table, and an app run on it with a clock that the test moves."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from cim.codes import Codes
from cim.message import Header, Kind, Message, Outgoing, Property, Reply, Verb
from cim.network import Network
from cim.profile import Profile, RdfXml, Reference
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.customer_contacts import Hazard
from cim.profiles.end_device_controls import EndDeviceControls
from cim.profiles.end_device_events import Asset, EndDeviceEvent, EndDeviceEvents
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.measurement_values import (
    Discrete,
    DiscreteValue,
    MeasurementValueQuality,
    MeasurementValues,
    Validity,
)
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.profiles.outages import ConductingEquipment
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from cim.profiles.premises import ServiceLocation
from cim.profiles.switching_events import (
    PhaseCode,
    Switch,
    SwitchAction,
    SwitchActionKind,
    SwitchingEvent,
    SwitchingEvents,
)
from cim.profiles.trouble_symptoms import TroubleSymptoms, TroubleSymptomsLightKind
from cim.profiles.trouble_tickets import TroubleTicket, TroubleTickets
from cim.profiles.unplanned_outages import UnplannedOutage, UnplannedOutages
from dms_apps.outage import OutageApp
from dms_apps.outage.tables import interruption, metadata

NAMESPACE = uuid.UUID("00000000-0000-4000-8000-000000000000")
CLASSES = {
    "breaker": "Breaker",
    "fuse": "Fuse",
    "line": "ACLineSegment",
    "recloser": "Recloser",
    "tie": "LoadBreakSwitch",
    "transformer": "Fuse",
}
LOST, RESTORED, ON = "3.26.0.85", "3.26.0.216", "3.26.0.1"
OVER = (Verb.CLOSED, Verb.CANCELED)
MORNING = datetime(2025, 11, 20, 10, tzinfo=UTC)


def mrid(name: str) -> str:
    return str(uuid.uuid5(NAMESPACE, name))


def identity(name: str, *, named: bool) -> dict[str, Any]:
    """How a message says which thing of the models it means: by name, or by mRID."""
    return {"names": (Name(name=name),)} if named else {"mrid": mrid(name)}


def rdf(devices: Iterable[Mapping[str, Any]], source: str) -> bytes:
    """A network in which each device ends at a node of its own, fed from its parent's node.

    A transformer is drawn as its fuse, a `line` never opens.  `indicators`: fault indicators at the
    end of a device away from the source, each with a Discrete "<its name> state".  `tie`: normally
    open, from the node of `parent` to that of `to`.  `phases`: of a device or, in `premises`, as
    "M1:A" of a usage point.
    """
    lines = [f'<cim:Feeder rdf:about="urn:uuid:{mrid("feeder")}">' + _named("feeder", "FDR-1")]
    lines.append("</cim:Feeder>")
    lines += _node(source)
    lines += _one(f"source {source}", "EnergySource", [source])
    for device in devices:
        name = device["id"]
        ends = [device["parent"], device.get("to", name)]
        if "to" not in device:
            lines += _node(name)
        normally = f"<cim:Switch.normalOpen>{str('to' in device).lower()}</cim:Switch.normalOpen>"
        normally += f"<cim:Switch.open>{str('to' in device).lower()}</cim:Switch.open>"
        normally = "" if device["kind"] == "line" else normally
        cls = CLASSES[device["kind"]]
        lines += _one(name, cls, ends, normally, device.get("phases", ""))
        for indicator in device.get("indicators", ()):
            lines += _indicator(indicator, name)
        for premise in device.get("premises", ()):
            point, _, phases = premise.partition(":")
            lines += _one(f"load {point}", "EnergyConsumer", [name], phases=phases)
            lines += _customer(point, device.get("critical", ()))
    body = "\n".join(lines)
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        f' xmlns:cim="http://iec.ch/TC57/CIM100#">\n{body}\n</rdf:RDF>'
    ).encode()


def _named(key: str, name: str) -> str:
    return (
        f"<cim:IdentifiedObject.mRID>{mrid(key)}</cim:IdentifiedObject.mRID>"
        f"<cim:IdentifiedObject.name>{name}</cim:IdentifiedObject.name>"
    )


def _node(name: str) -> list[str]:
    about = mrid(f"node {name}")
    return [f'<cim:ConnectivityNode rdf:about="urn:uuid:{about}"></cim:ConnectivityNode>']


def _link(tag: str, key: str) -> str:
    return f'<cim:{tag} rdf:resource="urn:uuid:{mrid(key)}"/>'


def _one(name: str, cls: str, nodes: list[str], more: str = "", phases: str = "") -> Iterator[str]:
    """A piece of equipment with a terminal at each of `nodes`."""
    home = _link("Equipment.EquipmentContainer", "feeder")
    about = f'<cim:{cls} rdf:about="urn:uuid:{mrid(name)}">'
    yield f"{about}{_named(name, name)}{home}{more}</cim:{cls}>"
    for number, node in enumerate(nodes, 1):
        yield (
            f'<cim:Terminal rdf:about="urn:uuid:{mrid(f"{name} terminal {number}")}">'
            f"<cim:ACDCTerminal.sequenceNumber>{number}</cim:ACDCTerminal.sequenceNumber>"
            f"{_link('Terminal.ConductingEquipment', name)}"
            f"{_link('Terminal.ConnectivityNode', f'node {node}')}</cim:Terminal>"
        )
    kind = "EnergyConsumerPhase" if cls == "EnergyConsumer" else "SwitchPhase"
    owner = "EnergyConsumer" if cls == "EnergyConsumer" else "Switch"
    side = "phase" if cls == "EnergyConsumer" else "phaseSide1"
    for phase in phases:
        code = f"http://iec.ch/TC57/CIM100#SinglePhaseKind.{phase}"
        other = f'<cim:SwitchPhase.phaseSide2 rdf:resource="{code}"/>' if owner == "Switch" else ""
        if owner == "Switch":
            other += "<cim:SwitchPhase.normalOpen>false</cim:SwitchPhase.normalOpen>"
            other += "<cim:SwitchPhase.closed>true</cim:SwitchPhase.closed>"
        yield (
            f'<cim:{kind} rdf:about="urn:uuid:{mrid(f"{name} phase {phase}")}">'
            f'<cim:{kind}.{side} rdf:resource="{code}"/>{other}'
            f"{_link(f'{kind}.{owner}', name)}</cim:{kind}>"
        )


def _indicator(name: str, device: str) -> Iterator[str]:
    terminal = _link("AuxiliaryEquipment.Terminal", f"{device} terminal 2")
    about = f'<cim:FaultIndicator rdf:about="urn:uuid:{mrid(name)}">'
    yield f"{about}{_named(name, name)}{terminal}</cim:FaultIndicator>"
    state = f"{name} state"
    yield (
        f'<cim:Discrete rdf:about="urn:uuid:{mrid(state)}">{_named(state, state)}'
        "<cim:Measurement.measurementType>FaultIndicator</cim:Measurement.measurementType>"
        f"{_link('Measurement.PowerSystemResource', name)}</cim:Discrete>"
    )


def _customer(point: str, critical: Iterable[str]) -> Iterator[str]:
    priority = "<cim:UsagePoint.servicePriority>HOSPITAL</cim:UsagePoint.servicePriority>"
    yield (
        f'<cim:UsagePoint rdf:about="urn:uuid:{mrid(point)}">{_named(point, point)}'
        f"{priority if point in critical else ''}"
        f"{_link('UsagePoint.Equipments', f'load {point}')}</cim:UsagePoint>"
    )
    meter = f"MTR-{point}"
    yield (
        f'<cim:Meter rdf:about="urn:uuid:{mrid(meter)}">{_named(meter, meter)}'
        f"{_link('EndDevice.UsagePoint', point)}</cim:Meter>"
    )


def event_message(payload: Profile, verb: Verb = Verb.CREATED) -> Message:
    header = Header(verb=verb, noun=type(payload).__name__)
    return Message(header=header, kind=Kind.of(verb), payload=payload)


@dataclass
class Run:
    """The app over a network; `at` is the only clock."""

    app: OutageApp
    connection: sa.Connection
    network: Network
    at: datetime = MORNING
    due: datetime | None = None
    wakes: int = 0
    told: list[tuple[Verb, UnplannedOutage]] = field(default_factory=list)
    pinged: list[str] = field(default_factory=list)

    def load(self, devices: Iterable[Mapping[str, Any]], source: str = "SS1") -> None:
        """The model arrives."""
        model = NetworkModel(
            mrid=mrid("model"),
            profile=("urn:test:UsagePoint",),
            document=RdfXml(rdf(devices, source)),
        )
        self.handle(event_message(NetworkModels(network_model=(model,))))
        assert not self.network.problems

    @property
    def now(self) -> datetime:
        return self.at

    def wake_at(self, when: datetime) -> None:
        self.due = when if self.due is None else min(self.due, when)

    def handle(self, message: Message) -> list[Outgoing]:
        """Hand one message over, after the network has moved on."""
        self.network = self.network.after(message)
        return self._keep(self.app.handle(message, self))  # type: ignore[arg-type]

    def until(self, moment: datetime) -> None:
        """Let the time pass, with every wake that was asked for."""
        while self.due is not None and self.due <= moment:
            self.at, self.due = max(self.at, self.due), None
            self.wakes += 1
            self._keep(self.app.wake(self))  # type: ignore[arg-type]
        self.at = max(self.at, moment)

    def settle(self) -> None:
        """Let the time pass until nothing is asked for any more."""
        for _ in range(1000):
            if self.due is None:
                return
            self.until(self.due)
        raise AssertionError("the app never comes to rest")

    def _keep(self, outgoing: Iterable[Outgoing]) -> list[Outgoing]:
        kept = list(outgoing)
        for one in kept:
            if isinstance(one.payload, UnplannedOutages) and one.verb is not Verb.REPLY:
                self.told += [(one.verb, outage) for outage in one.payload.unplanned_outage]
            if isinstance(one.payload, EndDeviceControls):
                self.pinged += [
                    point.names[0].name
                    for control in one.payload.end_device_control
                    for point in control.usage_points
                ]
        return kept

    def meter(
        self, point: str, code: str, happened: datetime, *, late: bool = False
    ) -> list[Outgoing]:
        """The meter of a usage point says something."""
        return self.meters([(point, code, happened)], late=late)

    def meters(
        self, said: Iterable[tuple[str, str, datetime]], *, late: bool = False
    ) -> list[Outgoing]:
        """Several meters say something in one message."""
        events = tuple(
            EndDeviceEvent(
                created_date_time=happened,
                assets=Asset(names=(Name(name=f"MTR-{point}"),)),
                end_device_event_type=Reference(code),
            )
            for point, code, happened in said
        )
        message = event_message(EndDeviceEvents(end_device_event=events))
        if late:
            header = replace(message.header, properties=(Property("Late", "PT90000S"),))
            message = replace(message, header=header)
        return self.handle(message)

    def indicator(
        self,
        name: str,
        value: int | None,
        at: datetime,
        *,
        phases: PhaseCode | None = None,
        validity: Validity | None = None,
    ) -> list[Outgoing]:
        """Telemetry shows the state of a fault indicator."""
        shown = DiscreteValue(
            value=value,
            time_stamp=at,
            discrete=Discrete(
                measurement_type="FaultIndicator",
                phases=phases,
                names=(Name(name=f"{name} state"),),
            ),
            measurement_value_quality=MeasurementValueQuality(validity=validity),
        )
        return self.handle(event_message(MeasurementValues(discrete_value=(shown,))))

    def call(
        self,
        point: str,
        at: datetime,
        *,
        hazards: Iterable[str] = (),
        number: str = "",
        light: TroubleSymptomsLightKind | None = None,
    ) -> list[Outgoing]:
        """A customer calls; `point` may be unknown."""
        ticket = TroubleTicket(
            mrid=mrid(f"call {number or point} {at}"),
            date_time_of_report=at,
            names=(Name(name=number or f"call of {point}"),),
            hazard=tuple(Hazard(type=hazard) for hazard in hazards),
            trouble_symptoms=TroubleSymptoms(trouble_symptoms_light=light),
            service_location=ServiceLocation(usage_points=(UsagePoint(names=(Name(name=point),)),)),
        )
        return self.handle(event_message(TroubleTickets(trouble_ticket=(ticket,))))

    def callback(self, point: str, called: datetime, at: datetime, value: str) -> list[Outgoing]:
        """Who called at `called` is called back, and says "powerOn" or "powerOff"."""
        ticket = TroubleTicket(
            mrid=mrid(f"call {point} {called}"),
            date_time_of_report=None,  # type: ignore[arg-type]  # a change says what is new
            status=Status(reason="callback", value=value, date_time=at),
        )
        payload = TroubleTickets(trouble_ticket=(ticket,))
        return self.handle(event_message(payload, Verb.CHANGED))

    def plan(self, device: str, begins: datetime, ends: datetime) -> str:
        """A planned outage is announced; its mRID."""
        outage = PlannedOutage(
            mrid=mrid(f"plan {device}"),
            estimated_period=DateTimeInterval(start=begins, end=ends),
            outage_isolation_equipment=(ConductingEquipment(mrid=mrid(device)),),
        )
        self.handle(event_message(PlannedOutages(planned_outage=(outage,))))
        return outage.mrid or ""

    def ask(self, verb: Verb, outage: UnplannedOutage, number: int = 0) -> Reply:
        """A crew or a dispatcher asks something of an outage."""
        header = Header(
            verb=verb, noun="UnplannedOutages", message_id=f"{verb} {self.at} {number}",
            timestamp=self.at,
        )  # fmt: skip
        payload = UnplannedOutages(unplanned_outage=(outage,))
        said = self.handle(Message(header=header, kind=Kind.REQUEST, payload=payload))
        [reply] = [one.reply for one in said if one.verb is Verb.REPLY]
        assert reply is not None
        return reply

    def ledger(self) -> list[tuple[str, datetime, datetime | None, str | None]]:
        """Name, start, end and outage of every interruption."""
        query = sa.select(interruption).order_by(*interruption.primary_key)
        return [
            (self.network.name(r.point) if self.network.knows(r.point) else r.point, r.started_at,
             r.ended_at, r.outage)
            for r in self.connection.execute(query)
        ]  # fmt: skip

    def switch(
        self,
        device: str,
        kind: str,
        happened: datetime,
        phases: str | None = None,
        *,
        named: bool = False,
    ) -> list[Outgoing]:
        """A switch is operated."""
        action = SwitchAction(
            kind=SwitchActionKind(kind),
            executed_date_time=happened,
            phases=PhaseCode(phases) if phases else None,
            operated_switch=Switch(**identity(device, named=named)),
        )
        events = SwitchingEvents(switching_event=(SwitchingEvent(switching_action=action),))
        return self.handle(event_message(events))

    def outages(self) -> list[UnplannedOutage]:
        """The open outages as the last word has them."""
        last = {outage.mrid: (verb, outage) for verb, outage in self.told}
        return [outage for verb, outage in last.values() if verb not in OVER]

    def places(self) -> dict[str, int]:
        """Device, or the usage point alone, of each open outage: how many are without power."""
        return {place(outage): outage.meters_affected or 0 for outage in self.outages()}


def place(outage: UnplannedOutage) -> str:
    """Name of the open device, else of the usage point; "" for meters nobody knows."""
    if outage.outage_isolation_equipment:
        return outage.outage_isolation_equipment[0].names[0].name
    point = outage.de_energized_usage_point[0]
    return point.names[0].name if point.mrid else ""


@pytest.fixture
def start() -> Iterator[Callable[..., Run]]:
    """start(devices, source="SS1", **settings) -> a run in which the model has just arrived."""
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:

        def begin(
            devices: Iterable[Mapping[str, Any]], source: str = "SS1", **settings: Any
        ) -> Run:
            metadata.drop_all(connection)
            metadata.create_all(connection)
            app = OutageApp(**{"codes": Codes({"*": {ON: "power-on"}})} | settings)
            run = Run(app, connection, Network.empty())
            run.load(devices, source)
            return run

        yield begin
    engine.dispose()


def after(**duration: float) -> datetime:
    """A time of the morning."""
    return MORNING + timedelta(**duration)
