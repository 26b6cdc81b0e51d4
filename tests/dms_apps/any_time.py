"""Every app on one small network, and messages of every noun that may say any time anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from cim.contract import example
from cim.heard import heard
from cim.message import Header, Kind, Message, Outgoing, Request, Topic, User, Verb
from cim.network import Network
from cim.parse import parse
from cim.profile import Attribute, Profile, attributes
from cim.profiles.network_models import NetworkModels
from cim.xml import decode
from hub.dispatch.heard import handed
from hub.dispatch.stamp import stamp
from hub.interfaces import App, Prepared, Reporting, Timed
from hub.journal.canonical import encode_checked
from hub.report import Form, Unanswerable, as_csv
from tests.dms_apps.load_flow.playing import modelled
from tests.dms_apps.load_model.playing import NOON, analog, point
from tests.dms_apps.solver.feeder import Objects, balanced_line, load, source, switch

Place = tuple[str, ...]
"""Fields one after the other, from the noun down to one that holds a time."""

ENDS = ("end", "ert")


@dataclass(frozen=True)
class Street:
    """What the messages are about: a switch behind a source and a line, its load and who draws it.

    Whatever else is named has the name of its class and this letter.
    """

    letter: str

    def model(self) -> Objects:
        x = self.letter
        found: Objects = {}
        for some in (
            source(node=f"1{x}", name=f"source-{x}"),
            balanced_line(f"line-{x}", (f"1{x}", f"2{x}")),
            switch(f"switch-{x}", (f"2{x}", f"3{x}")),
            load(name=f"load-{x}", node=f"3{x}"),
            point(f"point-{x}", f"load-{x}"),
            analog(f"analog-{x}", "ThreePhaseActivePower", f"load-{x}_t1"),
        ):
            found |= some
        found[f"Meter meter-{x}"] = {"EndDevice.UsagePoint": f"#point-{x}"}
        found[f"Discrete discrete-{x}"] = {
            "Measurement.measurementType": "SwitchPosition",
            "Measurement.PowerSystemResource": f"#switch-{x}",
        }
        return found

    def called(self, profile: type[Profile]) -> str:
        kind = _SAME.get(profile.cim_class, profile.cim_class.lower())
        return f"{kind}-{self.letter}"

    def sample(self, noun: str) -> Profile:
        """The example of a noun, about this street; its times are this noon and two hours later."""
        if noun == NetworkModels.__name__:
            return self.network()
        payload = decode(parse(example(noun).encode()))
        return self._here(payload)

    def network(self) -> NetworkModels:
        [model] = modelled(self.model()).network_model
        mrid = f"{self.letter * 8}-0000-4000-8000-000000000000"
        return NetworkModels(network_model=(replace(model, mrid=mrid, created=NOON),))

    def _here(self, value: Any, name: str = "") -> Any:
        if isinstance(value, tuple):
            return tuple(self._here(one, name) for one in value[:1])
        if isinstance(value, datetime):
            return NOON + timedelta(hours=2 * (name in ENDS))
        if not isinstance(value, Profile) or type(value).__name__ == "Name":
            return value
        said = {a.name: self._here(getattr(value, a.name), a.name) for a in attributes(type(value))}
        if "mrid" in said and type(value).__name__ != "EndDeviceEventType":
            said["mrid"] = self.called(type(value))
            said |= {"names": ()} if "names" in said else {}
        elif isinstance(said.get("names"), tuple):
            said["names"] = tuple(replace(n, name=self.called(type(value))) for n in said["names"])
        return replace(value, **said)


_SAME = {
    **dict.fromkeys(("UsagePoint",), "point"),
    **dict.fromkeys(("ConductingEquipment", "Equipment", "PowerSystemResource"), "switch"),
    **dict.fromkeys(("Switch", "ProtectedSwitch", "Breaker", "Fuse"), "switch"),
    **dict.fromkeys(("Asset", "EndDevice", "Meter"), "meter"),
    **dict.fromkeys(("ACLineSegment",), "line"),
    **dict.fromkeys(("EnergyConsumer",), "load"),
    **dict.fromkeys(("EnergySource",), "source"),
    **dict.fromkeys(("UnplannedOutage", "Outage"), "outage"),
}
"""CIM class -> the sort of thing of a street that it is."""


def places(profile: type[Profile], above: tuple[type[Profile], ...] = ()) -> Iterator[Place]:
    """Where a time or a day may be said."""
    for one in attributes(profile):
        if one.type in (datetime, date):
            yield (one.name,)
        elif issubclass(one.type, Profile) and one.type not in above:
            for below in places(one.type, (*above, profile)):
                yield (one.name, *below)


def put(value: Profile, place: Place, at: datetime) -> Profile:
    """The same with a time at a place; what must be there for it to be said is made."""
    name, *below = place
    attribute = next(a for a in attributes(type(value)) if a.name == name)
    said: Any
    if not below:
        said = at if attribute.type is datetime else at.date()
    else:
        before = getattr(value, name)
        inner = (before[0] if attribute.many and before else before) or made(attribute.type)
        said = put(inner, tuple(below), at)
    others = _excluded(type(value), attribute)
    return replace(value, **{name: (said,) if attribute.many else said}, **others)


def _excluded(profile: type[Profile], said: Attribute) -> dict[str, Any]:
    return {
        a.name: () if a.many else None
        for a in attributes(profile)
        if said.choice and a.choice == said.choice and a.name != said.name
    }


def made(profile: type[Profile]) -> Profile:
    """One that says what it must say."""
    said = {a.name: _any(a) for a in attributes(profile) if a.required}
    return profile(**said)


def _any(one: Attribute) -> Any:
    value: Any
    if issubclass(one.type, Profile):
        value = made(one.type)
    elif issubclass(one.type, StrEnum):
        value = next(iter(one.type))
    elif one.type is datetime:
        value = NOON
    elif one.type is date:
        value = NOON.date()
    else:
        value = one.type(b"1" if issubclass(one.type, bytes) else "1")
    return (value,) if one.many else value


@dataclass
class Given:
    """One message to an app that takes many at once (`hub.bulk.Accepted`)."""

    message: Message
    message_id: str = "m"
    body: bytes = b""


@dataclass
class Run:
    """An app, its tables, the network and a clock (`hub.interfaces.Context`)."""

    name: str
    app: App
    connection: sa.Connection
    network: Network = field(default_factory=Network.empty)
    before: Network = field(default_factory=Network.empty)
    now: datetime = NOON
    due: datetime | None = None

    @property
    def after(self) -> Network:
        return self.network

    def wake_at(self, when: datetime) -> None:
        self.due = when if self.due is None else min(self.due, when)

    def hand(self, message: Message) -> list[Outgoing]:
        """What the app says of a message; what it hears of that comes back to it, as in a hub."""
        self.before, self.network = self.network, self.network.after(message)
        topic = Topic(message.header.verb, message.header.noun)
        if topic not in self.app.topics:
            return []
        if topic in getattr(self.app, "bulk", ()):
            given = Given(heard(message, self.now))
            [said] = self.app.handle_all([given], self)  # type: ignore[attr-defined]
            return self._told(said, message)
        return self._told(handed(self.app, message, self), message)

    def until(self, when: datetime) -> list[Outgoing]:
        """What it says when it is woken until then, or twenty times."""
        found: list[Outgoing] = []
        for _ in range(20):
            if self.due is None or self.due > when or not isinstance(self.app, Timed):
                break
            self.now, self.due = max(self.now, self.due), None
            if isinstance(self.app, Prepared):
                self.app.prepare(self.network)
            found += self._told(self.app.wake(self))
        self.now = max(self.now, when)
        return found

    def _told(self, said: Iterable[Outgoing], answers: Message | None = None) -> list[Outgoing]:
        found = list(said)
        for one in found:
            message = stamp(one, self.name, self.now, answers)
            encode_checked(message)  # as the hub takes it, by its schema
            if one.verb is not Verb.REPLY and (one.verb, message.header.noun) in self.app.topics:
                found += self.hand(message)
        return found

    def asked(self) -> dict[str, bytes]:
        """All that it reports, where nothing need be said to ask for it."""
        found: dict[str, bytes] = {}
        if not isinstance(self.app, Reporting):
            return found
        for one in self.app.reports:
            needed = {p.name: self._value(p.name) for p in one.parameters if p.needed}
            with suppress(Unanswerable):
                report = self.app.report(one.name, needed, self)
                found[one.name] = as_csv(report)
                if report.draw:
                    report.draw(Form.SVG)
        return found

    def _value(self, name: str) -> str:
        return {"outage": "outage-a", "order": "troubleorder-a"}.get(name, "switch-a")

    def got(self) -> list[Outgoing]:
        """What it says of all that may be got from it."""
        found: list[Outgoing] = []
        for verb, noun in sorted(self.app.topics):
            if verb is Verb.GET:
                header = Header(verb=verb, noun=noun, timestamp=self.now, message_id="get")
                found += self.hand(Message(header=header, kind=Kind.REQUEST, request=Request()))
        return found


def message(
    payload: Profile, verb: Verb, at: datetime | None, request: Request | None = None
) -> Message:
    """As a partner would send it."""
    is_request = Kind.of(verb) is Kind.REQUEST
    header = Header(
        verb=verb,
        noun=type(payload).__name__,
        timestamp=at,
        source="PARTNER",
        message_id=f"{verb} {at}",
        user=User(user_id="dispatcher") if is_request else None,
    )
    return Message(
        header=header,
        kind=Kind.of(verb),
        payload=None if verb is Verb.GET else payload,
        request=(request or Request()) if is_request else None,
    )
