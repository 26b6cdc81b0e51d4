"""A dispatcher leads an outage from the console, in a browser, with the applications behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from cim.message import Outgoing, Result, Verb
from cim.profiles import crews
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.identification import Name
from cim.profiles.outages import ConductingEquipment
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from cim.profiles.unplanned_outages import UnplannedOutage, UnplannedOutages
from hub.dispatch.requested import act
from hub.security import audit, people
from hub.security.roles import Role
from tests.chromium import Chromium
from tests.cim.network.drawing import model
from tests.dms_apps.planned_outages.playing import street
from tests.end_to_end.test_console_browser import PASSWORD
from tests.end_to_end.test_load_flow import House, running
from tests.installed import until

APPS: dict[str, dict[str, object]] = {
    "outage": {"hold_off": 0.2, "pace": 0.1},
    "crews": {
        "pace": 0.1,
        "zones": {"North": {"feeders": ["F-9"]}},
        "dispatchers": {"ann": ["North"], "ben": []},
    },
    "trouble_calls": {},
    "restoration_times": {"settle": 0.1},
    "planned_outages": {"settle": 0.1},
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with running(tmp_path, **APPS) as found:
        payload = model("street", street().document()).payload
        assert payload is not None
        found.tell(payload)  # type: ignore[arg-type]  # a noun
        found.tell(crews.Crews(crew=(on_shift("c-1", "Line 1"), on_shift("c-2", "Line 2"))))
        yield found


def enter(house: House, browser: Chromium, name: str, role: Role) -> None:
    """A new person logs in and chooses a password."""
    with house.hub.journal.transaction() as transaction:
        now, roles = transaction.now, house.hub.roles
        once = people.add(transaction.connection, "t", name, [role], roles, now)
    browser.open("/")
    for field, value in {"#name": name, "#password": once}.items():
        browser.write(field, value)
    browser.click("main button")
    for field, value in {"#old": once, "#new": PASSWORD, "#again": PASSWORD}.items():
        browser.write(field, value)
    browser.click("main button")
    browser.find("#live")


def on_shift(mrid: str, name: str) -> crews.Crew:
    now = datetime.now(UTC)
    shift = DateTimeInterval(start=now - timedelta(hours=1), end=now + timedelta(hours=7))
    return crews.Crew(
        mrid=mrid,
        names=(Name(name=name),),
        shift_patterns=(crews.ShiftPattern(validity_interval=shift),),
    )


@pytest.fixture
def browser(driver: httpx.Client, house: House) -> Iterator[Chromium]:
    assert house.hub.url
    browser = Chromium(driver, house.hub.url)
    browser.complaints()
    yield browser
    browser.ask("DELETE", "cookie")
    browser.ask("POST", "url", url="about:blank")  # a page asks its hub again and again


def told(house: House, verb: Verb, **has: object) -> UnplannedOutage:
    """The newest outage told so, with these attributes."""

    def is_so(payload: UnplannedOutages) -> bool:
        return all(getattr(payload.unplanned_outage[0], k) == v for k, v in has.items())

    payload = house.told("UnplannedOutages", verb, is_so).payload
    assert isinstance(payload, UnplannedOutages)
    return payload.unplanned_outage[0]


def submit(browser: Chromium, within: str, deed: str, said: str) -> None:
    """Send a form, opening what it is hidden in, and read what became of it."""
    browser.run(f"document.querySelectorAll('{within} details').forEach(d => d.open = true)")
    browser.click(f"{within} button[value='{deed}']")
    browser.sees("p", said)


def audited(house: House) -> list[tuple[str, str, str]]:
    with house.hub.journal.reading() as connection:
        return [
            (one.actor, one.subject, one.outcome)
            for one in audit.entries(connection)
            if one.action == "request.accept"
        ]


def test_a_dispatcher_leads_an_outage(house: House, browser: Chromium) -> None:
    enter(house, browser, "ann", Role.OPERATOR)
    browser.open("/outages")
    browser.click("#enter-outage summary")
    browser.write("#device", "no such")
    browser.click("#enter-outage button")
    browser.sees("p", "Not done: The device 'no such': it is not in the network.")
    # What was typed is still there, with what is wrong with it, and has the focus.
    assert browser.run("return document.activeElement.value") == "no such"
    assert browser.text("#device-wrong") == "The device 'no such': it is not in the network."
    browser.run("document.activeElement.value = ''")
    browser.write("#device", "S1 name")
    browser.click("#enter-outage button")
    browser.sees("p", "The outage was entered.")
    mrid = told(house, Verb.CREATED).mrid
    browser.open(f"/outages/{mrid}")
    browser.sees("option", "Line 1: free")
    browser.picture("dispatching")
    submit(browser, "#orders", "send", "The crew is sent.")
    assert told(house, Verb.CHANGED, status_kind="assigned").crew[0].mrid == "c-1"
    browser.sees("dd", "Line 1 assigned")
    browser.run("document.querySelector('#stage-1').value = 'enroute'")
    submit(browser, "#orders", "stage", "The order has moved on.")
    told(house, Verb.CHANGED, status_kind="enroute")
    browser.sees("dd", "Line 1 enroute")
    browser.run("document.querySelector('#crew-1').value = 'c-2'")
    browser.click("#beside-1")
    submit(browser, "#orders", "send", "The crew is sent.")
    browser.sees("dd", "Line 1 enroute, Line 2 assigned")

    later = (datetime.now(UTC) + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    browser.run(f"document.querySelector('#expected').value = '{later}'")
    submit(browser, "#deeds", "expect", "The restoration time was told.")
    browser.sees("dd", f"{later[-5:]} dispatcher")
    browser.run("document.querySelector('#cause').value = 'A tree on the line'")
    submit(browser, "#deeds", "note", "Cause and remark were kept.")
    browser.sees("dd", "A tree on the line")
    browser.picture("dispatching-led")

    browser.click("#point-1")
    submit(browser, "#back", "step", "Some have supply again.")
    told(house, Verb.CHANGED, outage_kind="partiallyRestored")
    browser.sees("dd", "1 have supply again")
    before = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    browser.run(f"document.querySelector('#until').value = '{before}'")
    submit(browser, "#deeds", "restored", "Not done: The outage")
    assert "it lies before its start" in browser.text("[role=alert]")
    wrong(browser, "until", "it lies before its start")
    browser.run("document.querySelector('#until').value = ''")
    submit(browser, "#deeds", "close", "The outage is closed.")
    told(house, Verb.CLOSED)
    until(lambda: ("ann", "close UnplannedOutages", "ok") in audited(house), "it is audited")
    # A page that says what was not done is all that the browser complains of.
    assert ["422" in one for one in browser.complaints()] == [True, True]
    browser.sees("td", "ann")
    browser.picture("dispatching-over")


def test_who_only_looks_has_no_forms(house: House, browser: Chromium) -> None:
    enter(house, browser, "vic", Role.VIEWER)
    browser.open("/outages")
    browser.sees("h2", "Open, the most urgent first")
    assert "Enter an outage" not in browser.text("main")


def test_a_planned_outage_is_led(house: House, browser: Chromium) -> None:
    enter(house, browser, "ann", Role.OPERATOR)
    begins = datetime.now(UTC) + timedelta(days=1)
    one = PlannedOutage(
        names=(Name(name="Pole 117"),),
        reason="A pole is renewed",
        estimated_period=DateTimeInterval(start=begins, end=begins + timedelta(hours=2)),
        outage_isolation_equipment=(ConductingEquipment(mrid="S2"),),
        status=Status(reason="It leans"),
    )
    asked = Outgoing(Verb.CREATE, PlannedOutages(planned_outage=(one,)))
    reply = act(house.hub.hub, "ann", asked, seconds=20.0).reply
    assert reply is not None
    assert reply.result is Result.OK
    house.told("PlannedOutages", Verb.CREATED, lambda payload: payload.planned_outage)
    browser.open("/outages")
    browser.click("#planned tbody th a")
    browser.sees("h1", "Planned outage Pole 117")
    browser.click("details[hx-get*='notified'] summary")
    browser.sees("td", "p3")
    browser.picture("dispatching-planned")
    submit(browser, "#deeds", "begin", "Not done: PlannedOutage")
    assert "Status.reason must say why" in browser.text("[role=alert]")
    browser.write("#why", "It fell")
    submit(browser, "#deeds", "begin", "The planned outage has begun.")
    house.told("PlannedOutages", Verb.CHANGED, is_active)
    browser.open(browser.path().split("?")[0])
    submit(browser, "#deeds", "end", "The planned outage is over.")
    assert ["422" in one for one in browser.complaints()] == [True]


def is_active(payload: PlannedOutages) -> bool:
    [one] = payload.planned_outage
    return one.status is not None and one.status.value == "active"


def wrong(browser: Chromium, field: str, said: str) -> None:
    """The field that has the focus says what is wrong with it."""
    browser.sees("span", said)
    assert browser.run("return document.activeElement.id") == field
    assert browser.run("return document.activeElement.getAttribute('aria-invalid')") == "true"


def filled(browser: Chromium, fields: Mapping[str, str]) -> None:
    """What a person types, by the field."""
    for field, text in fields.items():
        browser.write(f"#{field}", text)


def corrected(browser: Chromium, field: str, said: str, better: str, picture: str) -> None:
    """The field that has the focus says what is wrong with it, and gets something else."""
    wrong(browser, field, said)
    browser.picture(picture)
    browser.run("document.activeElement.value = ''")
    browser.write(f"#{field}", better)


def test_a_planned_outage_is_entered_by_keyboard(house: House, browser: Chromium) -> None:
    enter(house, browser, "ann", Role.OPERATOR)
    browser.open("/outages")
    browser.run("document.querySelector('#enter-planned summary').focus()")
    browser.press("\ue007")  # Enter
    day = datetime.now(UTC) + timedelta(days=1)
    for field, hour in {"begins": "08:00", "ends": "12:00"}.items():
        value = f"{day:%Y-%m-%d}T{hour}"
        browser.run(f"document.querySelector('#plan-{field}').value = '{value}'")
    plan = {"devices": "S2 name, S99", "number": "Pole 9", "reason": "A pole is renewed"}
    filled(browser, {f"plan-{name}": text for name, text in plan.items()})
    browser.press("\ue007")
    why = "Devices 'S99': not in the network, or several."
    corrected(browser, "plan-devices", why, "S2 name", "entering-planned")
    browser.click("#enter-planned button")
    wrong(browser, "plan-why", "Status.reason must say why")
    browser.write("#plan-why", "It may fall")
    browser.press("\ue007")
    browser.sees("h1", "Planned outage Pole 9")
    browser.sees("p", "The outage is planned.")
    browser.picture("entered-planned")
    until(lambda: ("ann", "create PlannedOutages", "ok") in audited(house), "it is audited")
    assert ["422" in one for one in browser.complaints()] == [True, True]


def test_a_danger_is_entered_and_is_over(house: House, browser: Chromium) -> None:
    enter(house, browser, "ann", Role.OPERATOR)
    browser.open("/outages")
    browser.click("#enter-danger summary")
    danger = {"where": "the old mill", "kind": "wire down", "hazard": "live"}
    filled(browser, {f"danger-{name}": text for name, text in danger.items()})
    browser.click("#enter-danger button")
    why = "Where 'the old mill': no device, usage point or meter"
    corrected(browser, "danger-where", why, "p1 name", "entering-danger")
    browser.click("#enter-danger button")
    browser.sees("p", "The danger was entered.")
    mrid = told(house, Verb.CREATED).mrid
    browser.open(f"/outages/{mrid}")
    browser.sees("span", "wire down: live")
    submit(browser, "#deeds", "safe", "The danger is over.")
    told(house, Verb.CLOSED)
    until(lambda: ("ann", "close Incidents", "ok") in audited(house), "it is audited")
    assert ["422" in one for one in browser.complaints()] == [True]


def test_a_zone_is_handed_over(house: House, browser: Chromium) -> None:
    enter(house, browser, "ann", Role.OPERATOR)
    browser.open("/outages")
    browser.click("#enter-hand summary")
    filled(browser, {"hand-zone": "Nord", "hand-dispatcher": "ben"})
    browser.click("#enter-hand button")
    corrected(browser, "hand-zone", "there is no zone 'Nord'", "North", "handing-over")
    browser.click("#enter-hand button")
    browser.sees("p", "The zone is handed over.")
    browser.open("/analysis/crews/dispatchers")
    assert "ben North" in " ".join(browser.text("tbody").split())
    until(lambda: ("ann", "change TroubleOrders", "ok") in audited(house), "it is audited")
    assert ["422" in one for one in browser.complaints()] == [True]


def test_a_call_is_taken(house: House, browser: Chromium) -> None:
    enter(house, browser, "ann", Role.OPERATOR)
    browser.open("/outages")
    browser.click("#enter-call summary")
    call = {"caller": "Ada Bell", "phone": "+4715550123", "where": "p99", "text": "It went dark"}
    filled(browser, {f"call-{name}": text for name, text in call.items()})
    browser.click("#enter-call button")
    why = "Where 'p99': no usage point or meter is called so."
    corrected(browser, "call-where", why, "p1 name", "entering-call")
    browser.click("#enter-call button")
    browser.sees("p", "The call was entered.")
    assert [point.mrid for point in told(house, Verb.CREATED).de_energized_usage_point] == ["p1"]
    until(lambda: ("ann", "create TroubleTickets", "ok") in audited(house), "it is audited")
    assert ["422" in one for one in browser.complaints()] == [True]


def test_outages_share_an_incident_and_a_zone_a_time(house: House, browser: Chromium) -> None:
    enter(house, browser, "ann", Role.OPERATOR)
    browser.open("/outages")
    browser.click("#enter-outage summary")
    browser.write("#device", "S1 name")
    browser.click("#enter-outage button")
    browser.sees("p", "The outage was entered.")
    mrid = told(house, Verb.CREATED).mrid
    browser.open(f"/outages/{mrid}")
    browser.click("#shared summary")
    browser.write("#group", "storm 7")
    submit(browser, "#deeds", "group", "It shares the incident with others.")
    browser.sees("dd", "storm 7")
    submit(browser, "#deeds", "ungroup", "It is out of the incident.")
    browser.open("/outages")
    browser.click("#enter-zone summary")
    browser.write("#zone", "nowhere")
    later = (datetime.now(UTC) + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    browser.run(f"document.querySelector('#zone-at').value = '{later}'")
    browser.click("#enter-zone button[value='zone']")
    wrong(browser, "zone", "there is no feeder or region 'nowhere'")
    feeder = house.hub.hub.network.feeder_of("S1")
    browser.run("document.activeElement.value = ''")
    browser.write("#zone", feeder)
    browser.click("#enter-zone button[value='zone']")
    browser.sees("p", "The restoration time was told of the zone")
    house.told("UnplannedOutages", Verb.CHANGED, is_of_zone)


def is_of_zone(payload: UnplannedOutages) -> bool:
    expected = payload.unplanned_outage[0].estimated_restoration_time
    return expected is not None and expected.ert_source == "zone"
