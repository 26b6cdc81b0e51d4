"""Customers and meters on a feeder: a pure function of its document and a seed."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random

from cim.message import Header, Kind, Message, Verb
from cim.network import Network
from cim.profile import Profile, RdfXml
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.profiles.switching_events import (
    Switch,
    SwitchAction,
    SwitchActionKind,
    SwitchingEvent,
    SwitchingEvents,
)
from dms_apps.simulator.consumers import Consumer, consumers
from dms_apps.simulator.storm import Storm, gasps, restorations

_POINTS = uuid.UUID("b9d2f9e8-91a4-5a0f-a7a4-3a3d6e0f4c02")  # namespace of our version 5 UUIDs
_CIM = "http://iec.ch/TC57/CIM100#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


@dataclass(frozen=True)
class Customer:
    """One service point with its meter.

    equipment: mRID of the EnergyConsumer it is on.
    critical:  its class in the CIS, "" for most.
    """

    service_point: str
    premise: str
    account: str
    kind: str
    life_support: bool
    critical: str
    meter: str
    endpoint: str
    equipment: str

    @property
    def mrid(self) -> str:
        """The usage point in the simulator's own reading of the network."""
        return str(uuid.uuid5(_POINTS, self.service_point))


@dataclass(frozen=True)
class Utility:
    """A demo utility.

    document: the feeder, CIM RDF/XML.
    network:  what the simulator itself reads from it, with its own usage points.
    """

    name: str
    seed: int
    document: bytes
    customers: tuple[Customer, ...]
    network: Network

    @classmethod
    def build(cls, name: str, document: bytes, seed: int, *, kilowatts: float = 4.0) -> Utility:
        """Put a customer on each consumer of the feeder, and one more for every `kilowatts`.

        Raises: Refusal, ValueError when the feeder has no consumers.
        """
        people = tuple(_people(consumers(document), Random(seed), kilowatts))  # noqa: S311
        if not people:
            raise ValueError(f"Feeder {name} has no EnergyConsumer to put customers on.")
        models = NetworkModels(
            network_model=(
                NetworkModel(mrid="feeder", document=RdfXml(document)),
                NetworkModel(mrid="customers", document=RdfXml(_points(people))),
            )
        )
        return cls(name, seed, document, people, Network.empty().after(_event(models)))

    def service_points(self) -> Iterator[dict[str, str]]:
        """The rows of the CIS file."""
        for customer in self.customers:
            yield {
                "service_point_id": customer.service_point,
                "premise_id": customer.premise,
                "account_number": customer.account,
                "customer_type": customer.kind,
                "life_support": "Y" if customer.life_support else "N",
                "critical_class": customer.critical,
                "meter_number": customer.meter,
                "equipment_mrid": customer.equipment,
                "phase": "",
            }

    def device(self) -> str:
        """The mRID of a switch worth tripping: with a fair part of all customers below it (5 % to
        50 %), and with no other protective device below it that feeds the same ones.

        Reclosers go first, then breakers, then what else protects; the seed chooses among them.
        Raises: LookupError when the feeder has none.
        """
        sizes = Counter(
            d for customer in self.customers for d in self.network.protective_path(customer.mrid)
        )
        most = len(self.customers)
        found = [
            device
            for device, size in sorted(sizes.items())
            if 0.05 * most <= size <= 0.5 * most and self._stands_alone(device, sizes)
        ]
        if not found:
            raise LookupError(f"Feeder {self.name} has no switch worth tripping.")
        ranked = {"Recloser": 0, "Breaker": 1}
        best = min(ranked.get(self.network.device_kind(d), 2) for d in found)
        chosen = [d for d in found if ranked.get(self.network.device_kind(d), 2) == best]
        return Random(self.seed).choice(chosen)  # noqa: S311 - repeatable, no secret

    def elsewhere(self, device: str) -> str:
        """The mRID of a switch that feeds some customers, none of them below `device`; of such
        ones that which feeds the fewest.

        Raises: LookupError when the feeder has none.
        """
        paths = {c.mrid: self.network.protective_path(c.mrid) for c in self.customers}
        sizes = Counter(d for path in paths.values() for d in path)
        near = {d for path in paths.values() if device in path for d in path}
        found = [
            (size, mrid)
            for mrid, size in sizes.items()
            if mrid not in near and self.network.device_kind(mrid) != "PowerTransformer"
        ]
        if not found:
            raise LookupError(f"Feeder {self.name} has no switch away from {device}.")
        return min(found)[1]

    def dead(self, device: str) -> list[Customer]:
        """Who has no power while `device` is open."""
        action = SwitchAction(kind=SwitchActionKind.OPEN, operated_switch=Switch(mrid=device))
        events = SwitchingEvents(switching_event=(SwitchingEvent(switching_action=action),))
        after = self.network.after(_event(events))
        return [
            customer
            for customer in self.customers
            if self.network.is_energised(customer.mrid) and not after.is_energised(customer.mrid)
        ]

    def trip(self, device: str, at: datetime) -> Storm:
        """`device` opens: what the head-end hears of it, and what is true."""
        return gasps(device, self.dead(device), at, Random(f"{self.seed} {device}"))  # noqa: S311

    def restore(self, device: str, at: datetime) -> list[dict[str, str]]:
        """`device` is closed again: the rows of the head-end's file."""
        return restorations(self.dead(device), at, Random(f"{self.seed} {device}"))  # noqa: S311

    def _stands_alone(self, device: str, sizes: Counter[str]) -> bool:
        """Whether it is a protective switch, and no protective device below feeds as many."""
        network = self.network
        if not network.is_protective(device) or network.device_kind(device) == "PowerTransformer":
            return False
        lower = (d for d in network.devices_below(device) if sizes[d] == sizes[device])
        return not any(network.is_protective(d) for d in lower)


def _people(found: Iterable[Consumer], random: Random, kilowatts: float) -> Iterator[Customer]:
    number = 0
    for premise, consumer in enumerate(found, 1):
        for _ in range(max(1, round(consumer.power / 1000 / kilowatts))):
            number += 1
            business = random.random() < 0.08
            yield Customer(
                service_point=f"SP-{number:07}",
                premise=f"P-{premise:06}",
                account=f"A-{random.randrange(10**8):08}",
                kind="COM" if business else "RES",
                life_support=not business and random.random() < 0.01,
                critical=random.choice(["HOSPITAL", "WATER", "POLICE"])
                if business and random.random() < 0.05
                else "",
                meter=f"MTR-{900000 + number}",
                endpoint=f"EP-{number}",
                equipment=consumer.mrid,
            )


def _points(people: Iterable[Customer]) -> bytes:
    """Usage points for the simulator's own eyes; the hub gets them from the CIS."""
    points = "".join(
        f'<cim:UsagePoint rdf:about="urn:uuid:{customer.mrid}">'
        f'<cim:UsagePoint.Equipments rdf:resource="urn:uuid:{customer.equipment}"/>'
        "</cim:UsagePoint>\n"
        for customer in people
    )
    return f'<rdf:RDF xmlns:rdf="{_RDF}" xmlns:cim="{_CIM}">\n{points}</rdf:RDF>'.encode()


def _event(payload: Profile) -> Message:
    header = Header(verb=Verb.CREATED, noun=type(payload).__name__)
    return Message(header=header, kind=Kind.EVENT, payload=payload)
