"""Random streams of all that an outage app may hear, on a network with a tie and single phases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from cim.message import Verb
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.field_locations import Premises
from cim.profiles.identification import Name
from cim.profiles.incidents import Incident, IncidentHazard, Incidents
from cim.profiles.outages import ConductingEquipment, OutageStatusKind
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from cim.profiles.trouble_tickets import TroubleTicket, TroubleTickets
from tests.dms_apps.outage.altering import altered as alteration
from tests.dms_apps.outage.asking import ask, points
from tests.dms_apps.outage.conftest import event_message, mrid

#  SS1 -+- CB1 -+- R1 -+- T1: M1 M2
#       |       |      +- L1 (A) -- T2: M3
#       |       +- T3: M4 (A) M5 (B) M6 (C)      R1's node =[TIE, open]= CB2's node
#       +- CB2 -- T4: M7 M8
NETWORK: list[dict[str, Any]] = [
    {"id": "CB1", "parent": "SS1", "kind": "breaker", "phases": "ABC"},
    {"id": "CB2", "parent": "SS1", "kind": "breaker", "phases": "ABC"},
    {"id": "R1", "parent": "CB1", "kind": "recloser", "phases": "ABC"},
    {"id": "T1", "parent": "R1", "kind": "transformer", "premises": ["M1", "M2"]},
    {"id": "L1", "parent": "R1", "kind": "fuse", "phases": "A"},
    {"id": "T2", "parent": "L1", "kind": "transformer", "phases": "A", "premises": ["M3:A"]},
    {"id": "T3", "parent": "CB1", "kind": "transformer", "premises": ["M4:A", "M5:B", "M6:C"]},
    {"id": "T4", "parent": "CB2", "kind": "transformer", "premises": ["M7", "M8"]},
    {"id": "TIE", "parent": "R1", "to": "CB2", "kind": "tie"},
]
METERS = [f"M{n}" for n in range(1, 9)]
DEVICES = [str(one["id"]) for one in NETWORK]


def served(**of: list[str]) -> list[dict[str, Any]]:
    """The network with other usage points at some transformers."""
    return [one | {"premises": of[one["id"]]} if one["id"] in of else one for one in NETWORK]


MODELS = {
    "as it was": NETWORK,
    "M2 moved to T4": served(T1=["M1"], T4=["M2", "M7", "M8"]),
    "M8 gone": served(T4=["M7"]),
    "M9 new": served(T4=["M7", "M8", "M9"]),
}
LAGS = st.sampled_from([0, 0, 0, 0, 5, 70, 200, 2500, 9000])
CODES = {"lost": "3.26.0.85", "restored": "3.26.0.216", "on": "3.26.0.1"}

spoken = st.fixed_dictionaries(
    {
        "meter": st.sampled_from([*METERS, *METERS, "M9"]),
        "says": st.sampled_from(["lost", "lost", "restored", "on"]),
        "lag": LAGS,
    },
    optional={"late": st.just(value=True)},
)
several = st.fixed_dictionaries(
    {
        "meters": st.lists(st.sampled_from(METERS), min_size=2, max_size=5, unique=True),
        "says": st.sampled_from(["lost", "lost", "restored"]),
        "lag": LAGS,
    }
)
called = st.fixed_dictionaries(
    {
        "call": st.sampled_from([*METERS, "M9"]),
        "does": st.sampled_from(["rings", "rings", "rings", "powerOn", "powerOff", "closed"]),
        "hazard": st.booleans(),
        "lag": LAGS,
    }
)
operated = st.fixed_dictionaries(
    {
        "switch": st.sampled_from(["CB1", "R1", "CB2", "TIE"]),
        "to": st.sampled_from(["open", "close"]),
        "lag": LAGS,
    },
    optional={"phases": st.sampled_from(["A", "B", "AB"]), "named": st.just(value=True)},
)
reclosing = st.fixed_dictionaries(
    {"recloses": st.sampled_from(["CB1", "R1"]), "after": st.sampled_from([0, 2, 40, 90])}
)
altered = st.fixed_dictionaries(
    {
        "alters": st.sampled_from(
            [("jumper", "CB1-CB2"), ("jumper", "T1-SS1"), ("source", "~T3"), ("source", "SS1"),
             ("service", "T1"), ("service", "R1"), ("load", "M4")]
        ),
        "to": st.sampled_from(["open", "close"]),
        "lag": LAGS,
    },
    optional={"phases": st.sampled_from(["A", "BC"]), "named": st.just(value=True)},
)  # fmt: skip
planned = st.fixed_dictionaries(
    {
        "plan": st.sampled_from(["CB2", "T1", "R1"]),
        "begins": st.sampled_from([-600, 0, 300]),
        "lasts": st.sampled_from([200, 3000]),
        "is": st.sampled_from(["planned", "planned", "actual", "cancelled"]),
    },
    optional={"out": st.lists(st.sampled_from(METERS), min_size=1, max_size=3, unique=True)},
)
modelled = st.fixed_dictionaries({"model": st.sampled_from([*MODELS])})
incidents = st.fixed_dictionaries(
    {"incident": st.sampled_from(["M1", "M7"]), "over": st.booleans()}
)
_device = st.sampled_from(["CB1", "R1", "T1", "T3", "T4", "L1"])
_some = st.lists(st.sampled_from(METERS), min_size=1, max_size=3, unique=True)
_place = st.sampled_from(["CB1", "R1", "T1", "T3", "T4", *METERS, "one", "two"])
asked = st.one_of(
    st.fixed_dictionaries(
        {"ask": st.just("change"), "of": _place},
        optional={
            "kind": st.sampled_from(
                ["predicted", "confirmed", "partiallyRestored", "restored", "closed"]
            ),
            "device": _device,
            "back": _some,
            "into": _place,
            "crew": st.sampled_from(["assigned", "enroute", "arrived"]),
            "incident": st.just("I-1"),
        },
    ),
    st.fixed_dictionaries(
        {"ask": st.just("create"), "new": st.sampled_from(["one", "two"])},
        optional={"device": _device, "out": _some, "from": _place},
    ),
    st.fixed_dictionaries({"ask": st.sampled_from(["close", "cancel"]), "of": _place}),
)
waits = st.sampled_from([0, 0, 1, 30, 61, 90, 400, 4000, 40_000])
heard = st.one_of(spoken, spoken, several, several, called, operated, altered, reclosing)
anything = st.one_of(heard, heard, heard, planned, modelled, incidents, asked, asked)


@dataclass
class Player:
    """Hands over events to a run, at its time."""

    run: Any
    number: int = 0

    def play(self, wait: int, event: Mapping[str, Any]) -> None:
        """Let the time pass, and hand over an event."""
        run = self.run
        run.until(run.at + timedelta(seconds=wait))
        self.number += 1
        [how] = [
            getattr(self, f"_{key}")
            for key in ("meter", "meters", "call", "switch", "alters", "recloses", "plan", "model",
                        "incident", "ask")
            if key in event and (key != "incident" or "ask" not in event)
        ]  # fmt: skip
        how(event)

    def _at(self, event: Mapping[str, Any]) -> datetime:
        return self.run.at - timedelta(seconds=event.get("lag", 0))

    def _meter(self, event: Mapping[str, Any]) -> None:
        code, late = CODES[event["says"]], event.get("late", False)
        self.run.meter(event["meter"], code, self._at(event), late=late)

    def _meters(self, event: Mapping[str, Any]) -> None:
        at = self._at(event)
        self.run.meters([(name, CODES[event["says"]], at) for name in event["meters"]])

    def _call(self, event: Mapping[str, Any]) -> None:
        """Each usage point has one ticket."""
        point, at, does = event["call"], self._at(event), event["does"]
        if does == "rings":
            hazards = ["WIRE_DOWN"] if event["hazard"] else []
            self.run.call(point, at, number=point, hazards=hazards)
            return
        status = Status(reason="callback", value=does, date_time=at)
        verb = Verb.CHANGED
        if does == "closed":
            status, verb = Status(date_time=at), Verb.CLOSED
        ticket = TroubleTicket(
            mrid=None,
            names=(Name(name=point),),
            date_time_of_report=None,  # type: ignore[arg-type]  # a change says what is new
            status=status,
        )
        self.run.handle(event_message(TroubleTickets(trouble_ticket=(ticket,)), verb))

    def _switch(self, event: Mapping[str, Any]) -> None:
        phases, named = event.get("phases"), event.get("named", False)
        self.run.switch(event["switch"], event["to"], self._at(event), phases, named=named)

    def _alters(self, event: Mapping[str, Any]) -> None:
        (what, of), phases, at = event["alters"], event.get("phases"), self._at(event)
        named = event.get("named", False)
        self.run.handle(alteration(what, of, event["to"], at, phases, named=named))

    def _recloses(self, event: Mapping[str, Any]) -> None:
        at = self.run.at
        self.run.switch(event["recloses"], "open", at - timedelta(seconds=event["after"]))
        self.run.switch(event["recloses"], "close", at)

    def _plan(self, event: Mapping[str, Any]) -> None:
        begins = self.run.at + timedelta(seconds=event["begins"])
        period = DateTimeInterval(start=begins, end=begins + timedelta(seconds=event["lasts"]))
        actual = event["is"] == "actual" and event["begins"] <= 0
        outage = PlannedOutage(
            mrid=mrid(f"plan {event['plan']}"),
            estimated_period=period,
            actual_period=up_to(period, self.run.at) if actual else None,
            outage_isolation_equipment=(ConductingEquipment(mrid=mrid(event["plan"])),),
            de_energized_usage_point=points(event.get("out", ())),
            energized_usage_point=points(event.get("again", ())),
            outage_kind=OutageStatusKind.PARTIALLY_RESTORED if "again" in event else None,
        )
        verb = Verb.CANCELED if event["is"] == "cancelled" else Verb.CREATED
        self.run.handle(event_message(PlannedOutages(planned_outage=(outage,)), verb))

    def _model(self, event: Mapping[str, Any]) -> None:
        self.run.load(MODELS[event["model"]])

    def _incident(self, event: Mapping[str, Any]) -> None:
        status = Status(value="cleared") if event["over"] else None
        one = Incident(
            mrid=f"at {event['incident']}",
            location=Premises(names=(Name(name=event["incident"]),)),
            incident_hazard=(IncidentHazard(type="WIRE_DOWN", status=status),),
        )
        self.run.handle(event_message(Incidents(incident=(one,))))

    def _ask(self, event: Mapping[str, Any]) -> None:
        given = {**event, "at": 0, "number": self.number}
        ask(self.run, given, self.run.at)


def up_to(period: DateTimeInterval, now: datetime) -> DateTimeInterval:
    """What has not ended yet has no end."""
    ended = period.end if period.end is not None and period.end <= now else None
    return DateTimeInterval(start=period.start, end=ended)


def play(run: Any, events: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """All of them, one after the other."""
    player = Player(run)
    for wait, event in events:
        player.play(wait, event)
