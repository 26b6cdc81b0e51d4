"""What systems ask of outages, tickets, incidents, orders and planned outages, by every way.

A story is a table: what is asked, what is answered, what is then shown and told of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cim.message import Header, Kind, Message, Operation, OperationSet, Verb
from cim.objects import identity, objects
from cim.profile import Profile
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.incidents import Incident, Incidents
from cim.profiles.operations_documents import UnplannedOutage as Pointer
from cim.profiles.operations_staff import Crew as CrewPointer
from cim.profiles.outages import ConductingEquipment as Opened
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from cim.profiles.trouble_orders import Priority, TroubleOrder, TroubleOrders, WorkTask
from cim.profiles.trouble_tickets import TroubleTicket, TroubleTickets
from cim.profiles.unplanned_outages import (
    ConductingEquipment,
    UnplannedOutage,
    UnplannedOutages,
)
from hub.config import Config, Http, RabbitMq
from hub.main import Running
from hub.security import systems
from tests import services
from tests.cim.network.drawing import Drawing, model
from tests.end_to_end.test_load_flow import FOLDER, SYSTEM, House
from tests.installed import until
from tests.ways import Answer, Embedded, Queue, Rest, Soap, Way, request

APPS: dict[str, dict[str, object]] = {
    "outage": {"hold_off": 0.1, "pace": 0.05, "closing": 0.1},
    "crews": {"pace": 0.05},
    "trouble_calls": {},
    "planned_outages": {"settle": 0.1},
    "restoration_times": {"settle": 0.1},
}
CREATE, CHANGE, CLOSE, CANCEL = Verb.CREATE, Verb.CHANGE, Verb.CLOSE, Verb.CANCEL
NOBODY, RULE, MISSING, POINT = "2.15", "6.1", "5.8", "2.12"
UNSAID: Any = None
"""What a noun must have, where a change leaves it out."""


def street() -> Drawing:
    # source - a =[B]= b --l-- c =[S0]= d0: p0x, p0y
    #                          c =[S1]= d1: p1x, p1y ...
    drawing = Drawing().source("a").switch("B", "a", "b").line("l", "b", "c")
    for n in range(8):
        drawing.switch(f"S{n}", "c", f"d{n}", kind="LoadBreakSwitch")
        for point in (f"{n}x", f"{n}y"):
            drawing.consumer(f"h{point}", f"d{n}").usage_point(f"p{point}", f"h{point}")
    return drawing


@dataclass(frozen=True)
class Hall:
    """A hub with all applications of outages, and the ways to it."""

    house: House
    ways: Mapping[str, Way]

    def told(self, verb: Verb, noun: str, mrid: str) -> Message:
        """What an application has told of an object."""
        return self.house.told(
            noun, verb, lambda said: mrid in {identity(one.value) for one in objects(said)}
        )


@pytest.fixture(scope="module", params=["journal", "rabbitmq"])
def hall(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hall]:
    folder: Path = tmp_path_factory.mktemp("hall")
    config = Config(data=folder, adapters=(), apps=tuple(APPS), http=Http(port=0), folder=FOLDER)
    with ExitStack() as ends:
        if request.param == "rabbitmq":
            url = ends.enter_context(services.rabbitmq()).url
            bus = RabbitMq(url=url, inbound={"scada": "scada.to.gridbus"})
            database = ends.enter_context(services.postgresql(durable=False))
            config = replace(config, rabbitmq=bus, database=database)
        hub = ends.enter_context(Running(config, {}, APPS))
        with hub.journal.transaction() as transaction:
            system = systems.named("scada", sources=[SYSTEM], roles=["VIEWER"])
            token = systems.add(transaction.connection, "t", system, hub.roles, transaction.now)
        house, soap = House(hub, token), Soap(hub.url, token)
        ends.callback(soap.close)
        ways: dict[str, Way] = {"soap": soap, "rest": Rest(hub.url, token)}
        if request.param == "rabbitmq":
            ways["bus"] = ends.enter_context(Queue.open(config.rabbitmq.url, "gridbus.in.scada"))
        else:
            ways["bus"] = Embedded(hub)
        payload = model("street", street().document()).payload
        assert isinstance(payload, Profile)
        house.tell(payload)
        yield Hall(house, ways)


@dataclass(frozen=True)
class Step:
    """One request, and what becomes of it.

    said:  of the object; None: the request has its identifier alone.
    code:  of the refusal, and words of its sentence; empty when it is done.
    shows: what `get` tells of it then, by path; empty: that there is none.
    """

    verb: Verb
    said: Profile | None
    code: str = ""
    words: tuple[str, ...] = ()
    shows: Mapping[str, object] = field(default_factory=dict)


Story = Callable[[str, int], list[Step]]


def outage(mrid: str | None, **said: Any) -> UnplannedOutage:
    return UnplannedOutage(mrid=mrid, **{"original_customers_served": UNSAID, **said})


def outages(n: str, place: int) -> list[Step]:
    mrid, switch = f"U-{n}", ConductingEquipment(mrid=f"S{place}")
    new = outage(mrid, original_customers_served=0, outage_isolation_equipment=(switch,))
    stranger = outage(mrid, energized_usage_point=(UsagePoint(mrid="p7y"),))
    return [
        Step(CREATE, new, shows={"outageKind": "confirmed", "metersAffected": 2}),
        Step(CREATE, new, RULE, (mrid, "exists already")),
        Step(CHANGE, outage(mrid, cause="a tree"), shows={"cause": "a tree"}),
        Step(CHANGE, outage(None, cause="a tree"), MISSING, ("UnplannedOutage, mRID",)),
        Step(CHANGE, outage("nobody", cause="a tree"), NOBODY, ("nobody",)),
        Step(CHANGE, stranger, RULE, (mrid, "EnergizedUsagePoint p7y")),
        Step(CLOSE, None, shows={"outageKind": "closed", "metersAffected": 0, "cause": "a tree"}),
        Step(CANCEL, None, RULE, (mrid, "closed", "outageKind")),
    ]


def none(n: str, place: int) -> list[Step]:
    mrid, point = f"V-{n}", UsagePoint(mrid=f"p{place + 4}x")
    new = outage(mrid, original_customers_served=1, de_energized_usage_point=(point,))
    lost = replace(new, de_energized_usage_point=(UsagePoint(mrid="nowhere"),))
    return [
        Step(CREATE, lost, POINT, ("nowhere",)),
        Step(CREATE, new, shows={"metersAffected": 1}),
        Step(CANCEL, outage(mrid), shows={"status.value": "cancelled"}),
        Step(CLOSE, outage(mrid), RULE, (mrid, "cancelled")),
    ]


def ticket(mrid: str | None, **said: Any) -> TroubleTicket:
    return TroubleTicket(mrid=mrid, **{"date_time_of_report": UNSAID, **said})


def tickets(n: str, _: int) -> list[Step]:
    mrid, now = f"T-{n}", datetime.now(UTC)
    new = ticket(mrid, date_time_of_report=now, comment="dark")
    late = ticket(f"{mrid}x", date_time_of_report=now + timedelta(hours=1))
    return [
        Step(CREATE, new, shows={"comment": "dark"}),
        Step(CREATE, new, RULE, (mrid, "exists already")),
        Step(CREATE, late, RULE, (f"{mrid}x", "dateTimeOfReport", "future")),
        Step(CHANGE, ticket(mrid, comment="still dark"), shows={"comment": "still dark"}),
        Step(CHANGE, ticket("nobody", comment="dark"), NOBODY, ("nobody",)),
        Step(
            CLOSE, ticket(mrid, resolved_date_time=now - timedelta(hours=1)), RULE,
            (mrid, "resolvedDateTime", "before the report"),
        ),
        Step(CLOSE, None),
        Step(CANCEL, None, NOBODY, (mrid,)),
    ]  # fmt: skip


def nothing(n: str, _: int) -> list[Step]:
    mrid = f"N-{n}"
    return [
        Step(
            CREATE, ticket(mrid, date_time_of_report=datetime.now(UTC), names=(Name(name=mrid),)),
            shows={"Names.0.name": mrid},
        ),
        Step(CANCEL, ticket(mrid)),
        Step(CANCEL, ticket(None), MISSING, ("TroubleTicket, mRID",)),
    ]  # fmt: skip


def incidents(n: str, _: int) -> list[Step]:
    mrid = f"I-{n}"
    new = Incident(mrid=mrid, subject="wire down")
    return [
        Step(CREATE, Incident(mrid=mrid), MISSING, (mrid, "subject")),
        Step(CREATE, new, shows={"subject": "wire down"}),
        Step(CREATE, new, RULE, (mrid, "exists already")),
        Step(CHANGE, Incident(mrid=mrid, comment="by the school"),
             shows={"comment": "by the school", "subject": "wire down"}),
        Step(CHANGE, Incident(mrid="nobody", comment="a"), NOBODY, ("nobody",)),
        Step(CLOSE, None, shows={"subject": "wire down"}),
        Step(CHANGE, Incident(mrid=mrid, comment="a"), RULE, (mrid, "over")),
    ]  # fmt: skip


def alarms(n: str, _: int) -> list[Step]:
    mrid = f"J-{n}"
    return [
        Step(CREATE, Incident(mrid=mrid, subject="none"), shows={"subject": "none"}),
        Step(CANCEL, Incident(mrid=mrid), shows={"subject": "none"}),
        Step(CLOSE, None, RULE, (mrid, "over")),
    ]


def order(mrid: str | None, **said: Any) -> TroubleOrder:
    return TroubleOrder(mrid=mrid, **{"comment": UNSAID, **said})


def orders(n: str, _: int) -> list[Step]:
    mrid = f"O-{n}"
    ranked = order(mrid, work_task=(WorkTask(priority=Priority(rank=2)),))
    crew = order(mrid, work_task=(WorkTask(crews=(CrewPointer(mrid="nobody"),)),))
    return [
        Step(
            CREATE, order(mrid, comment="tree on the line"),
            shows={"comment": "tree on the line", "status.value": "awaitingCrewAssignment"},
        ),
        Step(CREATE, order(mrid, comment="tree"), RULE, (mrid, "already")),
        Step(CHANGE, ranked, shows={"WorkTask.0.priority.rank": 2}),
        Step(CHANGE, crew, NOBODY, ("WorkTask.Crews", "nobody")),
        Step(CHANGE, order(mrid), MISSING, ("neither crew, status nor Priority.rank",)),
        Step(CLOSE, None, shows={"status.value": "closed"}),
        Step(CANCEL, None, RULE, ("closed",)),
    ]  # fmt: skip


def needless(n: str, _: int) -> list[Step]:
    mrid = f"Q-{n}"
    return [
        Step(CREATE, order(mrid, comment="noise"), shows={"comment": "noise"}),
        Step(CANCEL, order(mrid), shows={"status.value": "canceled"}),
        Step(CLOSE, order("nobody"), NOBODY, ("nobody",)),
    ]


def planned(n: str, place: int) -> list[Step]:
    mrid, start = f"P-{n}", datetime.now(UTC) + timedelta(days=5)
    period = DateTimeInterval(start=start, end=start + timedelta(hours=2))
    soon = DateTimeInterval(start=start - timedelta(days=4), end=start)
    new = PlannedOutage(
        mrid=mrid, reason="new pole", estimated_period=period,
        outage_isolation_equipment=(Opened(mrid=f"S{place}"),),
    )  # fmt: skip
    return [
        Step(CREATE, replace(new, estimated_period=None), MISSING, ("Outage.estimatedPeriod",)),
        Step(CREATE, new, shows={"reason": "new pole", "summary.totalCount": 2}),
        Step(CREATE, new, RULE, (mrid, "exists already")),
        Step(CREATE, replace(new, mrid=f"{mrid}x"), RULE, (f"S{place}", "is switched", mrid)),
        Step(CHANGE, PlannedOutage(mrid=mrid, reason="pole"), shows={"reason": "pole"}),
        Step(
            CHANGE, PlannedOutage(mrid=mrid, estimated_period=soon), RULE,
            (mrid, "Outage.estimatedPeriod", "Status.reason must say why"),
        ),
        Step(CHANGE, PlannedOutage(mrid="nobody", reason="pole"), NOBODY, ("nobody",)),
        Step(CLOSE, None, RULE, (mrid, "it has not begun")),
        Step(CANCEL, None, shows={"status.value": "cancelled"}),
        Step(CANCEL, None, RULE, (mrid, "cancelled")),
    ]  # fmt: skip


NOUNS: Mapping[str, tuple[type[Profile], str, tuple[Story, ...]]] = {
    "UnplannedOutages": (UnplannedOutages, "unplanned_outage", (outages, none)),
    "TroubleTickets": (TroubleTickets, "trouble_ticket", (tickets, nothing)),
    "Incidents": (Incidents, "incident", (incidents, alarms)),
    "TroubleOrders": (TroubleOrders, "trouble_order", (orders, needless)),
    "PlannedOutages": (PlannedOutages, "planned_outage", (planned,)),
}
PLACES = {"soap": 0, "rest": 1, "bus": 2}


def at(one: Any, path: str) -> Any:
    """What stands at a path such as status.value; None where nothing does."""
    for part in path.split("."):
        if not one:
            return None
        one = one[int(part)] if part.isdecimal() else one.get(part)
    return one


def shown(way: Way, noun: str, mrid: str) -> Mapping[str, Any] | None:
    """The object as it is got; None where there is none, and that is said so."""
    answer = way.ask(request(SYSTEM, Verb.GET, noun, None, mrid))
    if answer.result == "FAILED":
        [(code, words)] = answer.errors
        assert code == NOBODY
        assert mrid in words
        return None
    [found] = answer.objects(noun)
    return found


@pytest.mark.parametrize("way", PLACES)
@pytest.mark.parametrize("noun", NOUNS)
def test_requests_are_done_or_refused_in_words(hall: Hall, noun: str, way: str) -> None:
    kind, name, stories = NOUNS[noun]
    for story in stories:
        steps = story(way, PLACES[way])
        mrid = next(i for s in steps if not s.code and s.said and (i := identity(s.said)))
        for step in steps:
            payload = kind(**{name: (step.said,)}) if step.said else None
            ids = () if step.said else (mrid,)
            answer = hall.ways[way].ask(request(SYSTEM, step.verb, noun, payload, *ids))
            check(hall, way, noun, mrid, step, answer)


def check(hall: Hall, way: str, noun: str, mrid: str, step: Step, answer: Answer) -> None:
    where = f"{step.verb} {noun} by {way}: {answer}"
    if step.code:
        [(code, words)] = answer.errors
        assert (answer.result, code) == ("FAILED", step.code), where
        assert not [word for word in step.words if word not in words], where
        return
    assert (answer.result, list(answer.ids)) == ("OK", [mrid]), where
    event = step.verb.event
    assert event is not None
    hall.told(event, noun, mrid)

    def is_shown() -> bool:
        one = shown(hall.ways[way], noun, mrid)
        if not step.shows:
            return one is None
        return one is not None and all(at(one, path) == said for path, said in step.shows.items())

    until(is_shown, lambda: f"{where}; got {shown(hall.ways[way], noun, mrid)}", pace=0.05)


@pytest.mark.parametrize("way", PLACES)
@pytest.mark.parametrize("verb", [CLOSE, CANCEL])
@pytest.mark.parametrize("noun", NOUNS)
def test_a_request_about_nothing_says_so(hall: Hall, noun: str, verb: Verb, way: str) -> None:
    answer = hall.ways[way].ask(request(SYSTEM, verb, noun))
    [(code, words)] = answer.errors
    assert (answer.result, code) == ("FAILED", MISSING)
    assert noun in words
    strange = hall.ways[way].ask(request(SYSTEM, verb, noun, None, "nobody"))
    [(code, words)] = strange.errors
    assert (strange.result, code) == ("FAILED", NOBODY)
    assert "nobody" in words


@pytest.mark.parametrize("way", ["rest", "bus"])
def test_an_outage_and_its_incident_in_one_set(hall: Hall, way: str) -> None:
    """In sequence the incident finds the outage; in a transaction nobody could take it back."""
    mrid = f"set-{way}"
    switch = ConductingEquipment(mrid=f"S{4 + PLACES[way]}")
    new = outage(mrid, original_customers_served=0, outage_isolation_equipment=(switch,))
    of = Incident(mrid=f"I-{mrid}", subject="tree", unplanned_outage=Pointer(mrid=mrid))
    wanted = (
        Operation(operation_id=1, noun="UnplannedOutages", verb=CREATE,
                  payload=UnplannedOutages(unplanned_outage=(new,))),
        Operation(operation_id=2, noun="Incidents", verb=CREATE, payload=Incidents(incident=(of,))),
    )  # fmt: skip
    whole = hall.ways[way].ask(together(*wanted, integrity=True))
    assert whole.result == "FAILED"
    assert [code for code, _ in whole.errors] == ["5.2", "5.2"]
    assert "without enforceTransactionalIntegrity" in whole.errors[0][1]
    assert shown(hall.ways[way], "UnplannedOutages", mrid) is None

    done = hall.ways[way].ask(together(*wanted, sequence=True))
    assert (done.result, list(done.ids)) == ("OK", [mrid, f"I-{mrid}"]), done
    hall.told(Verb.CREATED, "UnplannedOutages", mrid)
    hall.told(Verb.CREATED, "Incidents", f"I-{mrid}")
    again = hall.ways[way].ask(together(*wanted, sequence=True))
    assert [code for code, _ in again.errors] == [RULE, "5.2"]
    assert "exists already" in again.errors[0][1]


def together(
    *operations: Operation, integrity: bool | None = None, sequence: bool | None = None
) -> Message:
    asked = request(SYSTEM, Verb.EXECUTE, "OperationSet")
    header: Header = asked.header
    payload = OperationSet(
        operations=operations,
        enforce_transactional_integrity=integrity,
        enforce_msg_sequence=sequence,
    )
    return Message(header=header, kind=Kind.REQUEST, payload=payload)
