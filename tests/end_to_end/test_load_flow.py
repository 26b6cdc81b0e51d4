"""A model comes in, a switch opens, and systems ask what would be: a hub that runs load flows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree

from cim.envelope import read_element, write_element
from cim.message import Message, Verb
from cim.parse import parse
from cim.profile import Profile
from cim.profiles.limit_violations import LimitViolations
from cim.profiles.state_variables import StateVariables
from hub.channels.soap.envelope import opened
from hub.config import Config, Http
from hub.journal.canonical import decode
from hub.journal.tables import message as messages
from hub.main import Running
from hub.security import systems
from tests import fakes
from tests import soap_clients as clients
from tests.dms_apps.load_flow.playing import modelled, operated
from tests.dms_apps.solver.feeder import balanced_line, drop_by_hand, load, source, switch
from tests.installed import until

FOLDER = Path(__file__).parents[2] / "config"
QUICK: dict[str, dict[str, object]] = {
    "load_flow": {"settle": 0.1, "controls": "fixed"},
    "study": {"controls": "fixed"},
}
TWO_WAYS = (
    source(),
    balanced_line(),
    switch(),
    load(4e6, 1e6),
    balanced_line("m", ("n1", "n4")),
    switch("x", ("n4", "n3")),
)
SYSTEM = "SCADA"


@dataclass
class House:
    """A hub that runs load flows, and the token of a system."""

    hub: Running
    token: str

    def post(self, body: bytes, action: str) -> Message:
        headers = {
            "content-type": "text/xml",
            "soapaction": f'"{action}"',
            "authorization": f"Bearer {self.token}",
        }
        with httpx.Client(timeout=60, trust_env=False) as client:
            answer = client.post(
                f"{self.hub.url}/soap", content=clients.soap(body), headers=headers
            )
        assert answer.status_code == 200, answer.text
        found = read_element(opened(parse(answer.content))[1])
        assert isinstance(found, Message)
        return found

    def tell(self, payload: Profile) -> None:
        said = fakes.message(payload, noun=type(payload).__name__, source=SYSTEM)
        said = replace(said, header=replace(said.header, timestamp=datetime.now(UTC)))
        reply = self.post(etree.tostring(write_element(said)), clients.PUBLISH)
        assert reply.reply is not None
        assert reply.reply.result == "OK"

    def told(self, noun: str, verb: Verb, holds: Callable[[Any], bool]) -> Message:
        """The newest message of an app of which something holds."""

        def look() -> Message | None:
            mine = (messages.c.noun == noun) & (messages.c.verb == str(verb))
            query = messages.select().where(mine).order_by(messages.c.seq.desc())
            with self.hub.journal.reading() as connection:
                found = (decode(row.body) for row in connection.execute(query))
                return next((one for one in found if holds(one.payload)), None)

        found = until(look, f"no {noun} of that kind was told")
        assert found is not None
        return found

    def report(self, path: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"}
        with httpx.Client(timeout=60, trust_env=False) as client:
            return client.get(f"{self.hub.url}/api/v1/apps/{path}", headers=headers)


@contextmanager
def running(folder: Path, **apps: dict[str, object]) -> Iterator[House]:
    """A house with these apps; they have settings of their own."""
    config = Config(data=folder, adapters=(), apps=tuple(apps), http=Http(port=0), folder=FOLDER)
    with Running(config, {}, apps) as hub:
        with hub.journal.transaction() as transaction:
            system = systems.named("scada", sources=[SYSTEM], roles=["VIEWER"])
            token = systems.add(transaction.connection, "t", system, hub.roles, transaction.now)
        yield House(hub, token)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with running(tmp_path, **QUICK) as found:
        yield found


def low(payload: LimitViolations) -> bool:
    return any(one.direction == "low" for one in payload.limit_violation)


def whole(payload: StateVariables) -> bool:
    """n1, and what closed switches join: n2, n3 and n4."""
    return len(payload.sv_voltage) == 6 and len(payload.connectivity_node) == 4


def test_what_switching_does_to_voltages_is_told(house: House) -> None:
    house.tell(modelled(*TWO_WAYS))
    house.told("StateVariables", Verb.CREATED, whole)
    house.tell(operated("x", closed=False))
    moved = house.told("StateVariables", Verb.CHANGED, lambda said: said.sv_voltage)
    assert isinstance(moved.payload, StateVariables)
    lowest = min(one.v for one in moved.payload.sv_voltage)
    assert lowest == pytest.approx(abs(drop_by_hand(4e6 + 1e6j)) / 1e3, rel=1e-5)
    house.told("LimitViolations", Verb.CREATED, low)
    house.tell(operated("x", closed=True))
    over = house.told("LimitViolations", Verb.CLOSED, low)
    assert isinstance(over.payload, LimitViolations)
    assert all(one.cleared_date_time for one in over.payload.limit_violation)


def wanted() -> etree._Element:
    """A state to be computed, with the load doubled."""
    space = "urn:gridbus:61970-456:2026:StateVariables#"
    return parse(
        f'<StateVariables xmlns="{space}"><Model><mRID>what-if</mRID>'
        "<scenarioTime>2026-03-01T12:00:00Z</scenarioTime></Model><SvPowerFlow><p>8</p><q>2</q>"
        '<Terminal ref="d_t1"/></SvPowerFlow></StateVariables>'.encode()
    )


def test_a_client_of_another_maker_asks_for_the_state(house: House) -> None:
    house.tell(modelled(*TWO_WAYS))
    client = clients.zeep_client(house.hub.url, "", house.token)
    with closing(client.transport.session):
        reply = client.service.Request(
            Header=clients.header("create", "StateVariables", SYSTEM),
            Request={"Option": [{"name": "analysis", "value": "load-flow"}]},
            Payload={"_value_1": [wanted()]},
        )
    assert reply.Reply.Result == "OK", reply.Reply
    found = etree.tostring(reply.Payload._value_1[0]).decode()
    assert found.count("<SvVoltage>") == 6


def test_a_study_is_answered_and_leaves_no_trace_in_the_network(house: House) -> None:
    house.tell(modelled(*TWO_WAYS))
    house.told("StateVariables", Verb.CREATED, whole)
    reply = house.report("study/reports/what-if-totals?open=w,x").json()
    assert ["places without supply", "", 0.0, 3.0, 3.0] in reply["rows"]
    assert house.report("load_flow/reports/voltages?format=csv").text.count("\n") == 13
    drawn = house.report("load_flow/reports/voltages?format=svg")
    assert drawn.headers["content-type"].startswith("image/svg")
    wrong = house.report("study/reports/what-if?open=nobody")
    assert wrong.status_code == 422
    assert "nobody" in wrong.json()["detail"]
