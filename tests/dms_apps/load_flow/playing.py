"""The load flow app on a small network, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from cim.message import Header, Kind, Message, Outgoing, Property, Request, Verb
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
from dms_apps.load_flow import LoadFlowApp
from tests.cim.electrical.documents import document
from tests.dms_apps.solver.feeder import Objects

MORNING = datetime(2026, 1, 15, 10, tzinfo=UTC)


def said(
    payload: Profile | None, verb: Verb = Verb.CREATED, context: str | None = None, **request: str
) -> Message:
    """A message; `request` are its options."""
    noun = request.pop("noun", "") or (type(payload).__name__ if payload else "StateVariables")
    options = tuple(Property(name=name, value=value) for name, value in request.items())
    return Message(
        header=Header(verb=verb, noun=noun, source="test", message_id="m", context=context),
        kind=Kind.of(verb),
        payload=payload,
        request=Request(options=options) if Kind.of(verb) is Kind.REQUEST else None,
    )


def modelled(*objects: Objects) -> NetworkModels:
    whole = {key: value for some in objects for key, value in some.items()}
    model = NetworkModel(
        mrid="11111111-0000-4000-8000-000000000000",
        profile=("http://iec.ch/TC57/CIM100",),
        document=RdfXml(document(whole)),
    )
    return NetworkModels(network_model=(model,))


def operated(switch: str, *, closed: bool, at: datetime = MORNING) -> SwitchingEvents:
    kind = SwitchActionKind.CLOSE if closed else SwitchActionKind.OPEN
    action = SwitchAction(kind=kind, operated_switch=Switch(mrid=switch))
    event = SwitchingEvent(created_date_time=at, switching_action=action)
    return SwitchingEvents(switching_event=(event,))


@dataclass
class Run:
    """An app, its tables and the network (`hub.interfaces.Context`)."""

    app: LoadFlowApp
    network: Network = field(default_factory=Network.empty)
    now: datetime = MORNING
    woken: datetime | None = None

    def __post_init__(self) -> None:
        engine = sa.create_engine("sqlite://")
        self.connection = engine.connect()
        self.app.tables.create_all(self.connection)

    @property
    def before(self) -> Network:
        return self.network

    @property
    def after(self) -> Network:
        return self.network

    def wake_at(self, when: datetime) -> None:
        self.woken = when if self.woken is None else min(self.woken, when)

    def take(self, message: Message) -> list[Outgoing]:
        """What the app says of a message."""
        self.network = self.network.after(message)
        return list(self.app.handle(message, self))

    def wait(self, until: timedelta = timedelta(seconds=10)) -> list[Outgoing]:
        """What it says when it wakes until then."""
        end = self.now + until
        return list(self._woken(end))

    def _woken(self, end: datetime) -> Iterator[Outgoing]:
        while self.woken is not None and self.woken <= end:
            self.now, self.woken = self.woken, None
            yield from self._wake()
        self.now = end

    def _wake(self) -> Iterable[Outgoing]:
        return self.app.wake(self)
