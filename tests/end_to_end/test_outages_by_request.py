"""An outage in the hands of a dispatcher who uses SOAP and REST, and of a crew on the bus."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree

from cim.envelope import write_element
from cim.message import Header, Kind, Message, Property, Request, User, Verb
from cim.profiles.unplanned_outages import (
    ConductingEquipment,
    OutageCauseKind,
    UnplannedOutage,
    UnplannedOutages,
)
from tests import soap_clients as clients
from tests.cim.network.drawing import model
from tests.dms_apps.planned_outages.playing import street
from tests.end_to_end.test_load_flow import SYSTEM, House, running

NOUN = "UnplannedOutages"
QUICK: dict[str, dict[str, object]] = {
    "outage": {"hold_off": 0.2, "pace": 0.1},
    "trouble_calls": {},
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with running(tmp_path, **QUICK) as found:
        payload = model("street", street().document()).payload
        assert payload is not None
        found.tell(payload)  # type: ignore[arg-type]  # a noun
        yield found


def ask(house: House, verb: str, noun: str = NOUN, **said: Any) -> Any:
    """The strongly typed operation; the reply as zeep gives it."""
    service = f"Execute{noun}" if verb == "create" else f"Execute{noun}Change"
    client = clients.zeep_client(house.hub.url, service, house.token)
    with closing(client.transport.session):
        operation = getattr(client.service, f"{verb.capitalize()}{noun}")
        return operation(
            Header=clients.header(verb, noun, SYSTEM), Payload={noun: {noun[:-1]: [said]}}
        )


def rest(house: House, verb: Verb, one: UnplannedOutage, *options: Property) -> dict[str, Any]:
    """The same by REST, as a person."""
    header = Header(
        verb=verb,
        noun=NOUN,
        timestamp=datetime.now(UTC),
        source=SYSTEM,
        user=User(user_id="anna"),
        message_id=f"{verb} {datetime.now(UTC)}",
    )
    message = Message(
        header=header,
        kind=Kind.REQUEST,
        request=Request(options=options) if options else None,
        payload=UnplannedOutages(unplanned_outage=(one,)),
    )
    with httpx.Client(timeout=60, trust_env=False) as client:
        answer = client.post(
            f"{house.hub.url}/api/v1/requests",
            content=etree.tostring(write_element(message)),
            headers={"authorization": f"Bearer {house.token}", "content-type": "application/xml"},
        )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def shown(house: House, **params: str) -> list[dict[str, Any]]:
    headers = {"authorization": f"Bearer {house.token}"}
    with httpx.Client(timeout=60, trust_env=False) as client:
        url = f"{house.hub.url}/api/v1/replies/{NOUN}"
        found = client.get(url, headers=headers, params=params).json()
    return list((found["payload"] or {}).get("UnplannedOutage", ()))


def told(house: House, verb: Verb, **has: Any) -> UnplannedOutage:
    """The newest outage told so, with these attributes."""

    def is_so(payload: UnplannedOutages) -> bool:
        [one] = payload.unplanned_outage
        return all(getattr(one, name) == value for name, value in has.items())

    payload = house.told(NOUN, verb, is_so).payload
    assert isinstance(payload, UnplannedOutages)
    return payload.unplanned_outage[0]


CHANGE = UnplannedOutage(
    mrid="U-1",
    original_customers_served=None,  # type: ignore[arg-type]  # a change says what is new
)


def test_a_dispatcher_enters_leads_and_ends_an_outage(house: House) -> None:
    began = datetime.now(UTC) - timedelta(minutes=20)
    made = ask(
        house,
        "create",
        mRID="U-1",
        originalCustomersServed=0,
        reportedStartTime=began,
        OutageIsolationEquipment=[{"Names": [{"name": "S1 name"}]}],
    )
    assert (made.Reply.Result, made.Reply.ID[0]["_value_1"]) == ("OK", "U-1"), made.Reply
    first = told(house, Verb.CREATED, mrid="U-1")
    assert (first.outage_kind, first.meters_affected) == ("confirmed", 2)

    twice = ask(
        house,
        "create",
        mRID="U-1",
        originalCustomersServed=0,
        OutageIsolationEquipment=[{"mRID": "S1"}],
    )
    assert (twice.Reply.Result, twice.Reply.Error[0].code) == ("FAILED", "6.1")
    assert "U-1" in twice.Reply.Error[0].details

    change = replace(CHANGE, cause="a tree", cause_kind=OutageCauseKind.TREE_DOWN)
    assert rest(house, Verb.CHANGE, change)["result"] == "OK"
    told(house, Verb.CHANGED, cause="a tree")
    stepped = ask(
        house,
        "change",
        mRID="U-1",
        EnergizedUsagePoint=[{"mRID": first.de_energized_usage_point[0].mrid}],
        outageKind="partiallyRestored",
    )
    assert stepped.Reply.Result == "OK", stepped.Reply
    step = told(house, Verb.CHANGED, outage_kind="partiallyRestored")
    assert (step.meters_affected, step.customers_restored, step.cause) == (1, 1, "a tree")

    wrong = replace(CHANGE, outage_isolation_equipment=(ConductingEquipment(mrid="S2"),))
    refused = rest(house, Verb.CHANGE, wrong)
    assert refused["result"] == "FAILED"
    assert "OutageIsolationEquipment" in refused["errors"][0]["details"]
    [one] = shown(house, option="status=partiallyRestored")
    assert one["mRID"] == "U-1"
    assert shown(house, option="status=predicted") == []

    assert ask(house, "close", mRID="U-1").Reply.Result == "OK"
    over = told(house, Verb.CLOSED, mrid="U-1")
    assert over.meters_affected == 0
    assert [one["outageKind"] for one in shown(house, id="U-1")] == ["closed"]
    history = house.report("outage/reports/history?outage=U-1").json()["rows"]
    who = {row[2] for row in history}
    assert {"anna", SYSTEM, "evidence"} <= who
    assert ["change", "cause", "", "a tree"] in [row[3:] for row in history]
    said = [
        [SYSTEM, "create", "refused", "", twice.Reply.Error[0].details],
        ["anna", "change", "refused", "", refused["errors"][0]["details"]],
    ]
    assert [row[2:] for row in history if row[4] == "refused"] == said


def test_a_ticket_by_soap_is_evidence_and_ends_by_soap(house: House) -> None:
    made = ask(
        house,
        "create",
        "TroubleTickets",
        mRID="T-1",
        dateTimeOfReport=datetime.now(UTC) - timedelta(minutes=2),
        ServiceLocation={"UsagePoints": [{"mRID": "p1"}]},
    )
    assert made.Reply.Result == "OK", made.Reply
    outage = told(house, Verb.CREATED, outage_kind="predicted")
    again = ask(
        house,
        "create",
        "TroubleTickets",
        mRID="T-1",
        dateTimeOfReport=datetime.now(UTC) - timedelta(minutes=1),
    )
    assert (again.Reply.Result, again.Reply.Error[0].code) == ("FAILED", "6.1")
    cancelled = ask(house, "cancel", mRID=outage.mrid)
    assert cancelled.Reply.Result == "OK", cancelled.Reply
    none = told(house, Verb.CANCELED, mrid=outage.mrid)
    assert none.status is not None
    assert none.status.value == "cancelled"
    assert ask(house, "close", "TroubleTickets", mRID="T-1").Reply.Result == "OK"
    house.told("TroubleTickets", Verb.CLOSED, lambda said: said.trouble_ticket[0].mrid == "T-1")


def test_an_incident_by_soap_is_a_danger_until_it_is_closed(house: House) -> None:
    made = ask(
        house,
        "create",
        "Incidents",
        mRID="I-1",
        subject="wire on the ground",
        IncidentHazard=[{"type": "wire down"}],
        Location={"Names": [{"name": "p3"}]},
    )
    assert (made.Reply.Result, made.Reply.ID[0]["_value_1"]) == ("OK", "I-1"), made.Reply
    house.told("Incidents", Verb.CREATED, lambda said: said.incident[0].mrid == "I-1")
    danger = told(house, Verb.CREATED, meters_affected=0)
    assert danger.status is not None
    assert danger.status.value == "hazard"
    assert [(one.mrid, one.cause) for one in danger.incident] == [("I-1", "wire down")]
    twice = ask(house, "create", "Incidents", mRID="I-1", subject="again")
    assert (twice.Reply.Result, twice.Reply.Error[0].code) == ("FAILED", "6.1")
    headers = {"authorization": f"Bearer {house.token}"}
    with httpx.Client(timeout=60, trust_env=False) as client:
        url = f"{house.hub.url}/api/v1/replies/Incidents"
        found = client.get(url, headers=headers, params={"id": "I-1"}).json()
    assert found["payload"]["Incident"][0]["subject"] == "wire on the ground"
    assert ask(house, "close", "Incidents", mRID="I-1").Reply.Result == "OK"
    house.told("Incidents", Verb.CLOSED, lambda said: said.incident[0].mrid == "I-1")
    told(house, Verb.CLOSED, mrid=danger.mrid)
