"""An installation to run the command in, and a console to look at in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from cim.message import Verb
from cim.profiles.unplanned_outages import OutageStatusKind
from cim.violation import Refusal
from hub.console import create
from hub.front import Door, Route, Server
from hub.public_settings import Public
from tests.chromium import Chromium, driven
from tests.hub.console.house import House, counting, outage
from tests.hub.console.house import street as small_street
from tests.installed import Site
from tests.telling import TellingApp

REFUSED = b"""<EventMessage xmlns="http://iec.ch/TC57/2011/schema/message">
  <Header>
    <Verb>CREATED</Verb>
    <Noun>EndDeviceEvents</Noun>
  </Header>
</EventMessage>
"""
STREET = Path(__file__).parents[1] / "cases" / "end_to_end" / "street"


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the processes of the run keep compiled modules."""
    return tmp_path_factory.mktemp("compiled")


@pytest.fixture
def site(tmp_path: Path, compiled: Path) -> Iterator[Site]:
    """A new installation; what was started in it ends with the test."""
    site = Site(tmp_path, compiled)
    yield site
    site.end()


@pytest.fixture
def street() -> Path:
    """A small feeder of our own: network.xml, service-points.csv, last-gasp.xml."""
    return STREET


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with driven(tmp_path_factory.mktemp("profile")) as client:
        yield client


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    """A hub in which something went wrong."""
    with House.open(sqlite_url) as house:
        drawn, hub = small_street(), house.hub
        house.view = replace(
            house.view,
            network=lambda: hub.network if hub.network.version else drawn,
            apps={"telling": TellingApp()},
            public=Public(enabled=True),
        )
        say = counting()
        first, *_ = house.accept(
            say(Verb.CREATED, outage(), correlation="7a1c-storm"),
            say(Verb.CREATED, outage("over", customers=140, why="Recloser R2 has opened.")),
            say(Verb.CREATED, outage("third", customers=12)),
        )
        house.clock.move(minutes=4)
        house.accept(
            say(Verb.CHANGED, outage(customers=2, why="One of 3 customers is back.")), cause=first
        )
        house.clock.move(minutes=3)
        closed = outage("over", OutageStatusKind.RESTORED, customers=0, why="")
        house.accept(say(Verb.CLOSED, closed))
        for seq in (1, 2):
            house.kill("erp", seq, f"ConnectionError: http://erp.example:8080 try 8 at 12:0{seq}")
        rule = 'Verb: "CREATED" is none of cancel, canceled, change, changed, close, created ...'
        house.refuse(REFUSED, Refusal.of("1.8", rule, line=3, xpath="/EventMessage/Header/Verb"))
        yield house


@pytest.fixture
def home(house: House) -> Iterator[str]:
    """Address of the hub behind its real front door."""
    door = Door([Route(prefix="/", app=create(house.view))])
    listening = Server(app=door, port=0).start()
    yield listening.url
    listening.stop()


@pytest.fixture
def browser(driver: httpx.Client, home: str) -> Iterator[Chromium]:
    """A browser that nobody has used; it has nothing to complain about in the end."""
    browser = Chromium(driver, home)
    browser.complaints()
    yield browser
    assert browser.complaints() == []
    browser.ask("DELETE", "cookie")
    browser.ask("POST", "url", url="about:blank")  # a page asks its hub again and again
