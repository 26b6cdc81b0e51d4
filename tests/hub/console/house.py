"""A console over a real journal, its people, and what they say."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Protocol

import httpx
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from cim import envelope
from cim.codes import Codes
from cim.dialect import Dialects
from cim.message import Header, Kind, Message, Topic, Verb
from cim.network import Network
from cim.profile import Profile
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.unplanned_outages import (
    ConductingEquipment,
    OutageStatusKind,
    ServicePointOutageSummary,
    UnplannedOutage,
    UnplannedOutages,
)
from cim.violation import Refusal
from hub.console import Component, ConsoleView, create
from hub.dispatch import Hub
from hub.dispatch.handed_in import hand_in
from hub.dispatch.mending import mend
from hub.dispatch.models import bring
from hub.dispatch.recorder import Due, Recorder
from hub.dispatch.requested import request
from hub.journal import Entry, Journal
from hub.message_channel import Subscription
from hub.security import people, systems
from hub.security.roles import Role, Roles
from tests.cim.network.drawing import Drawing

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ORIGIN = "http://testserver"
PASSWORD = "correct horse battery"
OUTAGE = "0d5e2f2e-64a1-4f0f-9c7f-6c0a4b6a0001"
WHY = "Meters of 3 of 3 customers below fuse F7 report power out."


class InProcess(httpx.BaseTransport):
    """Calls the application without a socket.

    certificate: subject of the client certificate, as the front door would say it.
    """

    def __init__(self, app: FastAPI, certificate: str | None = None) -> None:
        async def front(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": {"certificate": certificate}}, receive, send)

        self._asgi = httpx.ASGITransport(front, raise_app_exceptions=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._asked(request))

    async def _asked(self, request: httpx.Request) -> httpx.Response:
        answer = await self._asgi.handle_async_request(request)
        content = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Browser:
    """A person's browser: follows the rules of the forms."""

    client: httpx.Client
    csrf: str = ""

    def get(self, path: str, **more: object) -> str:
        answer = self.client.get(path, **more)  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path: str, data: Mapping[str, object], status: int = 303) -> str:
        answer = self.client.post(
            path,
            data={"csrf": self.csrf, **data},
            headers={"Origin": ORIGIN},
            follow_redirects=False,
        )
        assert answer.status_code == status, answer.text
        return answer.headers.get("location", answer.text)

    def log_in(self, name: str, password: str) -> str:
        there = self.post("/login", {"name": name, "password": password})
        found = re.search(r'name="csrf" value="([^"]+)"', self.client.get("/password").text)
        assert found
        self.csrf = found[1]
        return there


@dataclass
class House:
    """The hub's data, its console and its people."""

    journal: Journal
    roles: Roles
    clock: Clock
    view: ConsoleView
    hub: Hub
    recorder: Recorder
    opened: list[httpx.Client] = field(default_factory=list)
    consoles: list[FastAPI] = field(default_factory=list)

    @classmethod
    @contextmanager
    def open(cls, url: str) -> Iterator[House]:
        """An empty hub with one subscriber, `erp`."""
        clock = Clock()
        topic = Topic(Verb.CREATED, "UnplannedOutages")
        journal = Journal.open(url, [Subscription("erp", frozenset([topic]))], clock)
        roles = Roles.read(Path(__file__).parents[3] / "config" / "roles.toml")
        hub = Hub(journal, {})
        recorder = Recorder(journal, hub.live, Due(pause=0))
        view = ConsoleView(
            journal=journal,
            roles=roles,
            network=Network.empty,
            at=lambda: hub.live.at,
            bring=partial(bring, hub),
            mend=partial(mend, hub),
            hand_in=partial(hand_in, hub),
            request=partial(request, hub, dialects=Dialects(), seconds=5.0),
            clock=clock,
            components=lambda: [Component(kind="channel", name="soap", state="running")],
            codes=Codes({"ami": {"17": "3.26.0.85"}}),
        )
        house = cls(journal, roles, clock, view, hub, recorder)
        yield house
        for client in house.opened:
            client.close()
        for console in house.consoles:
            console.state.site.close()
        recorder.stop()
        journal.close()

    def client(self, certificate: str | None = None) -> httpx.Client:
        """A client that has shown nothing, or a client certificate with that subject."""
        console = create(self.view)
        self.consoles.append(console)
        self.opened.append(httpx.Client(transport=InProcess(console, certificate), base_url=ORIGIN))
        return self.opened[-1]

    def follow(self) -> Network:
        """Let the hub take what was accepted, and keep its history."""
        self.view = replace(self.view, network=lambda: self.hub.network)
        self.recorder.step()
        return self.hub.network

    def person(self, name: str, *held: Role) -> Browser:
        """A logged-in person with these roles."""
        with self.view.writing() as connection:
            once = people.add(connection, "test", name, held, self.roles, self.clock())
        people.change_password(self.view.writing, name, once, PASSWORD, self.clock())
        browser = Browser(self.client())
        assert browser.log_in(name, PASSWORD) == "/"
        return browser

    def system(self, name: str, *held: Role, nouns: tuple[str, ...] = ()) -> httpx.Client:
        """A client with the API token of a system with these roles."""
        with self.view.writing() as connection:
            token = systems.add(
                connection,
                "test",
                systems.named(name, nouns=nouns, roles=held),
                self.roles,
                self.clock(),
            )
        client = self.client()
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    def accept(self, *messages: Message, cause: int | None = None) -> list[int]:
        """Put messages into the journal and return their numbers."""
        entries = [
            Entry(m, envelope.write(m), "test", m.header.source or "", cause=cause)
            for m in messages
        ]
        with self.journal.transaction() as transaction:
            return [seq for seq in transaction.accept(entries) if seq]

    def kill(self, subscriber: str, seq: int, error: str) -> None:
        """Give up a delivery."""
        with self.journal.transaction() as transaction:
            transaction.lease(subscriber, [0], 100, self.clock())
            transaction.failed(subscriber, seq, error)

    def refuse(self, received: bytes, refusal: Refusal, principal: str = "head-end") -> int:
        """Put something into quarantine."""
        with self.journal.transaction() as transaction:
            return transaction.quarantine("soap", principal, "file.xml", received, refusal)


def street() -> Network:
    """Three customers below a fuse below a breaker.

    source ── CB1 ── line ── fuse-7 ── point-0, point-1, point-2 (meter-0 ...)
    """
    drawing = Drawing().source("a").switch("CB1", "a", "b").line("line", "b", "c")
    drawing.switch("fuse-7", "c", "d", kind="Fuse")
    for n in range(3):
        drawing.consumer(f"house-{n}", "d").usage_point(f"point-{n}", f"house-{n}")
        drawing.meter(f"meter-{n}", f"point-{n}")
    return drawing.network()


class Say(Protocol):
    """Makes a message with the next id."""

    def __call__(
        self, verb: Verb, payload: Profile, source: str = "OMS", correlation: str | None = None
    ) -> Message: ...


def counting() -> Say:
    """Messages with ids that count up."""
    numbers = count(1)

    def message(
        verb: Verb, payload: Profile, source: str = "OMS", correlation: str | None = None
    ) -> Message:
        header = Header(
            verb=verb,
            noun=type(payload).__name__,
            source=source,
            timestamp=START,
            message_id=f"message-{next(numbers)}",
            correlation_id=correlation,
        )
        return Message(header=header, kind=Kind.of(verb), payload=payload)

    return message


def outage(
    mrid: str = OUTAGE,
    kind: OutageStatusKind = OutageStatusKind.PREDICTED,
    customers: int = 3,
    why: str = WHY,
) -> UnplannedOutages:
    """An outage below fuse F7."""
    device = ConductingEquipment(mrid="fuse-7", names=(Name(name="F7"),))
    return UnplannedOutages(
        unplanned_outage=(
            UnplannedOutage(
                mrid=mrid,
                comment=why,
                outage_kind=kind,
                reported_start_time=START - timedelta(minutes=10),
                original_customers_served=3,
                de_energized_usage_point=tuple(
                    UsagePoint(mrid=f"point-{n}") for n in range(customers)
                ),
                outage_isolation_equipment=(device,),
                summary=ServicePointOutageSummary(total_count=customers),
            ),
        )
    )
