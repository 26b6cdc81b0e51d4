"""REST for subscriptions: a system makes, sees and ends its own, and no other's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.channels.addresses import Addresses
from hub.security import audit
from hub.security.roles import Role
from tests.hub.console.house import House

API = "/api/v1/subscriptions"
URL = "https://oms.example/callbacks"
OUTAGES = "created.UnplannedOutages"


@pytest.fixture(autouse=True)
def _allowed(house: House) -> None:
    house.view = replace(house.view, addresses=Addresses(allow=[URL]))


def test_a_system_makes_sees_and_ends_its_own(house: House) -> None:
    client = house.system("oms", Role.VIEWER)
    made = client.post(API, json={"url": URL, "topics": [OUTAGES], "payload": "RDF"})
    assert made.status_code == 201, made.text
    assert made.json()["system"] == "oms"
    assert made.json()["edition"] is None
    assert client.get(API).json() == [made.json()]
    number = made.json()["id"]
    other = house.system("erp", Role.VIEWER)
    assert other.get(API).json() == []
    assert other.delete(f"{API}/{number}").status_code == 404
    assert client.delete(f"{API}/{number}").status_code == 204
    assert client.delete(f"{API}/{number}").status_code == 404
    assert client.get(API).json() == []
    with house.journal.reading() as connection:
        entries = audit.newest(connection, 10)
    acts = [(e.actor, e.action) for e in entries if e.action.startswith("subscription.")]
    assert acts == [("oms", "subscription.remove"), ("oms", "subscription.add")]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"url": "http://127.0.0.1:22/", "topics": [OUTAGES]}, "nor in replies.allow"),
        ({"url": URL, "topics": ["created.MeterReadings"]}, "may not have MeterReadings"),
        ({"url": URL, "topics": []}, "1 to 100 topics"),
        ({"url": URL, "topics": ["nonsense"]}, "is no topic"),
        ({"url": URL, "topics": [OUTAGES], "edition": 2}, "schemas.edition2 in hub.toml"),
        ({"url": URL, "topics": [OUTAGES], "edition": 3}, "1 or 2"),
    ],
)
def test_what_must_not_be_is_a_sentence(house: House, given: dict[str, object], says: str) -> None:
    client = house.system("oms", Role.VIEWER, nouns=("UnplannedOutages",))
    answer = client.post(API, json=given)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]


def test_a_stranger_and_a_person_do_not_subscribe(house: House) -> None:
    given = {"url": URL, "topics": [OUTAGES]}
    assert house.client().post(API, json=given).status_code == 401
    assert house.system("key", Role.SECADM).post(API, json=given).status_code == 403
    anna = house.person("anna", Role.OPERATOR)
    headers = {"Origin": "http://testserver", "X-CSRF-Token": anna.csrf}
    answer = anna.client.post(API, json=given, headers=headers)
    assert answer.status_code == 403
    assert "Only a system subscribes" in answer.json()["detail"]
    assert anna.client.get(API).json() == []
