"""What the dispatcher's forms ask for, who may send them, and what is answered in words."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from cim.message import Error, Outgoing, Reply, Result, Verb
from cim.profiles.planned_outages import PlannedOutages
from cim.profiles.trouble_orders import TroubleOrders
from cim.profiles.unplanned_outages import OutageStatusKind, UnplannedOutage, UnplannedOutages
from hub.console.deeds import DONE
from hub.dispatch import Hub
from hub.dispatch.requested import act
from hub.dispatch.rights import Rights
from hub.journal import queries
from hub.security import audit
from hub.security.roles import Role
from tests import fakes
from tests.hub.console.desk import Desk, LedApp
from tests.hub.console.house import OUTAGE, House, Say
from tests.hub.console.telling import planned

PLACE = f"/outages/{OUTAGE}"


@pytest.mark.parametrize(
    ("form", "verb", "has"),
    [
        ({"deed": "confirm"}, Verb.CHANGE, {"outage_kind": OutageStatusKind.CONFIRMED}),
        ({"deed": "doubt"}, Verb.CHANGE, {"outage_kind": OutageStatusKind.PREDICTED}),
        ({"deed": "restored"}, Verb.CHANGE, {"outage_kind": OutageStatusKind.RESTORED}),
        ({"deed": "close"}, Verb.CLOSE, {"outage_kind": None}),
        ({"deed": "cancel"}, Verb.CANCEL, {"outage_kind": None}),
        ({"deed": "note", "cause": "a kite"}, Verb.CHANGE, {"cause": "a kite", "comment": None}),
    ],
)
def test_a_form_is_a_request(
    house: House, desk: Desk, form: dict[str, object], verb: Verb, has: dict[str, object]
) -> None:
    ann = house.person("ann", Role.OPERATOR)
    assert ann.post(PLACE, form) == f"{PLACE}?done={form['deed']}"
    [(who, asked)] = desk.asked
    assert (who, asked.verb, desk.outage.mrid) == ("ann", verb, OUTAGE)
    for name, value in has.items():
        assert getattr(desk.outage, name) == value


def test_what_belongs_together_is_said_by_options(house: House, desk: Desk) -> None:
    ann = house.person("ann", Role.OPERATOR)
    assert '<option value="other">F7, 3 customers' in ann.get(PLACE)
    ann.post(PLACE, {"deed": "merge", "other": "other"})
    ann.post(PLACE, {"deed": "split", "point": ["point-1"]})
    requests = [asked.request for _, asked in desk.asked]
    assert [(r.options[0].name, r.options[0].value) for r in requests if r] == [
        ("merge-into", "other"),
        ("split-from", OUTAGE),
    ]
    assert [one.mrid for one in desk.outage.de_energized_usage_point] == ["point-1"]
    ann.post(PLACE, {"deed": "move", "device": "CB1"})
    assert desk.outage.outage_isolation_equipment[0].mrid == "CB1"
    ann.post("/outages", {"device": "line", "at": "2026-03-01T11:00"})
    assert (desk.outage.mrid, str(desk.outage.reported_start_time)) == (
        None,
        "2026-03-01 11:00:00+00:00",
    )


def test_supply_is_back_below_a_device_for_those_of_the_outage(house: House, desk: Desk) -> None:
    house.person("ann", Role.OPERATOR).post(PLACE, {"deed": "step", "device": "fuse-7"})
    assert [p.mrid for p in desk.outage.energized_usage_point] == ["point-0", "point-1", "point-2"]


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"deed": "move", "device": "F99"}, "The device &#39;F99&#39;: it is not in the network."),
        ({"deed": "move"}, "The device: it is missing."),
        ({"deed": "merge"}, "The other outage: none was chosen."),
        ({"deed": "step"}, "name a device, or mark usage points"),
        ({"deed": "expect"}, "Supply expected: the time is missing."),
        ({"deed": "expect", "at": "noon"}, "The time &#39;noon&#39;: it must be like"),
        ({"deed": "note"}, "nothing was filled in"),
        ({"deed": "explode"}, "There is no deed"),
    ],
)
def test_what_is_not_filled_in_is_told_in_words(
    house: House, desk: Desk, form: dict[str, object], why: str
) -> None:
    assert why in house.person("ann", Role.OPERATOR).post(PLACE, form, 422)
    assert desk.asked == []


def test_a_refusal_is_told_on_the_page(house: House, desk: Desk) -> None:
    desk.reply = Reply(result=Result.FAILED, errors=(Error(code="6.1", details="It is closed."),))
    ann = house.person("ann", Role.OPERATOR)
    assert "Not done: It is closed." in ann.post(PLACE, {"deed": "confirm"}, 422)
    assert "Not done: It is closed." in ann.post("/outages", {"device": "line"}, 422)
    form = {"deed": "first", "order": "order-7"}
    assert "Not done: It is closed." in ann.post(f"/orders/{OUTAGE}", form, 422)


def test_crews_are_sent_beside_others_or_in_their_place(house: House, desk: Desk) -> None:
    ann = house.person("ann", Role.OPERATOR)
    page = ann.get(f"/orders/{OUTAGE}")
    assert "Line 1 enroute" in page
    assert "Line 2: free; tree" in page
    assert "T-8" not in page
    form: dict[str, object] = {"deed": "send", "order": "order-7", "number": "T-7", "crew": "c-2"}
    ann.post(f"/orders/{OUTAGE}", form)
    ann.post(f"/orders/{OUTAGE}", {**form, "beside": "true"})
    ann.post(f"/orders/{OUTAGE}", {**form, "deed": "stage", "stage": "arrived"})
    orders = [a.payload.trouble_order[0] for _, a in desk.asked
              if isinstance(a.payload, TroubleOrders)]  # fmt: skip
    crews = [[c.mrid for t in one.work_task for c in t.crews] for one in orders]
    assert crews == [["c-2"], ["c-1", "c-2"], []]
    assert (orders[2].mrid, orders[2].status and orders[2].status.value) == ("order-7", "arrived")
    said = ann.post(f"/orders/{OUTAGE}", {**form, "deed": "stage", "stage": "asleep"}, 422)
    assert "The state &#39;asleep&#39;: it is none of assigned" in said


def test_calls_and_dangers_without_a_place_are_seen_at_once(house: House, desk: Desk) -> None:
    page = house.person("ann", Role.OPERATOR).get("/outages")
    there = '<a href="/analysis/crews/unresolved">2</a>'
    assert f"<dt>Calls and dangers without a place</dt><dd>{there}" in page
    house.view = replace(house.view, apps={})
    assert "without a place" not in house.person("bob", Role.OPERATOR).get("/outages")


@pytest.mark.parametrize(
    ("form", "verb", "value"),
    [
        ({"deed": "begin"}, Verb.CHANGE, "active"),
        ({"deed": "end", "why": "a meter is dead"}, Verb.CLOSE, None),
        ({"deed": "withdraw", "why": "rain"}, Verb.CANCEL, None),
        ({"deed": "shift", "ends": "2026-03-09T14:00"}, Verb.CHANGE, None),
    ],
)
def test_planned_outages_are_led(
    house: House, desk: Desk, say: Say, form: dict[str, str], verb: Verb, value: str | None
) -> None:
    house.accept(say(Verb.CREATED, planned("P-1", "planned")))
    ann = house.person("ann", Role.OPERATOR)
    assert '<a href="/planned/P-1">' in ann.get("/outages")
    assert 'id="deeds"' in ann.get("/planned/P-1")
    assert ann.post("/planned/P-1", dict(form)) == f"/planned/P-1?done={form['deed']}"
    assert DONE[form["deed"]] in ann.get(f"/planned/P-1?done={form['deed']}")
    [(who, asked)] = desk.asked
    assert isinstance(asked.payload, PlannedOutages)
    [one] = asked.payload.planned_outage
    assert (who, asked.verb, one.mrid) == ("ann", verb, "P-1")
    assert (one.status.value if one.status else None) == value
    assert (one.status.reason if one.status else None) == form.get("why")
    assert (one.estimated_period is not None) == ("ends" in form)


def test_what_is_wrong_with_a_planned_outage_is_told(house: House, desk: Desk, say: Say) -> None:
    house.accept(say(Verb.CREATED, planned("P-1", "planned")))
    ann = house.person("ann", Role.OPERATOR)
    for form, why in (
        ({"deed": "shift"}, "From and until: both are missing."),
        ({"deed": "shift", "ends": "soon"}, "Until &#39;soon&#39;: it must be like"),
        ({"deed": "dig"}, "There is no deed"),
    ):
        assert why in ann.post("/planned/P-1", dict(form), 422)
    assert ann.client.get("/planned/P-9").status_code == 404
    house.person("eve", Role.ENGINEER).post("/planned/P-1", {"deed": "begin"}, 403)
    assert desk.asked == []


def test_only_who_has_the_right_leads_outages(house: House, desk: Desk) -> None:
    assert 'id="deeds"' in house.person("ann", Role.OPERATOR).get(PLACE)
    eve = house.person("eve", Role.ENGINEER)
    assert 'id="deeds"' not in eve.get(PLACE)
    assert 'name="crew"' not in eve.get(f"/orders/{OUTAGE}")
    for path in (PLACE, "/outages", f"/orders/{OUTAGE}"):
        eve.post(path, {"deed": "cancel", "order": "order-7"}, 403)
    ann = house.person("bob", Role.OPERATOR)
    ann.csrf = "another"
    ann.post(PLACE, {"deed": "cancel"}, 403)
    assert desk.asked == []


def test_without_an_application_nothing_can_be_asked(house: House, desk: Desk) -> None:
    house.view = replace(house.view, apps={})
    page = house.person("ann", Role.OPERATOR).get(PLACE)
    assert 'id="deeds"' not in page
    assert 'id="orders"' not in page


def test_the_hub_looks_at_the_right_itself_and_audits(house: House, desk: Desk) -> None:
    """Whoever gets past the console."""
    house.person("ann", Role.OPERATOR)
    house.person("eve", Role.ENGINEER)
    rights = Rights(house.journal, house.roles)
    hub = Hub(house.journal, {"led": LedApp()}, rights=rights)
    hub.run()
    try:
        ask = partial(act, hub, seconds=20.0)
        said = UnplannedOutage(mrid=OUTAGE, original_customers_served=1)
        asked = Outgoing(Verb.CHANGE, UnplannedOutages(unplanned_outage=(said,)))
        reply = ask("ann", asked).reply
        assert reply is not None
        assert reply.result is Result.OK
        with pytest.raises(Exception, match='eve may not ask for UnplannedOutages: the right "out'):
            ask("eve", asked)
        with pytest.raises(Exception, match="ann may not ask for EndDeviceEvents"):
            ask("ann", Outgoing(Verb.CREATE, fakes.last_gasp("up-1")))
    finally:
        hub.stop()
    with house.journal.reading() as connection:
        found = [(e.actor, e.action, e.outcome) for e in audit.newest(connection, 3)]
        newest = queries.search(connection, queries.Filter(noun="UnplannedOutages", verb="change"))
    assert found == [
        ("ann", "message.send", "refused"),
        ("eve", "message.send", "refused"),
        ("ann", "request.accept", "ok"),
    ]
    assert len(newest) == 1
