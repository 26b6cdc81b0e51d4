"""Planned outages as a partner plans, changes and cancels them over SOAP and REST."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from cim.message import Verb
from cim.profiles.planned_outage_notifications import PlannedOutageNotifications
from cim.profiles.planned_outages import PlannedOutages
from tests import soap_clients as clients
from tests.cim.network.drawing import model
from tests.dms_apps.planned_outages.playing import street, switched
from tests.end_to_end.test_load_flow import SYSTEM, House, running
from tests.installed import until

NOUN = "PlannedOutages"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with running(tmp_path, planned_outages={"settle": 0.1}) as found:
        payload = model("street", street().document()).payload
        assert payload is not None
        found.tell(payload)  # type: ignore[arg-type]  # a noun
        yield found


def ask(house: House, verb: str, **said: Any) -> Any:
    """The strongly typed operation; the reply as zeep gives it."""
    service = f"Execute{NOUN}" if verb == "create" else f"Execute{NOUN}Change"
    client = clients.zeep_client(house.hub.url, service, house.token)
    with closing(client.transport.session):
        operation = getattr(client.service, f"{verb.capitalize()}{NOUN}")
        return operation(
            Header=clients.header(verb, NOUN, SYSTEM), Payload={NOUN: {"PlannedOutage": [said]}}
        )


def period(days: float = 0, minutes: float = 0) -> dict[str, datetime]:
    """Four hours, from so long from now."""
    start = datetime.now(UTC) + timedelta(days=days, minutes=minutes)
    return {"start": start, "end": start + timedelta(hours=4)}


def isolated(*names: str) -> list[dict[str, Any]]:
    return [{"Names": [{"name": f"{name} name"}]} for name in names]


def states(payload: PlannedOutages) -> list[str | None]:
    return [one.status.value if one.status else None for one in payload.planned_outage]


def known(house: House) -> None:
    """The network is in force."""

    def look() -> bool:
        return bool(house.report("planned_outages/reports/planned").json()["rows"] == [])

    until(look, "the app answers")


def test_a_partner_plans_an_outage(house: House) -> None:
    known(house)
    planned = ask(
        house,
        "create",
        mRID="P-1",
        reason="new pole",
        estimatedPeriod=period(days=5),
        OutageIsolationEquipment=isolated("S1"),
    )
    assert (planned.Reply.Result, planned.Reply.ID[0]["_value_1"]) == ("OK", "P-1")
    told = house.told(NOUN, Verb.CREATED, lambda _: True)
    assert isinstance(told.payload, PlannedOutages)
    [one] = told.payload.planned_outage
    assert [point.mrid for point in one.de_energized_usage_point] == ["p1", "p2"]
    notified = house.told("PlannedOutageNotifications", Verb.CREATED, lambda _: True)
    assert isinstance(notified.payload, PlannedOutageNotifications)
    [notification] = notified.payload.planned_outage_notification
    assert "new pole" in (notification.comment or "")
    house.told(NOUN, Verb.CHANGED, lambda said: states(said) == ["notified"])

    again = ask(
        house,
        "create",
        mRID="P-2",
        estimatedPeriod=period(days=5),
        OutageIsolationEquipment=isolated("S1"),
    )
    assert (again.Reply.Result, again.Reply.Error[0].code) == ("FAILED", "6.1")
    assert "P-1" in again.Reply.Error[0].details

    moved_on = ask(house, "change", mRID="P-1", estimatedPeriod=period(days=6))
    assert moved_on.Reply.Result == "OK"
    client = clients.zeep_client(house.hub.url, f"Get{NOUN}", house.token)
    with closing(client.transport.session):
        found = client.service.GetPlannedOutages(
            Header=clients.header("get", NOUN, SYSTEM), Request={"ID": ["P-1"]}
        )
    assert found.Payload.PlannedOutages.PlannedOutage[0].summary.totalCount == 2

    cancelled = ask(house, "cancel", mRID="P-1", status={"reason": "no crew"})
    assert cancelled.Reply.Result == "OK"
    house.told(NOUN, Verb.CANCELED, lambda said: states(said) == ["cancelled"])
    decided = house.report("planned_outages/reports/decided?outage=P-1").json()["rows"]
    assert [row[3].partition(":")[0] for row in decided] == ["created", "changed", "cancelled"]


def test_it_begins_and_ends_as_the_switch_says(house: House) -> None:
    known(house)
    planned = ask(
        house,
        "create",
        mRID="P-1",
        estimatedPeriod=period(minutes=10),
        OutageIsolationEquipment=isolated("S1"),
        status={"reason": "cracked insulator"},
    )
    assert planned.Reply.Result == "OK", planned.Reply
    house.tell(switched({"open": ["S1"]}, datetime.now(UTC)))
    house.told(NOUN, Verb.CHANGED, lambda said: states(said) == ["active"])
    early = ask(house, "close", mRID="P-1")
    assert (early.Reply.Result, early.Reply.Error[0].code) == ("FAILED", "6.1")
    house.tell(switched({"close": ["S1"]}, datetime.now(UTC)))
    house.told(NOUN, Verb.CHANGED, lambda said: said.planned_outage[0].outage_kind == "restored")
    assert ask(house, "close", mRID="P-1").Reply.Result == "OK"
    over = house.told(NOUN, Verb.CLOSED, lambda said: states(said) == ["completed"])
    assert isinstance(over.payload, PlannedOutages)
    actual = over.payload.planned_outage[0].actual_period
    assert actual is not None
    assert actual.start is not None
    assert actual.end is not None
    assert actual.start < actual.end

    headers = {"authorization": f"Bearer {house.token}"}
    with httpx.Client(timeout=60, trust_env=False) as client:
        url = f"{house.hub.url}/api/v1/replies/{NOUN}"
        done = client.get(url, headers=headers, params={"option": "status=completed"}).json()
        mine = client.get(url, headers=headers, params={"type": "UsagePoint", "id": "p1"}).json()
    assert (done["result"], len(done["payload"]["PlannedOutage"])) == ("OK", 1)
    assert mine["result"] == "OK"
    assert not (mine["payload"] or {}).get("PlannedOutage")
