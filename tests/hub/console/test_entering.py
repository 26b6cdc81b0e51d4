"""What a dispatcher enters: planned outages, dangers, times of zones, what shares its cause."""

from __future__ import annotations

import re

import pytest

from cim.message import Error, Reply, Result, Verb
from cim.profiles.identification import Name
from cim.profiles.incidents import Incidents
from cim.profiles.planned_outages import PlannedOutages
from cim.profiles.trouble_orders import TroubleOrders
from cim.profiles.trouble_tickets import TroubleTickets
from cim.profiles.unplanned_outages import Incident
from hub.console.deeds import DONE
from hub.security.roles import Role
from tests.hub.console.desk import Desk
from tests.hub.console.house import OUTAGE, House, Say
from tests.hub.console.telling import told, words

PLAN: dict[str, object] = {
    "devices": "fuse-7, CB1",
    "begins": "2026-03-09T08:00",
    "ends": "2026-03-09T12:00",
    "reason": "A pole is renewed",
}
DANGER: dict[str, object] = {"deed": "danger", "where": "point-1", "kind": "wire down"}
CALL: dict[str, object] = {
    "caller": "Ada Bell",
    "phone": "+4715550123",
    "where": "point-1",
    "light": "allOut",
    "text": "It went dark",
    "at": "2026-03-01T11:58",
}
ZONE: dict[str, object] = {"deed": "zone", "zone": "CB1 name", "at": "2026-03-01T18:00"}


def wrong(page: str) -> dict[str, str]:
    """Field -> what is wrong with it, of fields that say so to whoever cannot see, too."""
    found = re.findall(r'aria-describedby="([^"]+)-wrong"', page)
    said = {of: re.search(rf'id="{of}-wrong">([^<]+)<', page) for of in found}
    return {of: text[1].replace("&#39;", "'") for of, text in said.items() if text}


def test_an_outage_is_planned(house: House, desk: Desk) -> None:
    ann = house.person("ann", Role.OPERATOR)
    more = {"remark": "It leans", "number": "Pole 117", "why": "It may fall"}
    assert ann.post("/planned", PLAN | more).startswith("/planned/")
    [(who, asked)] = desk.asked
    assert isinstance(asked.payload, PlannedOutages)
    [one] = asked.payload.planned_outage
    assert (who, asked.verb, one.mrid, one.names[0].name) == ("ann", Verb.CREATE, None, "Pole 117")
    assert [device.mrid for device in one.outage_isolation_equipment] == ["fuse-7", "CB1"]
    assert (one.reason, one.comment) == ("A pole is renewed", "It leans")
    assert one.estimated_period is not None
    assert str(one.estimated_period.end) == "2026-03-09 12:00:00+00:00"
    assert one.status is not None
    assert (one.status.value, one.status.reason) == (None, "It may fall")


@pytest.mark.parametrize(
    ("but", "why"),
    [
        (
            {"devices": "F99, CB1", "begins": "", "ends": "soon", "reason": " "},
            {
                "plan-devices": "Devices 'F99': not in the network, or several.",
                "plan-begins": "From: it is missing.",
                "plan-ends": "Until 'soon': it must be like 2026-03-01T14:30, in UTC.",
                "plan-reason": "The reason: it is missing; customers are told it.",
            },
        ),
        ({"devices": " ,\n"}, {"plan-devices": "Devices: they are missing."}),
        (
            {"ends": "2026-03-09T08:00"},
            {"plan-ends": "Until 2026-03-09T08:00: it must be after From, 2026-03-09T08:00."},
        ),
    ],
)
def test_all_that_is_wrong_with_a_plan_is_at_its_fields(
    house: House, desk: Desk, but: dict[str, object], why: dict[str, str]
) -> None:
    page = house.person("ann", Role.OPERATOR).post("/planned", PLAN | but, 422)
    assert wrong(page) == why
    assert '<details id="enter-planned" open>' in page
    assert '<a href="/outages" aria-current="page">' in page
    assert 'value="2026-03-09T08:00"' in page or "begins" in but
    assert desk.asked == []


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ("PlannedOutage P, Outage.estimatedPeriod: its start is past", "plan-begins"),
        ("PlannedOutage P, Outage.estimatedPeriod: its end is more than 30 days", "plan-ends"),
        ("PlannedOutage P, Outage.estimatedPeriod: 2; Status.reason must say why", "plan-why"),
        ("PlannedOutage P, Outage.OutageIsolationEquipment 'x'", "plan-devices"),
    ],
)
def test_a_rule_of_the_app_is_at_its_field_too(
    house: House, desk: Desk, rule: str, field: str
) -> None:
    desk.reply = Reply(result=Result.FAILED, errors=(Error(code="6.1", details=rule),))
    page = house.person("ann", Role.OPERATOR).post("/planned", PLAN, 422)
    assert f"Not done: {rule}".replace("'", "&#39;") in page
    assert wrong(page) == {field: rule}


def test_a_call_is_a_ticket_like_any_other(house: House, desk: Desk) -> None:
    ann = house.person("ann", Role.OPERATOR)
    assert ann.post("/calls", CALL) == "/outages?done=call"
    assert ann.post("/calls", {"address": "7, Mill Lane", "caller": "Bo"}) == "/outages?done=call"
    said = [(who, a.verb, a.payload.trouble_ticket[0]) for who, a in desk.asked
            if isinstance(a.payload, TroubleTickets)]  # fmt: skip
    assert [(who, verb) for who, verb, _ in said] == [("ann", Verb.CREATE)] * 2
    [first, second] = [ticket for *_, ticket in said]
    assert (first.mrid, first.comment, first.reporting_kind) == (None, "It went dark", "call")
    assert str(first.date_time_of_report) == "2026-03-01 11:58:00+00:00"
    assert first.trouble_symptoms is not None
    assert first.trouble_symptoms.trouble_symptoms_light == "allOut"
    by, at = first.trouble_reporter, first.service_location
    assert by is not None
    assert by.person is not None
    assert by.person.landline_phone is not None
    assert (by.names[0].name, by.person.landline_phone.itu_phone) == ("Ada Bell", "+4715550123")
    assert at is not None
    assert [point.mrid for point in at.usage_points] == ["point-1"]
    assert second.date_time_of_report == house.clock()
    place = second.service_location
    assert place is not None
    assert place.main_address is not None
    assert place.main_address.street_detail is not None
    assert place.main_address.street_detail.address_general == "7, Mill Lane"
    assert second.trouble_reporter is not None
    assert second.trouble_reporter.person is None


@pytest.mark.parametrize(
    ("form", "why"),
    [
        (
            {"caller": "Bo", "at": "noon"},
            {
                "call-where": "Usage point, address and telephone: all are missing; where is it?",
                "call-at": "The time 'noon': it must be like 2026-03-01T14:30, in UTC.",
            },
        ),
        (
            {"where": "point-9", "phone": "12"},
            {"call-where": "Where 'point-9': no usage point or meter is called so."},
        ),
    ],
)
def test_what_is_wrong_with_a_call_is_at_its_fields(
    house: House, desk: Desk, form: dict[str, object], why: dict[str, str]
) -> None:
    page = house.person("ann", Role.OPERATOR).post("/calls", form, 422)
    assert wrong(page) == why
    assert '<details id="enter-call" open>' in page
    assert desk.asked == []


def test_a_danger_is_an_incident_at_its_place(house: House, desk: Desk) -> None:
    ann = house.person("ann", Role.OPERATOR)
    assert ann.post("/dangers", DANGER | {"hazard": "live"}) == "/outages?done=danger"
    of = DANGER | {"where": "", "outage": OUTAGE}
    assert ann.post("/dangers", of) == f"/outages/{OUTAGE}?done=danger"
    [first, second] = [a.payload.incident[0] for _, a in desk.asked
                       if isinstance(a.payload, Incidents)]  # fmt: skip
    assert [asked.verb for _, asked in desk.asked] == [Verb.CREATE, Verb.CREATE]
    assert first.location is not None
    assert first.location.names[0].name == "point-1"
    [hazard] = first.incident_hazard
    assert (hazard.type, hazard.description) == ("wire down", "live")
    assert second.location is None
    assert second.unplanned_outage is not None
    assert second.unplanned_outage.mrid == OUTAGE


def test_a_danger_at_no_known_place_is_entered_when_that_is_meant(house: House, desk: Desk) -> None:
    ann = house.person("ann", Role.OPERATOR)
    assert wrong(ann.post("/dangers", {"deed": "danger"}, 422)) == {
        "danger-where": "Where: it is missing.",
        "danger-kind": "What it is: it is missing.",
    }
    lost = DANGER | {"where": "the old mill"}
    page = ann.post("/dangers", lost, 422)
    assert "'the old mill': no device, usage point or meter" in wrong(page)["danger-where"]
    assert 'value="the old mill"' in page
    assert 'name="lost"' in page
    assert desk.asked == []
    there = ann.post("/dangers", lost | {"lost": "true"})
    assert DONE["lost"] in ann.get(there)


def test_a_danger_without_a_place_gets_one_and_is_over(house: House, desk: Desk) -> None:
    ann = house.person("ann", Role.OPERATOR)
    known: dict[str, object] = {"incident": "incident I-1", "where": "fuse-7"}
    ann.post("/dangers", known | {"deed": "there"})
    ann.post("/dangers", known | {"deed": "safe"})
    said = [(a.verb, a.payload.incident[0]) for _, a in desk.asked
            if isinstance(a.payload, Incidents)]  # fmt: skip
    assert [(verb, one.mrid) for verb, one in said] == [(Verb.CHANGE, "I-1"), (Verb.CLOSE, "I-1")]
    assert said[0][1].location is not None
    for form, why in (
        ({"deed": "there", "incident": "I-1"}, {"known-where": "Where: it is missing."}),
        ({"deed": "safe"}, {"known-incident": "The danger: its number is missing."}),
    ):
        assert wrong(ann.post("/dangers", dict(form), 422)) == why


def test_the_danger_of_an_outage_is_over(house: House, desk: Desk, say: Say) -> None:
    danger = told(
        OUTAGE, hazards=["wire down"], incident=(Incident(mrid="I-7", cause="wire down"),)
    )
    house.accept(say(Verb.CHANGED, danger))
    ann = house.person("ann", Role.OPERATOR)
    form = ann.get(f"/outages/{OUTAGE}").split('id="danger"')[1].split("</form>")[0]
    assert 'name="incident" value="I-7"' in form
    assert "Over: wire down" in words(form)


def test_a_zone_is_handed_over(house: House, desk: Desk) -> None:
    ann = house.person("ann", Role.OPERATOR)
    for form in (
        {"deed": "hand", "zone": "North", "dispatcher": " ben "},
        {"deed": "hand", "zone": "North", "dispatcher": ""},
        {"deed": "free", "zone": "North", "dispatcher": "ben"},
    ):
        assert ann.post("/dispatchers", dict(form)) == f"/outages?done={form['deed']}"
    options = [asked.request.options for _, asked in desk.asked if asked.request]
    assert [[o.value for o in some] for some in options] == [
        ["North", "ben"],
        ["North"],
        ["North", ""],
    ]
    assert {asked.payload for _, asked in desk.asked} == {TroubleOrders()}
    assert wrong(ann.post("/dispatchers", {"deed": "hand"}, 422)) == {
        "hand-zone": "The zone: it is missing."
    }
    rule = "Option dispatcher: there is no dispatcher 'eve'; known are anna."
    desk.reply = Reply(result=Result.FAILED, errors=(Error(code="2.15", details=rule),))
    page = ann.post("/dispatchers", {"deed": "hand", "zone": "North", "dispatcher": "eve"}, 422)
    assert wrong(page) == {"hand-dispatcher": rule}


def test_a_time_is_told_of_a_zone_and_taken_back(house: House, desk: Desk) -> None:
    ann = house.person("ann", Role.OPERATOR)
    assert ann.post("/zones", ZONE | {"sure": "low"}) == "/outages?done=zone"
    expected = desk.outage.estimated_restoration_time
    assert expected is not None
    assert (str(expected.ert), expected.confidence_kind) == ("2026-03-01 18:00:00+00:00", "low")
    assert ann.post("/zones", ZONE | {"deed": "unzone", "at": ""}) == "/outages?done=unzone"
    taken = desk.outage.estimated_restoration_time
    assert taken is not None
    assert taken.ert is None
    assert desk.outage.mrid is None
    options = [asked.request.options for _, asked in desk.asked if asked.request]
    assert [[(o.name, o.value) for o in some] for some in options] == [[("zone", "CB1 name")]] * 2


def test_what_is_wrong_with_a_zone_is_at_its_fields(house: House, desk: Desk) -> None:
    ann = house.person("ann", Role.OPERATOR)
    assert wrong(ann.post("/zones", {"deed": "zone"}, 422)) == {
        "zone": "The zone: it is missing.",
        "zone-at": "Supply expected: the time is missing.",
    }
    rule = "Option zone: there is no feeder or region 'F9'."
    desk.reply = Reply(result=Result.FAILED, errors=(Error(code="2.15", details=rule),))
    assert wrong(ann.post("/zones", ZONE, 422)) == {"zone": rule}


def test_outages_share_an_incident_and_leave_it(house: House, desk: Desk, say: Say) -> None:
    house.accept(say(Verb.CHANGED, told(OUTAGE, incident=(Incident(mrid="storm-1"),))))
    ann = house.person("ann", Role.OPERATOR)
    place = f"/outages/{OUTAGE}"
    assert "<dt>Incident</dt><dd>storm-1</dd>" in ann.get(place)
    ann.post(place, {"deed": "group", "group": "storm-2"})
    there = [(one.mrid, [name.name for name in one.names]) for one in desk.outage.incident]
    assert there == [("storm-1", []), (None, ["storm-2"])]
    ann.post(place, {"deed": "ungroup", "group": "storm-1"})
    request = desk.asked[-1][1].request
    assert request is not None
    assert [(one.name, one.value) for one in request.options] == [("ungroup", "storm-1")]
    assert desk.outage.incident == ()
    assert wrong(ann.post(place, {"deed": "group"}, 422)) == {
        "group": "The incident: it is missing."
    }


def test_a_call_without_a_place_gets_one_or_is_over(house: House, desk: Desk) -> None:
    ann = house.person("ann", Role.OPERATOR)
    form = {"deed": "placed", "ticket": "T-7", "where": "point-1 name"}
    assert ann.post("/calls/known", form) == "/outages?done=placed"
    mrid = "6d0f3f6e-5a58-5c0c-8f0e-2f1d7c8f4a20"
    assert ann.post("/calls/known", {"deed": "answered", "ticket": mrid}).endswith("answered")
    (_, placed), (who, closed) = desk.asked
    assert isinstance(placed.payload, TroubleTickets)
    assert isinstance(closed.payload, TroubleTickets)
    [one], [other] = placed.payload.trouble_ticket, closed.payload.trouble_ticket
    assert (placed.verb, one.mrid, one.names) == (Verb.CHANGE, None, (Name(name="T-7"),))
    assert one.service_location is not None
    assert [point.mrid for point in one.service_location.usage_points] == ["point-1"]
    assert (who, closed.verb, other.mrid, other.names) == ("ann", Verb.CLOSE, mrid, ())


def test_what_is_wrong_with_a_known_call_is_at_its_fields(house: House, desk: Desk) -> None:
    ann = house.person("ann", Role.OPERATOR)
    page = ann.post("/calls/known", {"deed": "placed", "where": "nowhere"}, 422)
    assert wrong(page) == {
        "known-call-ticket": "The call: its number is missing.",
        "known-call-where": "Where 'nowhere': no usage point or meter is called so.",
    }
    assert desk.asked == []
    rule = "TroubleTicket T-9: no open ticket is called so."
    desk.reply = Reply(result=Result.FAILED, errors=(Error(code="2.15", details=rule),))
    form = {"deed": "answered", "ticket": "T-9"}
    assert wrong(ann.post("/calls/known", form, 422)) == {"known-call-ticket": rule}


def test_only_who_has_the_right_enters_anything(house: House, desk: Desk) -> None:
    eve = house.person("eve", Role.ENGINEER)
    assert 'id="enter"' not in eve.get("/outages")
    for path, form in (
        ("/planned", PLAN),
        ("/dangers", DANGER),
        ("/zones", ZONE),
        ("/calls", CALL),
        ("/calls/known", {"deed": "placed"}),
    ):
        eve.post(path, form, 403)
    assert desk.asked == []


@pytest.mark.parametrize(
    ("place", "form", "rule", "field"),
    [
        (
            "/outages",
            {"device": "CB1", "at": "1900-01-01T00:00"},
            "UnplannedOutage, reportedStartTime 1900: it lies more than 60 days in the past.",
            "at",
        ),
        (
            f"/outages/{OUTAGE}",
            {"deed": "expect", "at": "9999-01-01T00:00"},
            "UnplannedOutage, EstimatedRestorationTime.ert 9999: it lies more than 30 days ahead.",
            "expected",
        ),
        (
            "/zones",
            {**ZONE, "at": "9999-01-01T00:00"},
            "Option zone F, EstimatedRestorationTime.ert 9999: it lies more than 30 days ahead.",
            "zone-at",
        ),
    ],
)
def test_an_absurd_time_is_told_at_its_field(
    house: House, desk: Desk, place: str, form: dict[str, object], rule: str, field: str
) -> None:
    desk.reply = Reply(result=Result.FAILED, errors=(Error(code="6.1", details=rule),))
    page = house.person("ann", Role.OPERATOR).post(place, form, 422)
    assert wrong(page) == {field: rule}
