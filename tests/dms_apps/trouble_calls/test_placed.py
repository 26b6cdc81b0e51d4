"""A call that nobody could place gets its place later, or is somewhere else."""

from __future__ import annotations

from cim.message import Verb
from cim.profiles.customer_contacts import CustomerNotification
from cim.profiles.kinds import NotificationTriggerKind
from tests.dms_apps.trouble_calls.playing import Run, moment, plain
from tests.dms_apps.trouble_calls.test_requests import ask, at, ticket

CALL = {"id": "T-1", "phone": "123", "wants": ["powerRestored"]}


def out(run: Run, number: str, point: str, at: str, verb: str = "created") -> list[str]:
    outage = {"id": number, "verb": verb, "points": [point], "start": "07:50"}
    return run.play({"at": at, "outage": outage})


def placed(run: Run, point: str, at_time: str) -> list[str]:
    run.until(moment(at_time))
    said = ask(run, Verb.CHANGE, ticket("T-1", service_location=at(point)))
    return [line for one in said[1:] for line in plain(one)]


def test_it_is_of_the_outage_there_and_its_caller_hears_of_it(run: Run) -> None:
    run.play({"at": "08:00", "call": CALL})
    assert out(run, "O-1", "sp-1", "08:01") == []
    assert "changed T-1 is of O-1" in placed(run, "sp-1", "08:05")
    assert "changed T-1 is of O-1" not in placed(run, "sp-1", "08:06")  # no news
    out(run, "O-1", "sp-1", "08:30", "closed")
    assert run.play({"at": "08:40"}) == ["call 123 of T-1: powerRestored"]


def test_it_is_of_an_outage_that_comes_there(run: Run) -> None:
    run.play({"at": "08:00", "call": CALL})
    assert "changed T-1 is of O-1" not in placed(run, "sp-1", "08:01")
    assert out(run, "O-1", "sp-1", "08:02") == ["changed T-1 is of O-1"]


def test_it_is_somewhere_else(run: Run) -> None:
    run.play({"at": "08:00", "call": CALL | {"point": "sp-1"}})
    assert out(run, "O-1", "sp-1", "08:01") == ["changed T-1 is of O-1"]
    assert out(run, "O-2", "sp-2", "08:02") == []
    assert "changed T-1 is of O-2" in placed(run, "sp-2", "08:05")
    out(run, "O-1", "sp-1", "08:30", "closed")
    assert run.play({"at": "08:40"}) == []
    out(run, "O-2", "sp-2", "08:50", "closed")
    assert run.play({"at": "09:00"}) == ["call 123 of T-1: powerRestored"]


def test_where_it_is_now_there_is_no_outage(run: Run) -> None:
    run.play({"at": "08:00", "call": CALL | {"point": "sp-1"}})
    out(run, "O-1", "sp-1", "08:01")
    placed(run, "sp-3", "08:05")
    out(run, "O-1", "sp-1", "08:30", "closed")
    assert run.play({"at": "08:40"}) == []


def test_another_telephone_says_nothing_of_where_it_is(run: Run) -> None:
    """Though it is that of a customer elsewhere."""
    elsewhere = {"account": "ACC-9", "premise": "P-9", "phone": "555-0199", "point": "sp-9"}
    run.play({"at": "07:00", "customer": elsewhere})
    run.play({"at": "08:00", "call": CALL | {"point": "sp-1"}})
    assert out(run, "O-1", "sp-1", "08:01") == ["changed T-1 is of O-1"]
    run.until(moment("08:05"))
    wish = CustomerNotification(
        contact_type="phone",
        contact_value="555-0199",
        trigger=NotificationTriggerKind.POWER_RESTORED,
    )
    ask(run, Verb.CHANGE, ticket("T-1", notification=(wish,)))
    out(run, "O-1", "sp-1", "08:30", "closed")
    assert run.play({"at": "08:40"}) == ["call 555-0199 of T-1: powerRestored"]
