"""Whom the IVR is to tell of planned outages."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.ivr import IvrAdapter
from cim.message import Message, Verb
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.notifying_customers import NotificationOfCustomer
from cim.profiles.planned_outage_notifications import (
    Customer,
    PlannedOutageNotification,
    PlannedOutageNotifications,
    SwitchingPlan,
)
from hub.settings import build, read
from tests import fakes
from tests.head_end import listening

SETTINGS = Path(__file__).parents[2] / "config" / "adapters" / "ivr.toml"
NOUN = "PlannedOutageNotifications"


def adapter(folder: Path = Path("unused"), **way: Any) -> IvrAdapter:
    planned = {"outbox": "planned", "ways": ["files"]} | way
    given = read(SETTINGS, {}) | {"folder": str(folder), "planned_list": planned}
    made: IvrAdapter = build(IvrAdapter, given, SETTINGS)
    return made


def notification(*customers: Customer) -> Message:
    start = fakes.START + timedelta(days=7)
    period = DateTimeInterval(start=start, end=start + timedelta(hours=4))
    one = PlannedOutageNotification(
        comment="Your supply will be interrupted.",
        type="announcement",
        customer=customers,
        names=(Name(name="P-1"),),
        switching_plan=SwitchingPlan(purpose="new pole", planned_period=period),
        usage_point=(UsagePoint(mrid="p1"),),
    )
    payload = PlannedOutageNotifications(planned_outage_notification=(one,))
    return fakes.message(payload, Verb.CREATED, message_id="N-1", noun=NOUN)


def reached(number: str, *contacts: tuple[str, str]) -> Customer:
    told = (NotificationOfCustomer(contact_type=k, contact_value=v) for k, v in contacts)
    return Customer(locale="de-CH", customer_notifications=tuple(told), names=(Name(name=number),))


def test_a_row_for_each_way_to_reach_a_customer() -> None:
    message = notification(
        reached("A-1", ("mobile", "+1555001"), ("email", "a@example.org")), reached("A-2")
    )
    ivr = adapter(kinds={"announcement": "PLANNED"})
    assert NOUN in {topic.noun for topic in ivr.topics}
    [made] = ivr.from_cim(message)
    assert made.name == "planned-N-1.csv"
    rows = list(csv.DictReader(io.StringIO(made.raw.decode())))
    assert [(r["notice_id"], r["account_number"], r["contact"]) for r in rows] == [
        ("N-1-1", "A-1", "+1555001"),
        ("N-1-2", "A-1", "a@example.org"),
        ("N-1-3", "A-2", ""),
    ]
    assert {r["kind"] for r in rows} == {"PLANNED"}
    assert (rows[0]["planned_start"], rows[0]["planned_end"], rows[0]["reason"]) == (
        "2026-07-21T15:00:00Z", "2026-07-21T19:00:00Z", "new pole",
    )  # fmt: skip
    [as_json] = adapter(format="json").from_cim(message)
    assert json.loads(as_json.raw)["notices"][1]["contact_type"] == "email"


def test_nobody_known_is_no_list() -> None:
    assert not list(adapter().from_cim(notification()))
    assert not {topic.noun for topic in adapter(ways=[]).topics}


@pytest.mark.parametrize("way", ["files", "http"])
def test_it_is_handed_over_once(tmp_path: Path, way: str) -> None:
    notes = fakes.Noted()
    with listening() as ivr:
        for _ in range(2):  # the hub starts anew
            one = adapter(tmp_path, ways=[way], url=ivr.url)
            one.note_in(notes)
            [parcel] = one.from_cim(notification(reached("A-1", ("phone", "+1555001"))))
            one.write(parcel)
    files = [path.name for path in (tmp_path / "planned").glob("*")]
    assert files == (["planned-N-1.csv"] if way == "files" else [])
    assert ivr.identities == ([] if way == "files" else ["N-1"])
